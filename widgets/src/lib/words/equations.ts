// The equations of one step of one unit, in MathML, with the numbers of the moment.

import { hueProperty } from "../draw/colours";
import type { Run } from "../trace/cells";
import { squash, sumAt } from "../trace/cells";
import type { Layer } from "../trace/trace";
import { formatNumber } from "./format";
import { row, symbol, text, value } from "./formula";

export interface Selection {
  layer: Layer;
  layerIndex: number;
  step: number;
  unit: number;
  /** The step's number on the page, where it is not the layer's own. */
  time?: number;
}

const SYMBOLS: Record<string, string> = {
  input: "i",
  forget: "f",
  candidate: "g",
  output: "o",
  reset: "r",
  update: "z",
  hidden: "h",
};
const symbolOf = (layer: Layer, gate: string) =>
  layer.kind === "GRU" && gate === "candidate" ? "n" : SYMBOLS[gate];

/** One step of one unit, and how its numbers are written. */
interface Writing {
  layer: Layer;
  unit: number;
  /** What stands below a symbol: the step and the unit. */
  below: string;
  /** The state before, and after, this step. */
  before: number;
  after: number;
  at(name: string): number;
  cellBefore(): number;
  isHeld(gate: string): boolean;
  /** What is added for the bias: nothing where there is none, not even 0. */
  plusBias(bias: number): (string | MathMLElement)[];
  /** The weighed sum behind a value, in its parts. */
  sum(name: string): ReturnType<typeof sumAt>;
}

/**
 * The equations of one unit at one step, with that step's numbers put in: one line an equation.
 * A gate that is held has no sum behind its value, and gets none.
 */
export function describeStep(
  now: Run,
  { layer, layerIndex, step, unit, time }: Selection,
  isHeld: (gate: string) => boolean = () => false,
): MathMLElement[] {
  const x = now.input(layerIndex, step);
  const before = now.before(layerIndex, "hidden", step);
  const hasBias = layer.weights.has("bias_ih") || layer.weights.has("bias_hh");
  const writing: Writing = {
    plusBias: (bias) => (hasBias ? ["+", value(bias)] : []),
    layer,
    unit,
    below: `${time ?? step},${unit}`,
    before: before[unit],
    after: now.at(layerIndex, "hidden", step)[unit],
    at: (name) => now.at(layerIndex, name, step)[unit],
    cellBefore: () => now.before(layerIndex, "cell", step)[unit],
    isHeld,
    sum: (name) => sumAt(layer, name, unit, x, before),
  };
  const describe = { LSTM: describeLstm, GRU: describeGru, Linear: describeLinear }[layer.kind];
  return (describe ?? describeRnn)(writing);
}

const hiddenOf = ({ below }: Writing) => symbol("h", "--rv-state", below);

/** What a sum adds up: from the input, from the state, and the bias. */
function writeSum({ sum, plusBias }: Writing, name: string) {
  const { fromInput, fromState, inputBias, stateBias } = sum(name);
  return [formatNumber(fromInput), "+", value(fromState), ...plusBias(inputBias + stateBias)];
}

function heldLine({ layer, below, at }: Writing, name: string): MathMLElement {
  const gate = symbol(symbolOf(layer, name), hueProperty(name), below);
  return row(gate, "=", formatNumber(at(name)), text("\u00a0held"));
}

function gateLine(writing: Writing, name: string, squashing: string): MathMLElement {
  const { layer, below, at, isHeld } = writing;
  if (isHeld(name)) return heldLine(writing, name);
  const gate = symbol(symbolOf(layer, name), hueProperty(name), below);
  return row(gate, "=", squashing, "(", ...writeSum(writing, name), ")", "=", formatNumber(at(name)));
}

function describeLstm(writing: Writing): MathMLElement[] {
  const { at, after, below } = writing;
  const cell = symbol("c", "--rv-state", below);
  const [i, f, g, o] = ["input", "forget", "candidate", "output"].map((name) => value(at(name)));
  const kept = [f, "·", value(writing.cellBefore())];
  return [
    gateLine(writing, "input", "σ"),
    gateLine(writing, "forget", "σ"),
    gateLine(writing, "candidate", "tanh"),
    gateLine(writing, "output", "σ"),
    row(cell, "=", ...kept, "+", i, "·", g, "=", formatNumber(at("cell"))),
    row(hiddenOf(writing), "=", o, "·", "tanh", "(", formatNumber(at("cell")), ")", "=", formatNumber(after)),
  ];
}

function describeGru(writing: Writing): MathMLElement[] {
  const { at, before, after, below, isHeld } = writing;
  const { fromInput, fromState, inputBias, stateBias } = writing.sum("candidate");
  const n = symbol("n", hueProperty("candidate"), below);
  const [fresh, old] = [value(fromInput + inputBias), value(fromState + stateBias)];
  const candidate = formatNumber(at("candidate"));
  const z = at("update");
  const left = ["(", "1", "−", value(z), ")", "·", value(at("candidate"))];
  return [
    gateLine(writing, "reset", "σ"),
    gateLine(writing, "update", "σ"),
    isHeld("candidate")
      ? heldLine(writing, "candidate")
      : row(n, "=", "tanh", "(", fresh, "+", value(at("reset")), "·", old, ")", "=", candidate),
    row(hiddenOf(writing), "=", ...left, "+", value(z), "·", value(before), "=", formatNumber(after)),
  ];
}

function describeLinear(writing: Writing): MathMLElement[] {
  const { layer, after, below } = writing;
  const { fromInput, inputBias, stateBias } = writing.sum("output");
  const bias = inputBias + stateBias;
  const y = symbol("y", "--rv-output", below);
  const added = [formatNumber(fromInput), ...writing.plusBias(bias)];
  if (layer.nonlinearity === "identity") return [row(y, "=", ...added, "=", formatNumber(after))];
  const name = layer.nonlinearity === "sigmoid" ? "σ" : "softmax";
  const squashed = [name, "(", formatNumber(fromInput + bias), ")"];
  return [row(y, "=", name, "(", ...added, ")", "=", ...squashed, "=", formatNumber(after))];
}

function describeRnn(writing: Writing): MathMLElement[] {
  const { layer } = writing;
  const { fromInput, fromState, inputBias, stateBias } = writing.sum("hidden");
  const total = fromInput + fromState + inputBias + stateBias;
  const name = layer.nonlinearity === "relu" ? "relu" : "tanh";
  const input = [symbol("W", "--rv-input", "x", true), symbol("x", "--rv-input", "t", true)];
  const state = [symbol("W", "--rv-state", "h", true), symbol("h", "--rv-state", "t−1", true)];
  // What is not there is not written down.
  const bias = writing.plusBias(0).length ? ["+", symbol("b", "--rv-ink", undefined, true)] : [];
  const squashed = [name, "(", formatNumber(total), ")", "=", formatNumber(squash(layer, total))];
  return [
    row(hiddenOf(writing), "=", name, "(", ...input, "+", ...state, ...bias, ")"),
    row(hiddenOf(writing), "=", name, "(", ...writeSum(writing, "hidden"), ")", "=", ...squashed),
  ];
}
