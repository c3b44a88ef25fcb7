import { describe, expect, it } from "vitest";
import { compareMeans, countDropped, drawMask } from "../../src/dropout_map/state";

describe("masks of dropout", () => {
  it("keep about as many as they should, made larger by as much", () => {
    const mask = drawMask(10_000, 0.25, 3);
    expect(countDropped(mask) / 10_000).toBeCloseTo(0.75, 1);
    expect(new Set(mask)).toEqual(new Set([0, 4]));
    expect(drawMask(10_000, 0.25, 3)).toEqual(mask);
    expect(drawMask(10_000, 0.25, 4)).not.toEqual(mask);
    expect(countDropped(drawMask(1000, 1, 1))).toBe(0);
  });

  it("change nothing on average", () => {
    const values = Float64Array.from({ length: 20_000 }, (_, k) => Math.sin(k));
    const [before, after] = compareMeans(values, drawMask(20_000, 0.5, 1));
    expect(after).toBeCloseTo(before, 1);
  });
});
