import { describe, expect, it } from "vitest";
import { extent, rangeOf } from "../../../src/lib/draw/map_range";
import { block, high, low, trace } from "../trace/small_trace";

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
