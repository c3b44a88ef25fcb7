// What is held by hand, and what the network answers: without a page.
import { softmax } from "../lib/trace/softmax";
import type { Layer, Matrix } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray } from "../lib/words/sayings";

/** A gate or a state at a value, in some units (null is all) and from one step to another, both included. */
export interface Hold {
  layer: string;
  gate: string;
  units: number[] | null;
  from: number;
  to: number;
  value: number;
}

/** What may be held of a layer: its gates, then its states. */
export const holdable = (layer: Layer): string[] => [
  ...layer.gates,
  ...["cell", "hidden"].filter((name) => layer.arrays.has(name)),
];

/** From where to where a value may be set. */
export function rangeOf(gate: string): [number, number] {
  if (["input", "forget", "output", "reset", "update"].includes(gate)) return [0, 1];
  return gate === "cell" ? [-3, 3] : [-1, 1];
}

/** What is decided by hand of a unit at a step; where two holds meet, the later one. */
export function valueHeld(
  holds: readonly Hold[],
  layer: string,
  gate: string,
  unit: number,
  step: number,
): number | undefined {
  for (let k = holds.length - 1; k >= 0; k--) {
    const one = holds[k];
    if (one.layer !== layer || one.gate !== gate || step < one.from || step > one.to) continue;
    if (one.units === null || one.units.includes(unit)) return one.value;
  }
  return undefined;
}

/** Probabilities of all classes, by a linear layer above the last hidden state. */
export function readAnswer(hidden: ArrayLike<number>, weight: Matrix, bias: Matrix | null): Float64Array {
  const [classes, units] = weight.shape;
  const logits = new Float64Array(classes);
  for (let row = 0; row < classes; row++) {
    let sum = bias?.data[row] ?? 0;
    for (let k = 0; k < units; k++) sum += weight.data[row * units + k] * hidden[k];
    logits[row] = sum;
  }
  return softmax(logits);
}

/** Cross-entropy: minus the logarithm of what the right answer got. */
export const lossOf = (shares: ArrayLike<number>, target: number): number => -Math.log(shares[target]);

export function best(shares: ArrayLike<number>): number {
  let found = 0;
  for (let k = 1; k < shares.length; k++) if (shares[k] > shares[found]) found = k;
  return found;
}

/** The classes worth a bar: the right one, and those that had or have most, the likeliest now first. */
export function chooseBars(
  before: ArrayLike<number>,
  now: ArrayLike<number>,
  target: number | undefined,
  count: number,
): number[] {
  const most = (k: number) => (k === target ? 2 : Math.max(before[k], now[k]));
  const all = Array.from({ length: now.length }, (_, k) => k);
  const chosen = all.sort((a, b) => most(b) - most(a)).slice(0, count);
  return chosen.sort((a, b) => now[b] - now[a] || before[b] - before[a]);
}

const sayUnits = (units: number[] | null): string => {
  if (units === null) return "all units";
  if (units.length === 1) return `unit ${units[0]}`;
  const together = units.every((unit, k) => k === 0 || unit === units[k - 1] + 1);
  return together ? `units ${units[0]} to ${units[units.length - 1]}` : `units ${units.join(", ")}`;
};

/** One hold in words. */
export function sayHold(hold: Hold, labels: string[] | undefined, steps: number, named: boolean): string {
  const at = (step: number) =>
    labels?.[step] === undefined ? `step ${step}` : `“${labels[step]}” (${step})`;
  const when =
    hold.from === 0 && hold.to >= steps - 1
      ? "at every step"
      : hold.from === hold.to
        ? `at ${at(hold.from)}`
        : `from ${at(hold.from)} to ${at(Math.min(hold.to, steps - 1))}`;
  const where = named ? ` of ${hold.layer}` : "";
  return `${capital(sayArray(hold.gate))}${where} at ${formatNumber(hold.value, 2)}, ${sayUnits(hold.units)}, ${when}`;
}

/** What the network says now, beside what it said untouched. */
export function sayAnswer(
  classes: readonly string[],
  before: ArrayLike<number>,
  now: ArrayLike<number>,
  target: number | undefined,
  held: number,
): string {
  const [was, is] = [best(before), best(now)];
  const right = target === undefined ? "" : is === target ? ", which is right" : ", which is wrong";
  const answer = `It answers “${classes[is]}” (${formatNumber(now[is], 2)})${right}.`;
  if (held === 0) return answer;
  const change = was === is ? "the same as untouched" : `untouched it says “${classes[was]}”`;
  const loss =
    target === undefined
      ? ""
      : ` Loss ${formatNumber(lossOf(before, target), 2)} → ${formatNumber(lossOf(now, target), 2)}.`;
  return `${answer.slice(0, -1)}; ${change}.${loss} ${plural(held, "hold")} in place.`;
}

/** The same in Python. */
export function writeHolds(holds: readonly Hold[], sequence: number): string {
  const lines = holds.map(({ layer, gate, units, from, to, value }) => {
    const which = units === null ? "" : `, units=${JSON.stringify(units).replaceAll(",", ", ")}`;
    return (
      `stack.enter_context(rv.intervene(model, layer=${JSON.stringify(layer)}, gate=${JSON.stringify(gate)}` +
      `${which}, steps=slice(${from}, ${to + 1}), value=${value}))`
    );
  });
  return [
    "from contextlib import ExitStack",
    "",
    "import torch",
    "import rnnviz as rv",
    "",
    "# model and inputs: those that you gave to Surgery",
    "with ExitStack() as stack, torch.no_grad():",
    ...lines.map((line) => `    ${line}`),
    "    logits = model(inputs)",
    "    if logits.dim() == 3:  # (time, batch, class): the last step counts",
    "        logits = logits[-1]",
    `print(logits[${sequence}].softmax(-1).topk(5))`,
    "",
  ].join("\n");
}
