// Gates and states while the digit is read: units down, rows of the digit across.
import { hueProperty, scaleOf } from "../lib/draw/colours";
import { cellAt, paintMap } from "../lib/draw/heatmap";
import { makeTooltip, type Tooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray } from "../lib/words/sayings";
import type { ReaderState } from "./state";

interface Hand {
  /** The cursor is to stand on a unit and a row, perhaps on a gate. */
  goTo(place: { unit: number; step: number; gate?: string }): void;
  press(): void;
  moveUnit(by: number): void;
}

interface MindMap {
  element: HTMLElement;
  paint(): void;
  mark(row: number, unit: number): void;
  say(): void;
}

export interface MindMaps {
  element: HTMLElement;
  /** Makes the maps of the layer that is looked at now, in the page's colours. */
  build(): void;
  paint(): void;
  mark(row: number, unit: number): void;
  /** Names them for who does not see them. */
  say(): void;
}

export function makeMindMaps(root: HTMLElement, state: ReaderState, hand: Hand): MindMaps {
  const tooltip = makeTooltip(root);
  const element = h("div", {
    class: "rv-mind-maps",
    tabindex: 0,
    role: "group",
    "aria-label": "Gates and states, unit by row of the digit. Up and down arrows choose a unit.",
  });
  const focus = {
    ...hand,
    press() {
      hand.press();
      element.focus({ preventScroll: true });
    },
  };
  element.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    hand.moveUnit(by);
  });
  let maps: MindMap[] = [];
  return {
    element,
    build() {
      maps = state.arrays.map((name) => makeMindMap(root, state, name, tooltip, focus));
      element.replaceChildren(...maps.map((map) => map.element));
    },
    paint() {
      for (const map of maps) map.paint();
    },
    mark(row, unit) {
      for (const map of maps) map.mark(row, unit);
    },
    say() {
      for (const map of maps) map.say();
    },
  };
}

function makeMindMap(
  root: HTMLElement,
  state: ReaderState,
  name: string,
  tooltip: Tooltip,
  hand: Hand,
): MindMap {
  const { rows } = state;
  const { units } = state.layer;
  const canvas = h("canvas", { "aria-hidden": "true" });
  const unread = h("div", { class: "rv-unread" });
  const column = h("div", { class: "rv-column-mark" });
  const line = h("div", { class: "rv-row-mark" });
  const reading = h("span", { class: "rv-reading" });
  const figure = h("div", { class: "rv-map", role: "img" }, canvas, unread, column, line);
  const title = h("strong", { style: `color: var(${hueProperty(name)})` }, capital(sayArray(name)));
  let scale = scaleOf(root, name);
  const place = (event: PointerEvent) => {
    const cell = cellAt(figure.getBoundingClientRect(), units, rows, event.clientX, event.clientY);
    return { unit: cell.row, step: cell.column };
  };
  figure.addEventListener("pointermove", (event) => {
    const { unit, step } = place(event);
    const value = formatNumber(state.valueAt(name, unit, step));
    tooltip.show(`${sayArray(name)}, unit ${unit}, row ${step + 1}: ${value}`, event.clientX, event.clientY);
    if (event.buttons & 1) hand.goTo({ unit, step });
  });
  figure.addEventListener("pointerleave", tooltip.hide);
  figure.addEventListener("pointerdown", (event) => {
    hand.press();
    hand.goTo({ ...place(event), gate: name });
  });
  return {
    element: h("div", { class: "rv-mind-map" }, h("div", { class: "rv-map-head" }, title, reading), figure),
    paint() {
      const limit = state.limitOf(name);
      // A scale is 256 colours worked out: kept until its end moves.
      if (scale.high !== limit) scale = scaleOf(root, name, limit);
      const at = (unit: number, row: number) => state.valueAt(name, unit, row);
      paintMap(canvas, { rows: units, columns: rows, at }, scale);
    },
    mark(row, unit) {
      unread.style.left = `${(100 * (row + 1)) / rows}%`;
      column.style.cssText = `left: ${(100 * row) / rows}%; width: ${100 / rows}%`;
      line.style.cssText = `top: ${(100 * unit) / units}%; height: ${100 / units}%`;
      reading.textContent = `unit ${unit}: ${formatNumber(state.valueAt(name, unit, row), 2)}`;
    },
    say() {
      const size = `${plural(units, "unit")} down, ${plural(rows, "row")} of the digit across`;
      figure.setAttribute("aria-label", `${capital(sayArray(name))}: ${size}.`);
    },
  };
}
