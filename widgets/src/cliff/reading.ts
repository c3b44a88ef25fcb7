// Where the two balls are, in numbers.
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { formatNumber, formatShort } from "../lib/words/format";
import { BALLS, type CliffState, isOut } from "./state";

const COLUMNS = ["ball", "w", "b", "error", "gradient ‖g‖", "next move"];

export interface Reading {
  element: HTMLElement;
  show(): void;
}

export function makeReading(state: CliffState): Reading {
  const body = h("tbody");
  const head = COLUMNS.map((text) => h("th", { scope: "col" }, text));
  return {
    element: h(
      "table",
      { class: "rv-race" },
      h("caption", { class: "rv-hidden" }, "Where the two balls are"),
      h("thead", {}, h("tr", {}, ...head)),
      body,
    ),
    show() {
      body.replaceChildren(
        ...BALLS.map(({ name, property, dash }, k) => {
          const stand = state.paths[k][state.now];
          const off = isOut(stand.at) ? ", off the map" : "";
          return h(
            "tr",
            {},
            h("th", { scope: "row" }, swatch(property, [...dash]), ` ${name}${off}`),
            ...[...stand.at, stand.error].map((value) => h("td", {}, formatNumber(value, 3))),
            h("td", {}, formatShort(stand.norm)),
            h("td", {}, `${formatNumber(state.moveOf(stand), 3)}${stand.factor < 1 ? " (clipped)" : ""}`),
          );
        }),
      );
    },
  };
}
