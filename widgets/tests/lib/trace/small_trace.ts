// Two layers of two units whose numbers can be read off.
import type { Block, Layer, Trace } from "../../../src/lib/trace/trace";
import { readsData } from "../../../src/lib/trace/trace";

/** (step, sequence, unit) from nested lists. */
export const block = (values: number[][][]): Block => ({
  shape: [values.length, values[0].length, values[0][0].length],
  data: Float32Array.from(values.flat(2)),
});

function makeLayer(
  name: string,
  arrays: Record<string, Block>,
  lengths: number[],
  gates: string[] = [],
): Layer {
  const [steps, sequences, units] = arrays.hidden.shape;
  return {
    name,
    kind: gates.length ? "LSTM" : "RNN",
    nonlinearity: "tanh",
    reverse: false,
    arrays: new Map(Object.entries(arrays)),
    gates,
    input: arrays.hidden,
    initialHidden: { shape: [sequences, units], data: new Float32Array(sequences * units) },
    initialCell: null,
    weights: new Map(),
    lengths,
    steps,
    sequences,
    units,
  };
}

export const low = makeLayer(
  "l0",
  {
    forget: block([[[0.2, 0.95]], [[0.4, 0.97]], [[0.05, 0.99]]]),
    hidden: block([[[3, 4]], [[0, 1]], [[0.5, 0]]]),
    grad_hidden: block([[[10, 0]], [[0, 20]], [[0, 0]]]),
  },
  [3],
  ["forget"],
);
export const high = makeLayer("l1", { hidden: block([[[0.1, 0]], [[0, 7]], [[0, 9]]]) }, [2]);
export const trace: Trace = {
  layers: [low, high],
  labels: null,
  modules: [],
  feeds: [readsData(0), readsData(1)],
};
