import { describe, expect, it } from "vitest";
import { alignSteps, measureOf, subtract } from "../src/lib/comparison";
import { furthest } from "../src/lib/heatmap";
import { extent, rangeOf } from "../src/lib/map_range";
import { saturationOf, saySaturation } from "../src/lib/saturation";
import type { Block, Layer, Trace } from "../src/lib/trace";

/** (step, sequence, unit) from nested lists. */
const block = (values: number[][][]): Block => ({
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

const low = makeLayer(
  "l0",
  {
    forget: block([[[0.2, 0.95]], [[0.4, 0.97]], [[0.05, 0.99]]]),
    hidden: block([[[3, 4]], [[0, 1]], [[0.5, 0]]]),
    grad_hidden: block([[[10, 0]], [[0, 20]], [[0, 0]]]),
  },
  [3],
  ["forget"],
);
const high = makeLayer("l1", { hidden: block([[[0.1, 0]], [[0, 7]], [[0, 9]]]) }, [2]);
const trace: Trace = { layers: [low, high], labels: null, modules: [] };

describe("the range of a map's colours", () => {
  it("is that of its kind: a gate's 0 to 1, a bounded state's −1 to 1, a gradient's own", () => {
    expect(rangeOf("kind", trace, low, "forget", 0)).toEqual({ low: 0, high: 1 });
    expect(rangeOf("kind", trace, low, "hidden", 0)).toEqual({ low: -1, high: 1 });
    expect(rangeOf("kind", trace, low, "grad_hidden", 0)).toEqual({ low: -20, high: 20 });
  });

  it("is the map's own where asked, so that small movements of a gate show", () => {
    const own = rangeOf("map", trace, low, "forget", 0);
    expect(own.low).toBeCloseTo(0.05, 6);
    expect(own.high).toBeCloseTo(0.99, 6);
    expect(rangeOf("map", trace, low, "hidden", 0)).toEqual({ low: -4, high: 4 });
  });

  it("is shared by a layer, or by all, but never between states and gradients", () => {
    expect(rangeOf("layer", trace, low, "hidden", 0)).toEqual({ low: -4, high: 4 });
    expect(rangeOf("all", trace, low, "hidden", 0)).toEqual({ low: -7, high: 7 });
    expect(rangeOf("all", trace, high, "hidden", 0)).toEqual({ low: -7, high: 7 });
    expect(rangeOf("all", trace, low, "grad_hidden", 0)).toEqual({ low: -20, high: 20 });
  });

  it("counts only valid steps and finite values", () => {
    expect(extent(high.arrays.get("hidden")!, [2])).toEqual([0, 7]);
    expect(extent(block([[[Number.NaN, 2]], [[Number.POSITIVE_INFINITY, -1]]]), [2])).toEqual([-1, 2]);
  });
});

describe("what traces are compared by", () => {
  it("is one number for each valid step", () => {
    expect(measureOf("state", low, 0, undefined, 0)).toEqual([5, 1, 0.5]);
    expect(measureOf("state", high, 0, undefined, 0)).toHaveLength(2);
    expect(measureOf("gradient", low, 0, undefined, 0)).toEqual([10, 20, 0]);
    expect(measureOf("gradient", high, 0, undefined, 0)).toEqual([]);
    expect(measureOf("unit", high, 0, high.arrays.get("hidden"), 1)).toEqual([0, 7]);
    // A smaller model has no such unit; its last one stands in, as its map shows.
    expect(measureOf("unit", high, 0, high.arrays.get("hidden"), 99)).toEqual([0, 7]);
  });

  it("is a difference where sizes agree, and nothing else", () => {
    const [a, b] = [low.arrays.get("hidden")!, high.arrays.get("hidden")!];
    expect(subtract(a, b)!(1, 0, 1)).toBe(6);
    expect(subtract(a, block([[[1, 2]]]))).toBeNull();
    expect(subtract(a, undefined)).toBeNull();
  });

  it("pads labels with blanks", () => {
    expect(alignSteps(["a", "b"], 4)).toEqual(["a", "b", "", ""]);
  });
});

describe("saturation", () => {
  it("is counted unit by unit over the valid steps", () => {
    expect(saturationOf(low)).toEqual([
      { gate: "forget", unit: 0, closed: 1 / 3, open: 0 },
      { gate: "forget", unit: 1, closed: 0, open: 1 },
    ]);
    expect(saySaturation("forget", saturationOf(low))).toBe(
      "forget gate: of 2 units, 0 mostly closed, 1 mostly open.",
    );
  });
});

describe("a map with more values than pixels", () => {
  it("keeps the one furthest from the middle", () => {
    const values = [
      [0.1, -0.9, 0.2],
      [0.3, 0.2, Number.NaN],
    ];
    const at = furthest({ rows: 2, columns: 3, at: (r, c) => values[r][c] }, { rows: 2, columns: 2 }, 0);
    expect(at(0, 0)).toBe(-0.9);
    expect(at(0, 1)).toBe(0.2);
  });
});
