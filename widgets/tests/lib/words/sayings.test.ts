import { describe, expect, it } from "vitest";
import { makeRamp, rampIndex } from "../../../src/lib/draw/colours";
import { cellAt } from "../../../src/lib/draw/heatmap";
import { formatNumber, formatShort } from "../../../src/lib/words/format";
import { article, longestStretch, sayUnit, shareOpen } from "../../../src/lib/words/sayings";

describe("sayUnit", () => {
  it("says how long a gate stays open or closed", () => {
    expect(sayUnit("forget", 3, [0.5, 0.95, 0.99, 0.92, 0.4])).toBe(
      "The forget gate of unit 3 stays open (above 0.9) from step 1 to 3.",
    );
    expect(sayUnit("reset", 0, [0.01, 0.02])).toContain("stays closed (below 0.1) from step 0 to 1");
  });
  it("gives the range of everything else", () => {
    expect(sayUnit("hidden", 2, [-0.5, 0.25])).toBe("Hidden state of unit 2 moves between −0.50 and 0.25.");
  });
  it("says so where there is nothing or no number", () => {
    expect(sayUnit("cell", 0, [])).toContain("no steps");
    expect(sayUnit("cell", 0, [Number.NaN, 1])).toContain("not numbers");
  });
});

it("longestStretch finds the longest, the first of equals, or none", () => {
  const values = [1, 1, 0, 1, 1, 1, 0, 1];
  expect(longestStretch(8, (t) => values[t] === 1)).toEqual([3, 5]);
  expect(longestStretch(4, (t) => t !== 1 && t !== 3)).toEqual([0, 0]);
  expect(longestStretch(3, () => false)).toBeNull();
});

it("shareOpen counts the shut and the wide open", () => {
  expect(shareOpen([0.05, 0.5, 0.95, 0.99])).toEqual({ closed: 0.25, open: 0.5 });
  expect(shareOpen([])).toEqual({ closed: 0, open: 0 });
});

describe("formatNumber", () => {
  it.each([
    [-0.0001, 3, "−1.0·10⁻⁴"],
    [0, 3, "0.000"],
    [-0, 3, "0.000"],
    [-1.23456, 2, "−1.23"],
    [1e7, 2, "1.0·10⁷"],
    [Number.POSITIVE_INFINITY, 2, "∞"],
    [Number.NaN, 2, "not a number"],
    [null, 2, "not a number"],
    [undefined, 2, "not a number"],
  ])("%f with %i decimals is %s", (value, decimals, text) => {
    expect(formatNumber(value, decimals)).toBe(text);
  });
});

describe("colours", () => {
  const scale = { low: -1, high: 1, ramp: makeRamp(["#0000ff", "#ffffff", "#ff0000"]) };
  it("run from the first to the last colour through the middle one", () => {
    expect(scale.ramp[0] >>> 0).toBe(0xffff0000);
    expect(scale.ramp[255] >>> 0).toBe(0xff0000ff);
    expect(scale.ramp[128] & 255).toBeGreaterThan(250);
  });
  it("clip what lies outside and give nothing for what is no number", () => {
    expect([-5, -1, 0, 1, 5].map((value) => rampIndex(value, scale))).toEqual([0, 0, 128, 255, 255]);
    expect(rampIndex(Number.NaN, scale)).toBe(-1);
    expect(rampIndex(Number.POSITIVE_INFINITY, scale)).toBe(255);
  });
});

it("cellAt clamps to the map", () => {
  const rectangle = { left: 10, top: 20, width: 100, height: 50 };
  expect(cellAt(rectangle, 5, 10, 15, 25)).toEqual({ row: 0, column: 0 });
  expect(cellAt(rectangle, 5, 10, 999, 999)).toEqual({ row: 4, column: 9 });
  expect(cellAt(rectangle, 5, 10, 0, 0)).toEqual({ row: 0, column: 0 });
});

it.each([
  [0.5535, "0.55"],
  [-0.001, "0.00"],
  [-12.345, "−12.3"],
  [1942.76, "1943"],
  [-123456, "−1e5"],
  [Number.NaN, "NaN"],
  [null, "NaN"],
])("formatShort writes %f as %s", (value, text) => {
  expect(formatShort(value)).toBe(text);
  expect(formatShort(value).length).toBeLessThanOrEqual(5);
});

describe("article", () => {
  it("goes by how a name is said", () => {
    expect(["LSTM", "RNN", "IRNN", "GRU", "MyCell", "LinearCell", "echo"].map(article)).toEqual([
      ...["An", "An", "An", "A", "A", "A", "An"],
    ]);
  });
});
