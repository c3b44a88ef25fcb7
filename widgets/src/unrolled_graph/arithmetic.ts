// One number opened down to its arithmetic: cell → gate → dot product, every term with its value.

import type { Tooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import type { Run } from "../lib/trace/cells";
import { GATE_ROWS } from "../lib/trace/cells";
import type { Layer } from "../lib/trace/trace";
import type { Selection } from "../lib/words/equations";
import { describeStep } from "../lib/words/equations";
import { equation, showEquation } from "../lib/words/formula";
import { makeLayerView } from "./layer_view";
import { makeTermTables } from "./term_tables";

interface Options {
  run: () => Run;
  editable: boolean;
  /** A weight was changed: its matrix, and its place in that matrix. */
  edit: (layer: Layer, matrix: string, index: number, value: number) => void;
  /** A unit was chosen in the picture of the whole layer. */
  pick: (unit: number) => void;
  tooltip: Tooltip;
  close: () => void;
}

export function makeArithmetic({ run, editable, edit, pick, tooltip, close }: Options) {
  const title = h("h4");
  const lines = h("div", { class: "rv-equation" });
  const chooser = h("div", { class: "rv-controls", role: "group", "aria-label": "Gate" });
  const terms = makeTermTables({ run, editable, edit });
  const wholeLayer = makeLayerView({
    tooltip,
    pick(unit) {
      pick(unit);
      setLevel("unit");
    },
  });
  const levels = ["layer", "unit"].map((name) =>
    h(
      "button",
      { type: "button", onclick: () => setLevel(name) },
      name === "layer" ? "Whole layer" : "One unit",
    ),
  );
  const element = h(
    "div",
    { class: "rv-arithmetic", hidden: true },
    h(
      "div",
      { class: "rv-head" },
      title,
      h("div", { class: "rv-controls", role: "group", "aria-label": "How far in" }, ...levels),
      h(
        "button",
        { type: "button", class: "rv-act", onclick: close, "aria-label": "Close the arithmetic" },
        "Close",
      ),
    ),
    lines,
    chooser,
    wholeLayer.element,
    terms.element,
  );
  let gate = "";
  let level = "unit";
  let shown: Selection | null = null;

  function show(selection: Selection) {
    shown = selection;
    const { layer, step, unit } = selection;
    const gates = GATE_ROWS[layer.kind];
    if (!gates.includes(gate)) gate = gates[0];
    const time = selection.time ?? step;
    const isReadout = layer.kind === "Linear";
    const subject = isReadout ? `output ${unit}` : `unit ${unit} of layer ${layer.name}`;
    title.textContent =
      level === "unit"
        ? `How ${subject} gets its value at t = ${time}`
        : `What ${isReadout ? "the readout" : `layer ${layer.name}`} computes at t = ${time}`;
    ["layer", "unit"].forEach((name, k) => {
      levels[k].setAttribute("aria-pressed", String(name === level));
    });
    wholeLayer.element.hidden = level === "unit";
    lines.hidden = terms.element.hidden = level === "layer";
    chooser.hidden = gates.length === 1;
    if (level === "unit") showEquation(lines, equation(...describeStep(run(), selection)));
    else wholeLayer.show({ ...selection, gate, run: run() });
    // Typing in a weight redraws everything but the table being typed in.
    if (terms.isTyping()) {
      terms.refresh();
      return;
    }
    chooser.replaceChildren(
      h("span", { class: "rv-note" }, "Open the sum inside"),
      ...gates.map((name) =>
        h(
          "button",
          { type: "button", "aria-pressed": String(name === gate), onclick: () => choose(name) },
          `${name}${name === "candidate" ? "" : " gate"}`,
        ),
      ),
    );
    terms.show(selection, gate);
  }
  function choose(name: string) {
    gate = name;
    if (shown) show(shown);
  }

  function setLevel(name: string) {
    level = name;
    if (shown) show(shown);
  }

  return { element, show };
}
