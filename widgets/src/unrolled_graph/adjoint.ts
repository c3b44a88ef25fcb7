// The gradient's way back, in the page: what lets a reader change a weight and see the gradient of every earlier step
// change. It undoes the steps of cells.ts one by one; the tests compare its numbers with torch's own.

import type { Run } from "../lib/trace/cells";
import { GATE_ROWS, runningOrder, sumAt } from "../lib/trace/cells";
import type { Feed, Layer, Matrix, Trace } from "../lib/trace/trace";
import { vectorAt } from "../lib/trace/trace";
import type { Flow, Way } from "./plan";

type Vector = ArrayLike<number>;
type State = "hidden" | "cell";

/** What a step's gradient hands back to the states before it, and to what it read. */
interface Handed {
  hidden: Float64Array;
  cell: Float64Array | null;
  input: Float64Array;
}

/** A difference below this share of its terms is their rounding: a recording has float32's seven digits. */
const ROUNDING = 1e-5;

/**
 * The gradients after an edit. What reaches the states from outside the drawn layers, from the cost that is, stays what
 * was recorded: the page does not know the cost. All that flows from there, down through the layers and back through
 * time, is computed anew.
 *
 * `before` is the run that the recorded gradients belong to, `after` the one with the reader's changes, whose weights
 * `trace` has; `recorded` has the weights of before.
 */
export function flowAfterEdit(
  recorded: Trace,
  trace: Trace,
  sequence: number,
  feeds: Feed[],
  before: Run,
  after: Run,
): Flow {
  const outside = new Map<string, Float64Array>();
  walkBack(recorded, sequence, feeds, before, (layer, step, what, arrived) => {
    const total = Float64Array.from(
      vectorAt(recorded.layers[layer].arrays.get(`grad_${what}`)!, step, sequence),
    );
    const largest = Math.max(largestOf(total), largestOf(arrived));
    const rest = total.map((value, j) => {
      const left = value - arrived[j];
      return Math.abs(left) > ROUNDING * largest ? left : 0;
    });
    outside.set(`${layer}/${step}/${what}`, rest);
    return total;
  });
  const norms = new Map<string, number>();
  let largest = 0;
  walkBack(
    trace,
    sequence,
    feeds,
    after,
    (layer, step, what, arrived) => added(arrived, outside.get(`${layer}/${step}/${what}`)!),
    (way, layer, step, vector) => {
      const norm = Math.hypot(...vector);
      norms.set(`${layer}/${step}/${way}`, norm);
      if (norm > largest) largest = norm;
    },
  );
  return { norm: (way, layer, step) => norms.get(`${layer}/${step}/${way}`) ?? 0, largest };
}

/**
 * Goes through all layers from the top and through each from its last step to its first. `totalOf` says what a state's
 * gradient is in all, given what has arrived there from later steps and from the layers that read it.
 */
function walkBack(
  { layers }: Trace,
  sequence: number,
  feeds: Feed[],
  run: Run,
  totalOf: (layer: number, step: number, what: State, arrived: Float64Array) => Float64Array,
  note: (way: Way, layer: number, step: number, vector: Float64Array) => void = () => {},
) {
  const above = new Map<string, Float64Array>();
  const give = (layer: number, step: number, what: State, vector: Float64Array) => {
    const key = `${layer}/${step}/${what}`;
    const there = above.get(key);
    above.set(key, there ? added(there, vector) : vector);
  };
  for (const index of runningOrder(feeds).reverse()) {
    const layer = layers[index];
    // A readout, whose part is in what was recorded, or a layer that no backward pass has reached.
    if (!layer.arrays.has("grad_hidden")) continue;
    const length = layer.lengths[sequence];
    const none = new Float64Array(layer.units);
    let back: Handed = { hidden: none, cell: layer.kind === "LSTM" ? none : null, input: none };
    for (let n = length - 1; n >= 0; n--) {
      const step = layer.reverse ? length - 1 - n : n;
      const fromAbove = (what: State) => above.get(`${index}/${step}/${what}`) ?? none;
      const hidden = totalOf(index, step, "hidden", added(fromAbove("hidden"), back.hidden));
      note(
        "above",
        index,
        step,
        hidden.map((value, j) => value - back.hidden[j]),
      );
      note("hidden", index, step, back.hidden);
      let cell: Float64Array | null = null;
      if (back.cell) {
        note("cell", index, step, back.cell);
        const [o, c] = [run.at(index, "output", step), run.at(index, "cell", step)];
        // ∂h/∂c = o (1 − tanh² c)
        const through = hidden.map((value, j) => value * o[j] * (1 - Math.tanh(c[j]) ** 2));
        cell = totalOf(index, step, "cell", added(added(fromAbove("cell"), back.cell), through));
      }
      back = stepBack(layer, index, step, run, hidden, cell);
      let at = 0;
      const { layers: read, mask } = feeds[index];
      const kept = mask && vectorAt(mask, step, sequence);
      const through = kept ? back.input.map((value, k) => value * kept[k]) : back.input;
      for (const below of read) {
        const { units } = layers[below];
        give(below, step, "hidden", through.subarray(at, at + units));
        at += units;
      }
    }
    const { origin, takes } = feeds[index];
    if (origin === undefined || length === 0) continue;
    const final = layers[origin].reverse ? 0 : layers[origin].lengths[sequence] - 1;
    if (takes.includes("hidden")) give(origin, final, "hidden", back.hidden);
    if (back.cell && takes.includes("cell")) give(origin, final, "cell", back.cell);
  }
}

