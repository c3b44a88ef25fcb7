import { describe, expect, it } from "vitest";
import { furthest } from "../../../src/lib/draw/heatmap";

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
