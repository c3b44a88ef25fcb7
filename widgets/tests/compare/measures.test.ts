import { describe, expect, it } from "vitest";
import { alignSteps, measureOf, subtract } from "../../src/compare/measures";
import { block, high, low } from "../lib/trace/small_trace";

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
