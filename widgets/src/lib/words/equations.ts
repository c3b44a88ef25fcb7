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
  const h0 = before[unit];
  const ht = now.at(layerIndex, "hidden", step)[unit];
  const t = `${time ?? step},${unit}`;
  const hidden = () => symbol("h", "--rv-state", t);
  const total = (name: string) => {
    const { fromInput, fromState, inputBias, stateBias } = sumAt(layer, name, unit, x, before);
    return { x: fromInput, h: fromState, b: inputBias + stateBias, inputBias, stateBias };
  };
  // What is not there is not written down, not even as 0.
  const hasBias = layer.weights.has("bias_ih") || layer.weights.has("bias_hh");
  const plusBias = (bias: number) => (hasBias ? ["+", value(bias)] : []);
  const sumOf = (name: string) => {
    const { x: a, h: b, b: bias } = total(name);
    return [formatNumber(a), "+", value(b), ...plusBias(bias)];
  };
  const at = (name: string) => now.at(layerIndex, name, step)[unit];
  const heldLine = (name: string) =>
    row(symbol(symbolOf(layer, name), hueProperty(name), t), "=", formatNumber(at(name)), text("\u00a0held"));
  const gateLine = (name: string, squashing: string) =>
    isHeld(name)
      ? heldLine(name)
      : row(
          symbol(symbolOf(layer, name), hueProperty(name), t),
          "=",
          squashing,
          "(",
          ...sumOf(name),
          ")",
          "=",
          formatNumber(at(name)),
        );
  if (layer.kind === "LSTM") {
    const c0 = now.before(layerIndex, "cell", step)[unit];
    const c = symbol("c", "--rv-state", t);
    const [i, f, g, o] = ["input", "forget", "candidate", "output"].map(at);
    return [
      gateLine("input", "σ"),
      gateLine("forget", "σ"),
      gateLine("candidate", "tanh"),
      gateLine("output", "σ"),
      row(c, "=", value(f), "·", value(c0), "+", value(i), "·", value(g), "=", formatNumber(at("cell"))),
      row(hidden(), "=", value(o), "·", "tanh", "(", formatNumber(at("cell")), ")", "=", formatNumber(ht)),
    ];
  }
  if (layer.kind === "GRU") {
    const { x: a, h: b, inputBias, stateBias } = total("candidate");
    const n = symbol("n", hueProperty("candidate"), t);
    const r = value(at("reset"));
    const z = at("update");
    return [
      gateLine("reset", "σ"),
      gateLine("update", "σ"),
      isHeld("candidate")
        ? heldLine("candidate")
        : row(
            n,
            "=",
            "tanh",
            "(",
            value(a + inputBias),
            "+",
            r,
            "·",
            value(b + stateBias),
            ")",
            "=",
            formatNumber(at("candidate")),
          ),
      row(
        hidden(),
        "=",
        "(",
        "1",
        "−",
        value(z),
        ")",
        "·",
        value(at("candidate")),
        "+",
        value(z),
        "·",
        value(h0),
        "=",
        formatNumber(ht),
      ),
    ];
  }
  if (layer.kind === "Linear") {
    const y = symbol("y", "--rv-output", t);
    const { x: sum, b: bias } = total("output");
    const added = [formatNumber(sum), ...plusBias(bias)];
    if (layer.nonlinearity === "identity") return [row(y, "=", ...added, "=", formatNumber(ht))];
    const name = layer.nonlinearity === "sigmoid" ? "σ" : "softmax";
    return [
      row(
        y,
        "=",
        name,
        "(",
        ...added,
        ")",
        "=",
        name,
        "(",
        formatNumber(sum + bias),
        ")",
        "=",
        formatNumber(ht),
      ),
    ];
  }
  const { x: a, h: b, b: bias } = total("hidden");
  const name = layer.nonlinearity === "relu" ? "relu" : "tanh";
  return [
    row(
      hidden(),
      "=",
      name,
      "(",
      symbol("W", "--rv-input", "x", true),
      symbol("x", "--rv-input", "t", true),
      "+",
      symbol("W", "--rv-state", "h", true),
      symbol("h", "--rv-state", "t−1", true),
      ...(hasBias ? ["+", symbol("b", "--rv-ink", undefined, true)] : []),
      ")",
    ),
    row(
      hidden(),
      "=",
      name,
      "(",
      ...sumOf("hidden"),
      ")",
      "=",
      name,
      "(",
      formatNumber(a + b + bias),
      ")",
      "=",
      formatNumber(squash(layer, a + b + bias)),
    ),
  ];
}
