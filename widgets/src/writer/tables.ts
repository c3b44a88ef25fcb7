// The weights of the character model, as they came with the widget or with a frame of its training.
import { type Head, type LayerWeights, type Reading, startReading } from "../lib/trace/reading";
import type { Entry, Matrix } from "../lib/trace/trace";

export interface Tables {
  layers: {
    name: string;
    kind: string;
    nonlinearity: string;
    units: number;
    weights: Record<string, Entry>;
  }[];
  head: { weight: Entry; bias: Entry | null };
  inputs: Entry | null;
}

/** A network that can read, and the layer above it that says what comes next. */
export function unpack(tables: Tables, data: Float32Array): [Reading, Head] {
  const matrix = ({ shape, offset }: Entry): Matrix => ({
    shape: shape as Matrix["shape"],
    data: data.subarray(offset, offset + shape[0] * shape[1]),
  });
  const layers = tables.layers.map(
    ({ weights, ...rest }): LayerWeights => ({
      ...rest,
      weights: new Map(Object.entries(weights).map(([name, entry]) => [name, matrix(entry)])),
    }),
  );
  const { weight, bias } = tables.head;
  return [
    startReading(layers, tables.inputs && matrix(tables.inputs)),
    { weight: matrix(weight), bias: bias && matrix(bias) },
  ];
}
