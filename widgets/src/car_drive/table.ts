// How far off each model is: now, and typically so far on this drive.
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { type Drive, metres, type Scene, typicalMiss } from "./state";

export interface MissTable {
  element: HTMLElement;
  show(drive: Drive, step: number, misses: number[]): void;
}

export function makeTable(scene: Scene): MissTable {
  const ahead = scene.horizon * scene.step;
  const body = h("tbody");
  const head = [
    "forecast",
    `off, ${ahead} s ahead`,
    `typically so far, ${scene.step} s`,
    `typically so far, ${ahead} s`,
  ];
  const table = h(
    "table",
    { class: "rv-race rv-car-table" },
    h("caption", { class: "rv-hidden" }, "How far off each forecast is"),
    h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
    body,
  );
  return {
    element: h("div", { class: "rv-car-scroll" }, table),
    show: (drive, step, misses) =>
      body.replaceChildren(
        ...scene.models.map((name, index) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, swatch(curveProperty(index), curveDash(index)), ` ${name}`),
            h("td", {}, metres(misses[index])),
            h("td", {}, metres(typicalMiss(drive, scene, index, step, 1))),
            h("td", {}, metres(typicalMiss(drive, scene, index, step, scene.horizon))),
          ),
        ),
      ),
  };
}
