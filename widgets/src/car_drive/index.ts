// A car on its way through a town: measured, and forecast by several models at every step.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSlider } from "../lib/controls/slider";
import { icon } from "../lib/controls/transport";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { copyFloats } from "../lib/trace/floats";
import { tabulate, writeCode } from "./saved";
import { metres, missOf, readDrives, type Scene, speedOf } from "./state";
import { makeTable } from "./table";
import { HEIGHT, paintMap } from "./view";

/** Milliseconds a step is shown while it plays. */
const PACE = 180;

export default defineWidget("car-drive", ({ model, root, signal }) => {
  const scene: Scene = model.get("scene");
  const drives = readDrives(scene, copyFloats(model.get("data")));
  let chosen = 0;
  let step: number = model.get("step");
  let playing = 0;
  let width = 0;

  const repaint = oncePerFrame(show, signal);
  const last = scene.steps - scene.horizon - 1;
  const slider = makeSlider({
    label: "step",
    ...{ low: 0, high: last, step: 1, value: step },
    say: (value) => `step ${value}, ${(value * scene.step).toFixed(1)} seconds`,
    choose: (value) => {
      step = value;
      repaint();
    },
  });
  const play = h("button", {
    type: "button",
    class: "rv-primary rv-start",
    onclick: () => setPlaying(!playing),
  });
  const others = drives.map((_, index) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => {
          chosen = index;
          repaint();
        },
      },
      `Drive ${index + 1}`,
    ),
  );
  const canvas = h("canvas", { "aria-hidden": "true" });
  const map = h("div", { class: "rv-car-map", role: "img" }, canvas);
  map.style.height = `${HEIGHT}px`;
  const ahead = scene.horizon * scene.step;
  const table = makeTable(scene);
  const said = h("p", { class: "rv-caption" });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, `Where will it be in ${ahead} seconds?`),
      h(
        "div",
        { class: "rv-controls" },
        ...others,
        makeSaveMenu({
          name: "car",
          root,
          table: () => tabulate(scene, drives[chosen]),
          code: () => writeCode(scene, model.get("seed")),
        }),
      ),
    ),
    h("div", { class: "rv-controls" }, play, slider.element),
    map,
    said,
    table.element,
  );
  onWidth(map, signal, (now) => {
    width = now;
    repaint();
  });

  function setPlaying(on: boolean): void {
    window.clearInterval(playing);
    playing = 0;
    if (on) {
      if (step >= last) step = 0;
      playing = window.setInterval(() => {
        if (step >= last) return setPlaying(false);
        step++;
        repaint();
      }, PACE);
    }
    play.replaceChildren(icon(playing ? "pause" : "play"), playing ? "Pause" : "Drive");
  }
  signal.addEventListener("abort", () => window.clearInterval(playing));

  function show(): void {
    const drive = drives[chosen];
    others.forEach((button, index) => {
      button.setAttribute("aria-pressed", String(index === chosen));
    });
    slider.show(step);
    if (width) paintMap(canvas, width, root, scene, drive, step);
    const misses = scene.models.map((_, index) => missOf(drive, scene, index, step));
    table.show(drive, step, misses);
    said.textContent = `${(step * scene.step).toFixed(1)} s: it drives at ${speedOf(drive, scene, step).toFixed(1)} m/s. Squares are measurements, the pale band is the way it will really take.`;
    map.setAttribute(
      "aria-label",
      `${said.textContent} Off in ${ahead} seconds: ${scene.models.map((name, k) => `${name} ${metres(misses[k])}`).join(", ")}.`,
    );
  }

  onTheme(signal, repaint);
  setPlaying(false);
  show();
});