/** The adjoint of one step of `stepLayer`: from the gradients at its states to those at what it came from. */
function stepBack(
  layer: Layer,
  index: number,
  step: number,
  run: Run,
  dh: Float64Array,
  dc: Float64Array | null,
): Handed {
  const { units } = layer;
  const rows = GATE_ROWS[layer.kind].length * units;
  // At the sums of the gates: on the side of the input, and on that of the state, where a GRU's candidate differs.
  const atInput = new Float64Array(rows);
  const atState = layer.kind === "GRU" ? new Float64Array(rows) : atInput;
  const at = (name: string) => run.at(index, name, step);
  const before: Vector = run.before(index, "hidden", step);
  const kept = new Float64Array(units);
  let cell: Float64Array | null = null;
  if (layer.kind === "LSTM") {
    const [i, f, g, o, c] = ["input", "forget", "candidate", "output", "cell"].map(at);
    const earlier = run.before(index, "cell", step);
    cell = new Float64Array(units);
    for (let j = 0; j < units; j++) {
      atInput[j] = dc![j] * g[j] * i[j] * (1 - i[j]);
      atInput[units + j] = dc![j] * earlier[j] * f[j] * (1 - f[j]);
      atInput[2 * units + j] = dc![j] * i[j] * (1 - g[j] ** 2);
      atInput[3 * units + j] = dh[j] * Math.tanh(c[j]) * o[j] * (1 - o[j]);
      cell[j] = dc![j] * f[j];
    }
  } else if (layer.kind === "GRU") {
    const [r, z, n] = ["reset", "update", "candidate"].map(at);
    const x = run.input(index, step);
    for (let j = 0; j < units; j++) {
      const { fromState, stateBias } = sumAt(layer, "candidate", j, x, before);
      const candidate = dh[j] * (1 - z[j]) * (1 - n[j] ** 2);
      atInput[j] = atState[j] = candidate * (fromState + stateBias) * r[j] * (1 - r[j]);
      atInput[units + j] = atState[units + j] = dh[j] * (before[j] - n[j]) * z[j] * (1 - z[j]);
      atInput[2 * units + j] = candidate;
      atState[2 * units + j] = candidate * r[j];
      kept[j] = dh[j] * z[j];
    }
  } else {
    const h = at("hidden");
    for (let j = 0; j < units; j++)
      atInput[j] = dh[j] * (layer.nonlinearity === "relu" ? Number(h[j] > 0) : 1 - h[j] ** 2);
  }
  return {
    hidden: added(carry(layer.weights.get("weight_hh")!, atState), kept),
    cell,
    input: carry(layer.weights.get("weight_ih")!, atInput),
  };
}

/** A row of gradients times a matrix: from the sums back to what they were made of. */
function carry({ shape: [rows, width], data }: Matrix, gradient: Float64Array): Float64Array {
  const carried = new Float64Array(width);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < width; k++) carried[k] += gradient[row] * data[row * width + k];
  return carried;
}

const added = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, j) => value + b[j]);

const largestOf = (vector: Float64Array): number =>
  vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
