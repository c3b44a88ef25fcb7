// The numbers of the part that is selected, or in view.
import type { Region } from "../lib/draw/region";
import { h } from "../lib/page/dom";
import type { MapsState } from "./state";

const COLUMNS = ["map", "mean", "deviation", "lowest", "highest", "closed", "open"];

export interface Part {
  element: HTMLElement;
  show(): void;
}

/** `zoom` gets the part to show, null for all; `clear` gives the selection up. */
export function makePart(state: MapsState, zoom: (region: Region | null) => void, clear: () => void): Part {
  const element = h("div", { class: "rv-part", hidden: true });
  const button = (text: string, act: () => void) => h("button", { type: "button", onclick: act }, text);
  return {
    element,
    show() {
      const told = state.describePart();
      element.hidden = told === null;
      if (!told) return element.replaceChildren();
      const { brushed } = state;
      const head = COLUMNS.map((text) => h("th", { scope: "col" }, text));
      const rows = told.rows.map(({ name, numbers }) =>
        h("tr", {}, h("th", { scope: "row" }, name), ...numbers.map((text) => h("td", {}, text))),
      );
      element.replaceChildren(
        h(
          "div",
          { class: "rv-controls" },
          h("strong", { role: "status" }, told.title),
          brushed && button("Zoom in", () => zoom(brushed)),
          brushed && button("Clear", clear),
          state.zoom && button("Show all", () => zoom(null)),
        ),
        h(
          "div",
          {
            class: "rv-table-box",
            tabindex: 0,
            role: "group",
            "aria-label": "Statistics of the selected part",
          },
          h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)),
        ),
      );
    },
  };
}
