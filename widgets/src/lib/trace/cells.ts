// The equations of the three cells, in the page: what lets a reader change a weight and see every later step change.
// They are PyTorch's (the tests compare values with torch's own), in double precision.
import type { Feed, Layer, Matrix, Trace } from "./trace";
import { vectorAt } from "./trace";

/** Rows of the stacked weight matrices, in torch's order. */
export const GATE_ROWS: Record<string, readonly string[]> = {
  RNN: ["hidden"],
  LSTM: ["input", "forget", "candidate", "output"],
  GRU: ["reset", "update", "candidate"],
  // A readout: no state, the same at every step.
  Linear: ["output"],
};

/** Whether the page can compute this layer anew: one of torch's three, or a readout, without a projection. */
export const canCompute = (layer: Layer): boolean =>
  layer.kind in GATE_ROWS && layer.weights.has("weight_ih") && !layer.weights.has("weight_hr");

type Vector = ArrayLike<number>;

const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));
const dot = (matrix: Matrix, row: number, vector: Vector) => {
  const width = matrix.shape[1];
  let sum = 0;
  for (let k = 0; k < width; k++) sum += matrix.data[row * width + k] * vector[k];
  return sum;
};
const biasOf = (layer: Layer, name: string, row: number) => layer.weights.get(name)?.data[row] ?? 0;

/** What one gate of one unit adds up: one term for each input, one for each previous state, and the bias. */
export interface Sum {
  fromInput: number;
  fromState: number;
  /** Bias beside the input's terms; the GRU candidate has another beside the state's, inside the reset. */
  inputBias: number;
  stateBias: number;
}

export function sumAt(layer: Layer, gate: string, unit: number, x: Vector, h: Vector): Sum {
  const row = rowOf(layer, gate, unit);
  return {
    fromInput: dot(layer.weights.get("weight_ih")!, row, x),
    fromState: layer.kind === "Linear" ? 0 : dot(layer.weights.get("weight_hh")!, row, h),
    inputBias: biasOf(layer, "bias_ih", row),
    stateBias: biasOf(layer, "bias_hh", row),
  };
}

export const rowOf = (layer: Layer, gate: string, unit: number): number =>
  GATE_ROWS[layer.kind].indexOf(gate) * layer.units + unit;

/** The value of a gate or a state that the reader holds by hand, or undefined where the network decides. */
export type Hold = (gate: string, unit: number) => number | undefined;

/** One step of one layer: every intermediate of every unit, by name. */
export function stepLayer(
  layer: Layer,
  x: Vector,
  h: Vector,
  c: Vector | null,
  hold: Hold = () => undefined,
): Record<string, Float64Array> {
  const named: Record<string, Float64Array> = {};
  for (const name of [...GATE_ROWS[layer.kind], "hidden", "cell"])
    named[name] = new Float64Array(layer.units);
  for (let j = 0; j < layer.units; j++) {
    const sum = (gate: string) => sumAt(layer, gate, j, x, h);
    const total = (gate: string) => {
      const { fromInput, fromState, inputBias, stateBias } = sum(gate);
      return fromInput + fromState + inputBias + stateBias;
    };
    if (layer.kind === "LSTM") {
      const i = (named.input[j] = hold("input", j) ?? sigmoid(total("input")));
      const f = (named.forget[j] = hold("forget", j) ?? sigmoid(total("forget")));
      const g = (named.candidate[j] = hold("candidate", j) ?? Math.tanh(total("candidate")));
      const o = (named.output[j] = hold("output", j) ?? sigmoid(total("output")));
      named.cell[j] = hold("cell", j) ?? f * c![j] + i * g;
      named.hidden[j] = hold("hidden", j) ?? o * Math.tanh(named.cell[j]);
    } else if (layer.kind === "GRU") {
      const r = (named.reset[j] = hold("reset", j) ?? sigmoid(total("reset")));
      const z = (named.update[j] = hold("update", j) ?? sigmoid(total("update")));
      const { fromInput, fromState, inputBias, stateBias } = sum("candidate");
      const n = (named.candidate[j] =
        hold("candidate", j) ?? Math.tanh(fromInput + inputBias + r * (fromState + stateBias)));
      named.hidden[j] = hold("hidden", j) ?? (1 - z) * n + z * h[j];
    } else {
      named.hidden[j] = hold("hidden", j) ?? squash(layer, total(GATE_ROWS[layer.kind][0]));
    }
  }
  if (layer.kind !== "LSTM") delete named.cell;
  if (layer.nonlinearity === "softmax") toShares(named.hidden);
  return named;
}

export function squash({ nonlinearity }: Layer, a: number): number {
  if (nonlinearity === "tanh") return Math.tanh(a);
  if (nonlinearity === "relu") return Math.max(0, a);
  return nonlinearity === "sigmoid" ? sigmoid(a) : a;
}

/** Turns sums into probabilities, in place. */
function toShares(sums: Float64Array) {
  // The largest comes off first: e to the power of a thousand is no number.
  const largest = Math.max(...sums);
  sums.forEach((sum, k) => {
    sums[k] = Math.exp(sum - largest);
  });
  const total = sums.reduce((all, share) => all + share, 0);
  sums.forEach((share, k) => {
    sums[k] = share / total;
  });
}

