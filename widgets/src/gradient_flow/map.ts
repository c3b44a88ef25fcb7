// The map of all pairs of steps: pressing it chooses a row and a column.
import { makeRamp, readColour, type Scale } from "../lib/draw/colours";
import { cellAt, paintMap } from "../lib/draw/heatmap";
import { linearTicks } from "../lib/draw/plot";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, s, set } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import type { FlowState } from "./state";

/** Orders of magnitude that the colours span, down from the largest value. */
const DECADES = 6;
/** Room for the numbers of the steps and what they are. */
const ROOM = 34;

export interface FlowMap {
  element: HTMLElement;
  scale: HTMLElement;
  width(): number;
  refill(): void;
  /** Lays out the axes for the width there is. */
  fit(): void;
  mark(column: number): void;
}

/** `press` is called when a hand comes down on the map, `goTo` with the cell under it. */
export function makeMap(
  root: HTMLElement,
  state: FlowState,
  press: () => void,
  goTo: (row: number, column: number) => void,
): FlowMap {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const columnMark = h("div", { class: "rv-column-mark" });
  const rowMark = h("div", { class: "rv-row-mark" });
  const map = h("div", { class: "rv-map rv-flow-map", role: "img" }, canvas, columnMark, rowMark);
  const down = s("svg", { class: "rv-axis rv-flow-units", width: ROOM, "aria-hidden": "true" });
  const across = s("svg", { class: "rv-axis rv-flow-steps", height: ROOM, "aria-hidden": "true" });
  const [least, most] = [h("span"), h("span")];
  const tooltip = makeTooltip(root);
  const place = (event: PointerEvent) =>
    cellAt(map.getBoundingClientRect(), state.steps, state.steps, event.clientX, event.clientY);
  map.addEventListener("pointermove", (event) => {
    const { row, column } = place(event);
    const said = `t = ${row}, k = ${column}: ${formatNumber(state.at(row, column))}`;
    tooltip.show(said, event.clientX, event.clientY);
    if (event.buttons & 1) goTo(row, column);
  });
  map.addEventListener("pointerleave", tooltip.hide);
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    press();
    const { row, column } = place(event);
    goTo(row, column);
  });

  return {
    element: h("div", { class: "rv-flow-left" }, down, map, across),
    scale: h("span", { class: "rv-legend" }, least, h("i", { class: "rv-flow-scale" }), most),
    width: () => map.clientWidth,
    refill() {
      const { steps, largest } = state;
      const high = largest > 0 ? Math.log10(largest) : 0;
      const ramp = makeRamp(["--rv-mid", "--rv-grad"].map((name) => readColour(root, name)));
      const scale: Scale = { low: high - DECADES, high, ramp };
      // Nothing flows from a step to one before it, or from a step without a loss: those cells stay see-through.
      const at = (t: number, k: number) => (state.at(t, k) > 0 ? Math.log10(state.at(t, k)) : Number.NaN);
      paintMap(canvas, { rows: steps, columns: steps, at }, scale);
      least.textContent = `≤ ${formatNumber(10 ** scale.low)}`;
      most.textContent = formatNumber(largest);
      map.setAttribute("aria-label", state.sayMap());
    },
    fit() {
      const side = map.clientWidth;
      map.style.height = `${side}px`;
      const ticks = linearTicks([0, state.steps - 1], Math.max(2, side / 60), true);
      const pixel = (step: number) => ((step + 0.5) * side) / state.steps;
      set(across, { width: side + ROOM });
      set(down, { height: side });
      across.replaceChildren(
        ...ticks.map(({ at, label }) => s("text", { x: ROOM + pixel(at), y: 13 }, label)),
        s("text", { x: ROOM + side / 2, y: 30 }, "step k"),
      );
      down.replaceChildren(
        ...ticks.map(({ at, label }) => s("text", { class: "rv-unit-tick", x: 28, y: pixel(at) + 4 }, label)),
        s("text", { transform: `translate(9 ${side / 2}) rotate(-90)` }, "step t"),
      );
    },
    mark(column) {
      const { steps, row } = state;
      columnMark.style.cssText = `left: ${(100 * column) / steps}%; width: ${100 / steps}%`;
      rowMark.style.cssText = `top: ${(100 * row) / steps}%; height: ${100 / steps}%`;
    },
  };
}
