// A whole layer at one step: its weights as a map beside the vectors they multiply, one row a unit.

import { hueProperty, scaleOf } from "../lib/draw/colours";
import { paintMap } from "../lib/draw/heatmap";
import type { Tooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import type { Run } from "../lib/trace/cells";
import { GATE_ROWS, rowOf } from "../lib/trace/cells";
import type { Selection } from "../lib/words/equations";
import { formatNumber } from "../lib/words/format";

interface Shown extends Selection {
  gate: string;
  run: Run;
}

interface Part {
  name: string;
  hue: string;
  rows: number;
  columns: number;
  at: (row: number, column: number) => number;
  /** Whether its rows are the layer's units. */
  byUnit: boolean;
  say: (row: number, column: number) => string;
}

/** Height of the tallest map in pixels, and how large a cell may get. */
const ROOM = 200;
const CELL = 18;

export function makeLayerView({ pick, tooltip }: { pick: (unit: number) => void; tooltip: Tooltip }) {
  const row = h("div", { class: "rv-layer-parts", "aria-hidden": "true" });
  const words = h("p", { class: "rv-note" });
  const element = h("div", { class: "rv-layer-view", hidden: true }, row, words);

  function show(now: Shown) {
    const parts = partsOf(now);
    const { unit, layer, gate } = now;
    const cell = Math.max(3, Math.min(CELL, ROOM / Math.max(...parts.map((part) => part.rows))));
    row.replaceChildren(
      ...parts.flatMap((part, k) => {
        const sign = k === parts.length - 1 ? "→" : parts[k - 1]?.name.startsWith("W") ? "·" : "+";
        return [...(k > 0 ? [h("span", { class: "rv-sign" }, sign)] : []), draw(part, cell, unit)];
      }),
    );
    const what = GATE_ROWS[layer.kind].length > 1 ? ` Shown: the weights of the ${gate}.` : "";
    const reset =
      layer.kind === "GRU" && gate === "candidate" ? " The reset gate still scales what comes from Wₕ." : "";
    words.textContent =
      `Each row is one ${layer.kind === "Linear" ? "output" : "unit"}: its weights, times the vectors beside them, ` +
      `added up. Row ${unit} is marked; press a row to open its sum.${what}${reset}`;
  }

  function draw(part: Part, cell: number, unit: number): HTMLElement {
    const canvas = h("canvas");
    const values: number[] = [];
    for (let r = 0; r < part.rows; r++)
      for (let c = 0; c < part.columns; c++) values.push(Math.abs(part.at(r, c)));
    const largest = values.reduce((most, value) => Math.max(most, value), 0);
    paintMap(canvas, part, scaleOf(element, "hidden", largest || 1));
    canvas.style.cssText = `width: ${part.columns * cell}px; height: ${part.rows * cell}px; border-color: var(${part.hue})`;
    const under = (event: PointerEvent | MouseEvent) => {
      const box = canvas.getBoundingClientRect();
      const inside = (at: number, size: number, count: number) =>
        Math.max(0, Math.min(count - 1, Math.floor((at / size) * count)));
      return [
        inside(event.clientY - box.top, box.height, part.rows),
        inside(event.clientX - box.left, box.width, part.columns),
      ];
    };
    canvas.addEventListener("pointermove", (event) => {
      const [r, c] = under(event);
      tooltip.show(`${part.say(r, c)}: ${formatNumber(part.at(r, c))}`, event.clientX, event.clientY);
    });
    canvas.addEventListener("pointerleave", tooltip.hide);
    if (part.byUnit) canvas.addEventListener("click", (event) => pick(under(event)[0]));
    const mark =
      part.byUnit && h("i", { class: "rv-layer-mark", style: `top: ${unit * cell}px; height: ${cell}px` });
    return h(
      "div",
      { class: "rv-layer-part" },
      h("b", { style: `color: var(${part.hue})` }, part.name),
      h("div", { class: part.byUnit ? "rv-map-frame rv-by-unit" : "rv-map-frame" }, canvas, mark),
    );
  }

  return { element, show };
}

function partsOf({ layer, layerIndex, step, gate, run }: Shown): Part[] {
  const name = GATE_ROWS[layer.kind].includes(gate) ? gate : GATE_ROWS[layer.kind][0];
  const isReadout = layer.kind === "Linear";
  const column = (
    title: string,
    hue: string,
    values: ArrayLike<number>,
    what: string,
    byUnit = false,
  ): Part => ({
    name: title,
    hue,
    rows: values.length,
    columns: 1,
    at: (r) => values[r],
    byUnit,
    say: (r) => `${what} ${r}`,
  });
  const matrix = (title: string, hue: string, key: string, columns: number, from: string): Part => ({
    name: title,
    hue,
    rows: layer.units,
    columns,
    at: (r, c) => layer.weights.get(key)!.data[rowOf(layer, name, r) * columns + c],
    byUnit: true,
    say: (r, c) => `weight from ${from} ${c} to ${isReadout ? "output" : "unit"} ${r}`,
  });
  const inputs = layer.input.shape[2];
  const bias = Array.from({ length: layer.units }, (_, unit) =>
    ["bias_ih", "bias_hh"].reduce(
      (sum, key) => sum + (layer.weights.get(key)?.data[rowOf(layer, name, unit)] ?? 0),
      0,
    ),
  );
  const x = run.input(layerIndex, step);
  const result = run.at(layerIndex, isReadout || layer.kind === "RNN" ? "hidden" : name, step);
  const [input, state, output] = ["--rv-input", "--rv-state", "--rv-output"];
  const last = isReadout
    ? column("y", output, result, "output", true)
    : column(
        layer.kind === "RNN" ? "h" : name,
        layer.kind === "RNN" ? state : hueProperty(name),
        result,
        "unit",
        true,
      );
  return [
    matrix(
      isReadout ? "W" : "Wₓ",
      isReadout ? output : input,
      "weight_ih",
      inputs,
      isReadout ? "unit" : "input",
    ),
    column(isReadout ? "h" : "x", isReadout ? state : input, x, isReadout ? "unit" : "input"),
    ...(isReadout
      ? []
      : [
          matrix("Wₕ", state, "weight_hh", layer.units, "unit"),
          column("h₋₁", state, run.before(layerIndex, "hidden", step), "one step before, unit"),
        ]),
    ...(bias.some((b) => b !== 0) ? [column("b", "--rv-ink-2", bias, "bias of unit", true)] : []),
    last,
  ];
}