/** The layers in an order in which each comes after those that it reads and goes on from. */
export function runningOrder(feeds: Feed[]): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (index: number) => {
    if (seen.has(index)) return;
    seen.add(index);
    const { layers, origin } = feeds[index];
    for (const before of origin === undefined ? layers : [...layers, origin]) visit(before);
    order.push(index);
  };
  feeds.forEach((_, index) => {
    visit(index);
  });
  return order;
}

/** Where a change in some layers comes to an end: what lies before the layers given here is not known. */
export interface Reach {
  reached: Set<number>;
  stops: number[];
}

/** How far a change goes that begins in some layers. */
export function reachOf(feeds: Feed[], from: number[]): Reach {
  const reached = new Set<number>();
  const stops = new Set<number>();
  const waiting = [...from];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    feeds.forEach((feed, k) => {
      if (feed.layers.includes(index) || feed.origin === index) waiting.push(k);
      if (feed.unknown?.includes(index) || feed.unknownOrigins.includes(index)) stops.add(k);
    });
  }
  // What could not be followed at all may come from any layer that ran before.
  const first = Math.min(...from);
  feeds.forEach((feed, k) => {
    if (feed.unknown?.length === 0 && k > first) stops.add(k);
  });
  return { reached, stops: [...stops].filter((k) => !reached.has(k)).sort((a, b) => a - b) };
}

/** The states of one sequence at every step: recorded, or computed anew after an edit. */
export interface Run {
  /** `at(layer, "hidden", step)`: one vector. Step −1 is the initial state. */
  at(layer: number, name: string, step: number): Vector;
  /** The same one step earlier, in the order in which the layer runs. */
  before(layer: number, name: string, step: number): Vector;
  input(layer: number, step: number): Vector;
}

/** The step that ran before this one; −1 before the first. */
function earlier({ reverse, lengths }: Layer, sequence: number, step: number): number {
  if (!reverse) return step - 1;
  return step + 1 < lengths[sequence] ? step + 1 : -1;
}

export function recordedRun(trace: Trace, sequence: number): Run {
  const initial = (matrix: Matrix | null) =>
    matrix!.data.subarray(sequence * matrix!.shape[1], (sequence + 1) * matrix!.shape[1]);
  const at = (layer: number, name: string, step: number): Vector => {
    const from = trace.layers[layer];
    if (step < 0) return initial(name === "cell" ? from.initialCell : from.initialHidden);
    return vectorAt(from.arrays.get(name)!, step, sequence);
  };
  return {
    at,
    before: (layer, name, step) => at(layer, name, earlier(trace.layers[layer], sequence, step)),
    input: (layer, step) => vectorAt(trace.layers[layer].input, step, sequence),
  };
}

/** Runs the network again in the page, with the weights as they are now and some inputs replaced. */
export function computeRun(
  trace: Trace,
  sequence: number,
  feeds: Feed[],
  inputs: Map<string, Float64Array>,
  held: (layer: number, gate: string, unit: number, step: number) => number | undefined = () => undefined,
): Run {
  const recorded = recordedRun(trace, sequence);
  const computed: Record<string, Float64Array>[][] = [];
  const input = (layer: number, step: number): Vector => {
    const { layers, data, mask } = feeds[layer];
    if (layers.length > 0) {
      const read =
        layers.length === 1
          ? computed[layers[0]][step].hidden
          : Float64Array.from(layers.flatMap((below) => [...computed[below][step].hidden]));
      if (!mask) return read;
      const kept = vectorAt(mask, step, sequence);
      return read.map((value, k) => value * kept[k]);
    }
    // Layers that read the same data share its changes.
    return inputs.get(`${data}/${step}`) ?? recorded.input(layer, step);
  };
  const initial = (layer: number, name: string): Vector => {
    const { origin, takes } = feeds[layer];
    if (origin === undefined || !takes.includes(name)) return recorded.at(layer, name, -1);
    const { reverse, lengths } = trace.layers[origin];
    return computed[origin][reverse ? 0 : lengths[sequence] - 1]?.[name] ?? recorded.at(layer, name, -1);
  };
  for (const index of runningOrder(feeds)) {
    const layer = trace.layers[index];
    let h = initial(index, "hidden");
    let c = layer.initialCell ? initial(index, "cell") : null;
    const length = layer.lengths[sequence];
    const steps: Record<string, Float64Array>[] = new Array(length);
    computed[index] = steps;
    for (let n = 0; n < length; n++) {
      const t = layer.reverse ? length - 1 - n : n;
      const named = stepLayer(layer, input(index, t), h, c, (gate, unit) => held(index, gate, unit, t));
      steps[t] = named;
      h = named.hidden;
      c = named.cell ?? null;
    }
  }
  const at = (layer: number, name: string, step: number): Vector =>
    step < 0 ? initial(layer, name) : (computed[layer][step]?.[name] ?? recorded.at(layer, name, step));
  return {
    at,
    before: (layer, name, step) => at(layer, name, earlier(trace.layers[layer], sequence, step)),
    input,
  };
}
