// The sum so far beside the whole gradient, in which a weight is picked, and its numbers.
import type { Scale } from "../lib/draw/colours";
import { cellAt, paintMap } from "../lib/draw/heatmap";
import type { Tooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import type { WeightState } from "./state";

export function makeMatrices(state: WeightState, tooltip: Tooltip, repaint: () => void) {
  const pick = (row: number, column: number) => {
    state.pick(row, column);
    repaint();
  };
  const sum = makeMatrix("sum so far", state, tooltip, pick);
  const whole = makeMatrix(".grad", state, tooltip, pick);
  const [sumTitle, wholeTitle] = [h("strong"), h("strong")];
  const maps = h(
    "div",
    {
      class: "rv-part-maps",
      tabindex: 0,
      role: "group",
      "aria-label": "The sum so far, beside the whole gradient. Arrows pick a weight.",
    },
    h("div", {}, sumTitle, sum.element),
    h("span", { class: "rv-part-sign", "aria-hidden": "true" }, "→"),
    h("div", {}, wholeTitle, whole.element),
  );
  maps.addEventListener("keydown", (event) => {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    pick(state.picked.row + by[0], state.picked.column + by[1]);
  });
  const numbers = h("dl", { class: "rv-part-numbers" });
  return {
    element: h("div", { class: "rv-part-sum" }, maps, numbers),
    refill(scale: Scale) {
      whole.paint((row, column) => state.total(row, column), scale);
    },
    draw(scale: Scale) {
      const { step } = state;
      sum.paint((row, column) => state.sum(step, row, column), scale);
      for (const matrix of [sum, whole]) matrix.mark();
      sumTitle.textContent = state.saySum();
      wholeTitle.textContent = state.sayWhole();
      numbers.replaceChildren(
        ...state
          .sayNumbers()
          .map(([term, value], k) =>
            h("div", { class: k === 0 ? "rv-part-picked" : null }, h("dt", {}, term), h("dd", {}, value)),
          ),
      );
    },
  };
}

function makeMatrix(
  label: string,
  state: WeightState,
  tooltip: Tooltip,
  pick: (row: number, column: number) => void,
) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const spot = h("div", { class: "rv-part-spot" });
  const element = h("div", { class: "rv-part-matrix", role: "img", "aria-label": label }, canvas, spot);
  let read: (row: number, column: number) => number = () => 0;
  const cell = (event: PointerEvent) =>
    cellAt(element.getBoundingClientRect(), state.rows, state.columns, event.clientX, event.clientY);
  element.addEventListener("pointerdown", (event) => {
    const { row, column } = cell(event);
    pick(row, column);
  });
  element.addEventListener("pointermove", (event) => {
    const { row, column } = cell(event);
    const text = `${state.nameWeight(row, column)}: ${formatNumber(read(row, column), 4)}`;
    tooltip.show(text, event.clientX, event.clientY);
  });
  element.addEventListener("pointerleave", tooltip.hide);
  return {
    element,
    paint(values: (row: number, column: number) => number, scale: Scale) {
      read = values;
      const { rows, columns } = state;
      paintMap(canvas, { rows, columns, at: values }, scale);
      element.style.aspectRatio = `${Math.max(columns, rows / 4)} / ${Math.min(rows, 4 * columns)}`;
      element.setAttribute("aria-label", `${label}: ${rows} by ${columns} numbers`);
    },
    mark() {
      const { rows, columns } = state;
      const { row, column } = state.picked;
      spot.style.cssText = `left: ${(100 * column) / columns}%; width: ${100 / columns}%; top: ${
        (100 * row) / rows
      }%; height: ${100 / rows}%`;
    },
  };
}
