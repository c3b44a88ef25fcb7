// The page's batches against the package's: values written by tests/widgets/test_padding_explorer.py.
import { describe, expect, it } from "vitest";
import type { Method } from "../../src/padding_explorer/padding";
import {
  binWidth,
  changeBin,
  computedSteps,
  countBins,
  METHODS,
  makeBatches,
  measurePadding,
  SHAPE_BIN,
  SHAPES,
  spreadLengths,
  tellPadding,
  writePadding,
} from "../../src/padding_explorer/padding";
import written from "./padding.json";

interface Case {
  lengths: number[];
  batch: number;
  buckets: number;
  seed: number;
  found: Record<Method, { batches: number[][]; real: number; computed: number }>;
}
const cases = written.cases as unknown as Record<string, Case>;

describe.each(Object.entries(cases))("%s", (_, { lengths, batch, buckets, seed, found }) => {
  it.each(METHODS)("%s: the same batches and the same padding", (method) => {
    const batches = makeBatches(lengths, batch, method, buckets, seed);
    expect(batches).toEqual(found[method].batches);
    const { real, computed, share } = measurePadding(lengths, batches, method);
    expect([real, computed]).toEqual([found[method].real, found[method].computed]);
    expect(share).toBeCloseTo(1 - real / computed, 12);
  });
});

it("makes the same lengths from a histogram", () => {
  for (const { counts, width, lengths } of written.spread) {
    expect(spreadLengths(counts, width)).toEqual(lengths);
    expect(countBins(lengths, width).slice(0, counts.length)).toEqual(counts);
  }
});

it("changes one bar and leaves the others alone", () => {
  const before = spreadLengths(SHAPES[2].counts, SHAPE_BIN);
  const after = changeBin(before, SHAPE_BIN, 3, 11);
  const counts = [...SHAPES[2].counts];
  counts[3] = 11;
  expect(countBins(after, SHAPE_BIN)).toEqual(counts);
  expect(changeBin(after, SHAPE_BIN, 3, 0)).toHaveLength(before.length - SHAPES[2].counts[3]);
});

it("has bins for any lengths", () => {
  expect(binWidth([60])).toBe(5);
  expect(binWidth([1])).toBe(1);
  expect(countBins([10_000, 1], binWidth([10_000]))).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

it("has shapes of sixty-four sequences each", () => {
  for (const { counts } of SHAPES) expect(spreadLengths(counts, SHAPE_BIN)).toHaveLength(64);
});

describe("words", () => {
  const tell = (lengths: number[], method: Method) =>
    tellPadding(
      Object.fromEntries(
        METHODS.map((one) => [one, measurePadding(lengths, makeBatches(lengths, 8, one, 4, 0), one)]),
      ) as Record<Method, ReturnType<typeof measurePadding>>,
      method,
    );
  const [alike, , tail] = SHAPES.map(({ counts }) => spreadLengths(counts, SHAPE_BIN));

  it("calls padding a good idea where lengths are alike", () => {
    expect(tell(alike, "all")).toMatch(/^5 % .*good idea/);
  });
  it("calls it a bad idea where they are not, and says what is better", () => {
    expect(tell(tail, "all")).toMatch(/^78 % .*bad idea\. In the order of length it would be 23 %/);
  });
  it("never praises or blames what is not padded", () => {
    expect(tell(tail, "packed")).toMatch(/^0 % of the computation is spent on padding\. At each step/);
  });
});

it("computes a packed sequence to its own end only", () => {
  expect([0, 1].map(computedSteps([3, 9], [0, 1], "packed"))).toEqual([3, 9]);
  expect([0, 1].map(computedSteps([3, 9, 20], [0, 1], "batch"))).toEqual([9, 9]);
  expect([0, 1].map(computedSteps([3, 9, 20], [0, 1], "all"))).toEqual([20, 20]);
});

it("writes code for each method", () => {
  expect(writePadding([3, 1], 2, 4, 0, "sorted")).toContain('order="sorted"');
  expect(writePadding([3, 1], 2, 4, 0, "packed")).toContain("enforce_sorted=False");
  expect(writePadding([3, 1], 2, 4, 0, "all")).toContain("max(lengths) - len(block)");
});
