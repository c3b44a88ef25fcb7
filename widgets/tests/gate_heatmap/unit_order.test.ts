import { describe, expect, it } from "vitest";
import { orderUnits, spread, timescale } from "../../src/gate_heatmap/unit_order";

const wave = (period: number, shift = 0, size = 1) =>
  Array.from({ length: 120 }, (_, t) => size * Math.sin((2 * Math.PI * (t - shift)) / period));

describe("the order of units", () => {
  it("is their own unless asked", () => {
    expect(orderUnits([wave(5), wave(9), wave(3)], "index")).toEqual([0, 1, 2]);
  });

  it("puts the widest range first", () => {
    expect(spread([3, -1, 2])).toBe(4);
    expect(
      orderUnits(
        [
          [0, 1],
          [5, 5],
          [-2, 2],
        ],
        "range",
      ),
    ).toEqual([2, 0, 1]);
  });

  it("puts the slowest first, and the one that never moves before all", () => {
    expect(timescale(wave(40))).toBeGreaterThan(timescale(wave(10)));
    expect(timescale([2, 2, 2])).toBe(Number.POSITIVE_INFINITY);
    expect(orderUnits([wave(10), wave(40), wave(20), Array(120).fill(1)], "timescale")).toEqual([3, 1, 2, 0]);
  });

  it("measures a timescale: the autocorrelation of a first-order process falls by 1/e after −1/ln a steps", () => {
    // A seeded generator, so that the test is the same on every run.
    let seed = 1;
    const noise = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647 - 0.5;
    };
    let value = 0;
    const values = Array.from({ length: 40000 }, () => {
      value = 0.9 * value + noise();
      return value;
    });
    expect(timescale(values)).toBeGreaterThan(0.85 * (-1 / Math.log(0.9)));
    expect(timescale(values)).toBeLessThan(1.15 * (-1 / Math.log(0.9)));
  });

  it("brings together what moves together, mirror images apart", () => {
    const groups = [0, 1, 0, 2, 1, 0, 2, 1];
    const shapes = [wave(30), wave(30, 7.5), wave(30).map((value) => -value)];
    const series = groups.map((group, k) =>
      shapes[group].map((value, t) => value + 0.05 * Math.sin(t * (k + 2))),
    );
    const order = orderUnits(series, "similarity").map((unit) => groups[unit]);
    const changes = order.slice(1).filter((group, k) => group !== order[k]).length;
    expect(changes).toBe(2);
    expect([...order].sort()).toEqual([...groups].sort());
  });

  it("keeps units with broken values, at the end", () => {
    const broken = [0, Number.NaN, 1];
    for (const by of ["similarity", "range", "timescale"] as const)
      expect(orderUnits([broken, [0, 1, 0], [1, 2, 3]], by).at(-1)).toBe(0);
  });

  it("has nothing to say of nothing", () => {
    expect(orderUnits([], "similarity")).toEqual([]);
    expect(orderUnits([[], []], "similarity")).toEqual([0, 1]);
  });
});
