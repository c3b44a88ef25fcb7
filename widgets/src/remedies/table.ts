// The trainings so far.
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import type { RemediesState, Run } from "./state";

const COLUMNS = ["training", "outcome", "an update takes"];

export interface RunTable {
  element: HTMLElement;
  show(): void;
}

export function makeTable(state: RemediesState): RunTable {
  const body = h("tbody");
  const head = COLUMNS.map((text) => h("th", { scope: "col" }, text));
  const element = h(
    "table",
    { class: "rv-race", hidden: true },
    h("caption", { class: "rv-hidden" }, "The trainings so far"),
    h("thead", {}, h("tr", {}, ...head)),
    body,
  );
  const line = (run: Run) => {
    const { updates, seconds } = run.trial;
    const mark = swatch(curveProperty(run.run - 1), curveDash(run.run - 1));
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, mark, ` ${state.nameRun(run)}`),
      h("td", {}, state.outcome(run)),
      h("td", {}, updates ? `${((1000 * seconds) / updates).toFixed(1)} ms` : ""),
    );
  };
  return {
    element,
    show() {
      element.hidden = state.runs.length === 0;
      body.replaceChildren(...state.runs.map(line));
    },
  };
}
