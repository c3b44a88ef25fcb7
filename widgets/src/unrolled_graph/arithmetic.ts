// One number opened down to its arithmetic: cell → gate → dot product, every term with its value.

import { cssColour, scaleOf } from "../lib/draw/colours";
import type { Tooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import type { Run } from "../lib/trace/cells";
import { GATE_ROWS, rowOf } from "../lib/trace/cells";
import type { Layer } from "../lib/trace/trace";
import type { Selection } from "../lib/words/equations";
import { describeStep } from "../lib/words/equations";
import { formatNumber } from "../lib/words/format";
import { equation, showEquation } from "../lib/words/formula";
import { makeLayerView } from "./layer_view";

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

const SHOWN = 12;

export function makeArithmetic({ run, editable, edit, pick, tooltip, close }: Options) {
  const title = h("h4");
  const lines = h("div", { class: "rv-equation" });
  const chooser = h("div", { class: "rv-controls", role: "group", "aria-label": "Gate" });
  const terms = h("div", { class: "rv-terms" });
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
    terms,
  );
  let gate = "";
  let level = "unit";
  let all = false;
  let shown: Selection | null = null;

  function show(selection: Selection) {
    shown = selection;
    const { layer, layerIndex, step, unit } = selection;
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
    lines.hidden = terms.hidden = level === "layer";
    chooser.hidden = gates.length === 1;
    if (level === "unit") showEquation(lines, equation(...describeStep(run(), selection)));
    else wholeLayer.show({ ...selection, gate, run: run() });
    // Typing in a weight redraws everything but the table being typed in.
    if (terms.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement) {
      refreshProducts();
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
    drawTerms(layer, layerIndex, step, unit);
  }
  function choose(name: string) {
    gate = name;
    if (shown) show(shown);
  }

  function setLevel(name: string) {
    level = name;
    if (shown) show(shown);
  }

  interface Term {
    name: string;
    matrix: string;
    index: number;
    factor: () => number;
  }
  let drawn: { term: Term; product: HTMLElement; bar: HTMLElement; factor: HTMLElement }[] = [];

  function drawTerms(layer: Layer, layerIndex: number, step: number, unit: number) {
    const which = rowOf(layer, gate, unit);
    const x = () => run().input(layerIndex, step);
    const before = () => run().before(layerIndex, "hidden", step);
    const list = (matrix: string, letter: string, count: number, values: () => ArrayLike<number>): Term[] =>
      Array.from({ length: count }, (_, k) => ({
        name: `${letter}${k}`,
        matrix,
        index: which * count + k,
        factor: () => values()[k],
      }));
    const inputs = layer.input.shape[2];
    const groups =
      layer.kind === "Linear"
        ? [{ title: "from the state h at this step", terms: list("weight_ih", "unit ", inputs, x) }]
        : [
            { title: "from the input x at this step", terms: list("weight_ih", "input ", inputs, x) },
            {
              title: "from the state h one step before",
              terms: list("weight_hh", "unit ", layer.units, before),
            },
          ];
    const biases = ["bias_ih", "bias_hh"]
      .filter((name) => layer.weights.has(name))
      .map((name) => ({
        name: name === "bias_ih" ? "bias (input)" : "bias (state)",
        matrix: name,
        index: which,
        factor: () => 1,
      }));
    drawn = [];
    const total = groups.reduce((n, group) => n + group.terms.length, 0);
    terms.replaceChildren(
      ...groups.map((group) => drawGroup(layer, group.title, group.terms)),
      ...(biases.length ? [drawGroup(layer, "the bias", biases)] : []),
    );
    if (total > 2 * SHOWN)
      terms.append(
        h(
          "button",
          {
            type: "button",
            onclick: () => {
              all = !all;
              drawTerms(layer, layerIndex, step, unit);
            },
          },
          all ? "Show only the largest terms" : `Show all ${total} terms`,
        ),
      );
    refreshProducts();
  }

  function drawGroup(layer: Layer, heading: string, list: Term[]): HTMLElement {
    const weightOf = (term: Term) => layer.weights.get(term.matrix)!.data[term.index];
    const size = (term: Term) => Math.abs(weightOf(term) * term.factor());
    const shown =
      all || list.length <= SHOWN ? list : [...list].sort((a, b) => size(b) - size(a)).slice(0, SHOWN);
    const body = h("tbody");
    for (const term of shown) {
      const weight = editable
        ? h("input", {
            type: "number",
            step: "0.1",
            value: Number(weightOf(term).toFixed(4)),
            "aria-label": `Weight of ${term.name}`,
          })
        : h("span", {}, formatNumber(weightOf(term)));
      if (weight instanceof HTMLInputElement)
        weight.addEventListener("input", () => {
          const typed = weight.valueAsNumber;
          if (Number.isFinite(typed)) edit(layer, term.matrix, term.index, typed);
        });
      const [factor, product, bar] = [h("td"), h("td"), h("i")];
      drawn.push({ term, factor, product, bar });
      const isBias = term.matrix.startsWith("bias");
      body.append(
        h(
          "tr",
          {},
          h("th", { scope: "row" }, term.name),
          factor,
          h("td", { class: "rv-weight" }, isBias ? "" : "× ", weight),
          product,
          h("td", { class: "rv-bar", "aria-hidden": "true" }, bar),
        ),
      );
    }
    const hidden = list.length - shown.length;
    return h(
      "table",
      {},
      h("caption", {}, hidden ? `${heading}: the ${shown.length} largest of ${list.length} terms` : heading),
      h(
        "thead",
        { class: "rv-hidden" },
        h(
          "tr",
          {},
          ...["term", "value", "weight", "product"].map((name) => h("th", { scope: "col" }, name)),
          // Over the bars, which draw what the products say.
          h("td"),
        ),
      ),
      body,
    );
  }

  function refreshProducts() {
    if (!shown) return;
    const weights = shown.layer.weights;
    const products = drawn.map(({ term }) => weights.get(term.matrix)!.data[term.index] * term.factor());
    const largest = Math.max(...products.map(Math.abs), 1e-9);
    const scale = scaleOf(element, "hidden", largest);
    drawn.forEach(({ term, factor, product, bar }, k) => {
      factor.textContent = term.matrix.startsWith("bias") ? "" : formatNumber(term.factor());
      product.textContent = `= ${formatNumber(products[k])}`;
      const share = (50 * Math.abs(products[k])) / largest;
      bar.style.cssText = `width: ${share}%; left: ${products[k] < 0 ? 50 - share : 50}%; background: ${cssColour(products[k] < 0 ? -largest : largest, scale)}`;
    });
  }

  return { element, show };
}
