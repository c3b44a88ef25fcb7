// The row and the column that are looked at, as curves.
import { fitRange } from "../lib/draw/plot";
import { makeStepCurves } from "../lib/draw/step_curves";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import type { FlowState } from "./state";

const COLUMN_DASH = [5, 4];

export interface Curves {
  element: HTMLElement;
  draw(column: number, height: number): void;
}

export function makeCurves(root: HTMLElement, state: FlowState): Curves {
  const plot = makeStepCurves(root);
  const rowLegend = h("li");
  const columnLegend = h("li");
  return {
    element: h(
      "div",
      { class: "rv-flow-right" },
      h("ul", { class: "rv-legend rv-flow-legend" }, rowLegend, columnLegend),
      plot.element,
    ),
    draw(column, height) {
      rowLegend.replaceChildren(swatch("--rv-grad"), state.words.row(state.row));
      columnLegend.replaceChildren(swatch("--rv-accent", COLUMN_DASH), state.words.column(column));
      const [across, down] = [state.alongRow(), state.alongColumn(column)];
      plot.paint({
        lines: [
          { values: down, property: "--rv-accent", dash: COLUMN_DASH },
          { values: across, property: "--rv-grad", width: 2.5 },
        ],
        steps: state.steps,
        step: column,
        y: { range: fitRange([...across, ...down], true), log: true },
        height: height - 50,
      });
    },
  };
}
