// A network reads symbols one by one, fast: ten thousand characters through a hundred units in about a second. The
// equations are those of cells.ts, laid out so that nothing is looked up or allocated inside the loop.
import { GATE_ROWS } from "./cells";
import type { Block, Matrix } from "./trace";

/** What is needed of a recurrent layer to run it. */
export interface LayerWeights {
  kind: string;
  nonlinearity: string;
  units: number;
  weights: Map<string, Matrix>;
  initialHidden?: ArrayLike<number> | null;
  initialCell?: ArrayLike<number> | null;
}

/** The vectors that go in, one for each symbol; null where each symbol is a one-hot vector. */
export type Table = Matrix | null;

export interface Reading {
  /** Reads on: steps `from` … `to` − 1, whose symbols are given; −1 is a symbol the network does not know. */
  read(codes: ArrayLike<number>, from: number, to: number): void;
  /** What a layer made at every step read so far, (step, 1, unit). */
  block(layer: number, name: string): Block;
  /** Names of what each layer makes. */
  names(layer: number): string[];
  /** How many layers there are. */
  layers: number;
}

/** Room for at least so many steps is made at once, so that typing does not copy. */
const LEAST_ROOM = 256;

interface Fast {
  kind: string;
  relu: boolean;
  units: number;
  rows: number;
  /** (row, unit), or of the layers above the first (row, input). */
  recurrent: Float64Array;
  inputs: Float64Array;
  inputBias: Float64Array;
  stateBias: Float64Array;
  startHidden: Float64Array;
  startCell: Float64Array;
  names: string[];
}

export function startReading(layers: LayerWeights[], table: Table): Reading {
  const fast = layers.map(prepare);
  const first = tabulateInputs(fast[0], layers[0].weights.get("weight_ih")!, table);
  let room = 0;
  const kept = fast.map(() => new Map<string, Float32Array>());
  // One vector each, used again at every step.
  const hidden = fast.map(({ units }) => new Float64Array(units));
  const cell = fast.map(({ units }) => new Float64Array(units));
  const fromInput = fast.map(({ rows }) => new Float64Array(rows));
  const fromState = fast.map(({ rows }) => new Float64Array(rows));

  function grow(steps: number): void {
    if (steps <= room) return;
    room = Math.max(LEAST_ROOM, Math.ceil(1.5 * steps));
    fast.forEach(({ names, units }, k) => {
      for (const name of names) {
        const larger = new Float32Array(room * units);
        const before = kept[k].get(name);
        if (before) larger.set(before);
        kept[k].set(name, larger);
      }
    });
  }

  function restore(step: number): void {
    fast.forEach((layer, k) => {
      const at = (name: string, start: Float64Array) =>
        step < 0 ? start : kept[k].get(name)!.subarray(step * layer.units, (step + 1) * layer.units);
      hidden[k].set(at("hidden", layer.startHidden));
      if (layer.kind === "LSTM") cell[k].set(at("cell", layer.startCell));
    });
  }

  return {
    read(codes, from, to) {
      grow(to);
      restore(from - 1);
      for (let t = from; t < to; t++)
        for (let k = 0; k < fast.length; k++) {
          const layer = fast[k];
          if (k === 0) {
            const row = codes[t] < 0 ? first.unknown : codes[t];
            fromInput[0].set(first.sums.subarray(row * layer.rows, (row + 1) * layer.rows));
          } else multiply(layer.inputs, hidden[k - 1], layer.inputBias, fromInput[k]);
          multiply(layer.recurrent, hidden[k], layer.stateBias, fromState[k]);
          advance(layer, fromInput[k], fromState[k], hidden[k], cell[k], kept[k], t * layer.units);
        }
    },
    block: (layer, name) => ({
      shape: [room, 1, fast[layer].units],
      data: kept[layer].get(name) ?? new Float32Array(0),
    }),
    names: (layer) => fast[layer].names,
    layers: fast.length,
  };
}

function prepare({ kind, nonlinearity, units, weights, initialHidden, initialCell }: LayerWeights): Fast {
  const rows = GATE_ROWS[kind].length * units;
  const bias = (name: string) => Float64Array.from(weights.get(name)?.data ?? new Float32Array(rows));
  return {
    kind,
    relu: nonlinearity === "relu",
    units,
    rows,
    recurrent: Float64Array.from(weights.get("weight_hh")!.data),
    inputs: Float64Array.from(weights.get("weight_ih")!.data),
    inputBias: bias("bias_ih"),
    stateBias: bias("bias_hh"),
    startHidden: Float64Array.from(initialHidden ?? new Float32Array(units)),
    startCell: Float64Array.from(initialCell ?? new Float32Array(units)),
    names: kind === "RNN" ? ["hidden"] : [...GATE_ROWS[kind], ...(kind === "LSTM" ? ["cell"] : []), "hidden"],
  };
}

