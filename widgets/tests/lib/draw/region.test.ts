import { describe, expect, it } from "vitest";
import { between, crop, describeRegion, follow, whole } from "../../../src/lib/draw/region";

describe("a region of a map", () => {
  it("is the same whichever corner it was drawn from", () => {
    const region = { top: 1, bottom: 4, left: 2, right: 6 };
    expect(between({ row: 1, column: 2 }, { row: 3, column: 5 })).toEqual(region);
    expect(between({ row: 3, column: 5 }, { row: 1, column: 2 })).toEqual(region);
  });

  it("is cut to what is in view", () => {
    expect(crop({ top: 1, bottom: 9, left: 0, right: 3 }, { top: 0, bottom: 4, left: 2, right: 8 })).toEqual({
      top: 1,
      bottom: 4,
      left: 2,
      right: 3,
    });
    expect(crop(whole(2, 2), { top: 2, bottom: 3, left: 0, right: 2 })).toBeNull();
  });

  it("follows a cell no further than it must", () => {
    const view = { top: 2, bottom: 5, left: 10, right: 20 };
    expect(follow(view, { row: 3, column: 12 })).toEqual(view);
    expect(follow(view, { row: 3, column: 21 })).toEqual({ ...view, left: 12, right: 22 });
    expect(follow(view, { row: 0, column: 4 })).toEqual({ top: 0, bottom: 3, left: 4, right: 14 });
  });

  it("is described by its own values alone", () => {
    const values = [
      [0.05, 0.95, 9],
      [0.5, Number.NaN, 9],
    ];
    const told = describeRegion(
      { top: 0, bottom: 2, left: 0, right: 2 },
      (row, column) => values[row][column],
    );
    expect(told).toMatchObject({ count: 3, broken: 1, low: 0.05, high: 0.95, closed: 1 / 3, open: 1 / 3 });
    expect(told.mean).toBeCloseTo(0.5, 12);
    expect(told.deviation).toBeCloseTo(Math.sqrt((0.45 ** 2 * 2) / 3), 12);
  });
});