/** What each symbol adds to the sums of the first layer, bias included: there are few symbols and many steps. */
function tabulateInputs(layer: Fast, weight: Matrix, table: Table): { sums: Float64Array; unknown: number } {
  const width = weight.shape[1];
  const symbols = table ? table.shape[0] : width;
  const sums = new Float64Array((symbols + 1) * layer.rows);
  for (let symbol = 0; symbol < symbols; symbol++)
    for (let row = 0; row < layer.rows; row++) {
      let sum = layer.inputBias[row];
      if (table)
        for (let k = 0; k < width; k++) sum += weight.data[row * width + k] * table.data[symbol * width + k];
      else sum += weight.data[row * width + symbol];
      sums[symbol * layer.rows + row] = sum;
    }
  // A symbol that the network does not know goes in as a vector of zeros.
  sums.set(layer.inputBias, symbols * layer.rows);
  return { sums, unknown: symbols };
}

/** result = matrix · vector + bias */
export function multiply(
  matrix: ArrayLike<number>,
  vector: ArrayLike<number>,
  bias: ArrayLike<number>,
  result: Float64Array,
): void {
  const width = vector.length;
  for (let row = 0, at = 0; row < result.length; row++) {
    let sum = bias[row];
    for (let k = 0; k < width; k++) sum += matrix[at++] * vector[k];
    result[row] = sum;
  }
}

const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));

function advance(
  { kind, relu, units }: Fast,
  x: Float64Array,
  s: Float64Array,
  h: Float64Array,
  c: Float64Array,
  kept: Map<string, Float32Array>,
  at: number,
): void {
  const out = kept.get("hidden")!;
  if (kind === "LSTM") {
    const [input, forget, candidate, output, cells] = ["input", "forget", "candidate", "output", "cell"].map(
      (name) => kept.get(name)!,
    );
    for (let j = 0; j < units; j++) {
      const i = sigmoid(x[j] + s[j]);
      const f = sigmoid(x[units + j] + s[units + j]);
      const g = Math.tanh(x[2 * units + j] + s[2 * units + j]);
      const o = sigmoid(x[3 * units + j] + s[3 * units + j]);
      c[j] = f * c[j] + i * g;
      h[j] = o * Math.tanh(c[j]);
      input[at + j] = i;
      forget[at + j] = f;
      candidate[at + j] = g;
      output[at + j] = o;
      cells[at + j] = c[j];
      out[at + j] = h[j];
    }
  } else if (kind === "GRU") {
    const [reset, update, candidate] = ["reset", "update", "candidate"].map((name) => kept.get(name)!);
    for (let j = 0; j < units; j++) {
      const r = sigmoid(x[j] + s[j]);
      const z = sigmoid(x[units + j] + s[units + j]);
      const n = Math.tanh(x[2 * units + j] + r * s[2 * units + j]);
      h[j] = (1 - z) * n + z * h[j];
      reset[at + j] = r;
      update[at + j] = z;
      candidate[at + j] = n;
      out[at + j] = h[j];
    }
  } else {
    for (let j = 0; j < units; j++) {
      const a = x[j] + s[j];
      h[j] = relu ? Math.max(0, a) : Math.tanh(a);
      out[at + j] = h[j];
    }
  }
}

/** The readout above the last layer: one linear map, the same at every step. */
export interface Head {
  weight: Matrix;
  bias: Matrix | null;
}

/** The logits that a readout makes of one state. */
export function readOut({ weight, bias }: Head, state: ArrayLike<number>): Float64Array {
  const logits = new Float64Array(weight.shape[0]);
  multiply(weight.data, state, bias?.data ?? new Float64Array(logits.length), logits);
  return logits;
}

/** log of the sum of exponentials, without overflow. */
export function logSumExp(logits: ArrayLike<number>): number {
  let most = -Infinity;
  for (let k = 0; k < logits.length; k++) most = Math.max(most, logits[k]);
  let sum = 0;
  for (let k = 0; k < logits.length; k++) sum += Math.exp(logits[k] - most);
  return most + Math.log(sum);
}
