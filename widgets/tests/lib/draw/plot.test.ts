// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { Axis, Frame } from "../../../src/lib/draw/plot";
import {
  dateTicks,
  drawCurve,
  fitRange,
  fromX,
  linearTicks,
  logTicks,
  powerOfTen,
  toX,
  toY,
} from "../../../src/lib/draw/plot";

const frame: Frame = { left: 10, top: 20, width: 200, height: 100 };
const linear = (low: number, high: number): Axis => ({ range: [low, high], log: false });
const log = (low: number, high: number): Axis => ({ range: [low, high], log: true });

describe("axes", () => {
  it("puts values where they belong, and finds them again", () => {
    expect(toX(5, linear(0, 10), frame)).toBe(110);
    expect(toY(0, linear(0, 10), frame)).toBe(120);
    expect(toY(1e-6, log(-12, 0), frame)).toBeCloseTo(70);
    expect(fromX(toX(7.5, linear(0, 10), frame), linear(0, 10), frame)).toBeCloseTo(7.5);
  });
  it("reaches down to what double precision holds", () => {
    expect(toY(1e-300, log(-300, 0), frame)).toBeCloseTo(120);
  });
});

describe("fitRange", () => {
  it("takes whole decades on a log axis and passes over what has no place there", () => {
    expect(fitRange([3e-5, 0, Number.NaN, Number.POSITIVE_INFINITY, -1, 0.7], true)).toEqual([-5, 0]);
    expect(fitRange([1], true)).toEqual([-1, 1]);
  });
  it("leaves a little room on a linear axis, but none below zero", () => {
    const [low, high] = fitRange([0, 10], false);
    expect(low).toBe(0);
    expect(high).toBeCloseTo(10.6);
    expect(fitRange([-1, 1], false)[0]).toBeCloseTo(-1.12);
  });
  it("stands even where there is nothing to show", () => {
    expect(fitRange([], false)).toEqual([0, 1]);
    expect(fitRange([Number.NaN, 0], true)).toEqual([-1, 1]);
  });
});

describe("ticks", () => {
  it("labels powers of ten, fewer the more decades there are", () => {
    expect(logTicks([-4, 0], 8).map((tick) => tick.label)).toEqual(["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"]);
    const many = logTicks([-300, 0], 8);
    expect(many.length).toBeLessThanOrEqual(9);
    expect(many.at(-1)).toEqual({ at: 0, label: "1" });
  });
  it("puts 2 and 5 between where only a decade or two are seen", () => {
    const labels = logTicks([-1, 1], 8).map((tick) => tick.label);
    expect(labels).toEqual(["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
    expect(logTicks([-6, -5], 8).map((tick) => tick.label)).toEqual(["10⁻⁶", "2·10⁻⁶", "5·10⁻⁶", "10⁻⁵"]);
  });
  it("gives linear ticks the decimals they need, whole numbers where asked", () => {
    expect(linearTicks([-1, 1], 4).map((tick) => tick.label)).toEqual(["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
    expect(linearTicks([0, 3], 10, true).map((tick) => tick.at)).toEqual([0, 1, 2, 3]);
    expect(linearTicks([0, 5e6], 4)[1].label).toBe("1.0e6");
  });
  it("writes powers as people do", () => {
    expect([powerOfTen(0), powerOfTen(1), powerOfTen(-12)]).toEqual(["1", "10", "10⁻¹²"]);
  });
});

describe("dateTicks", () => {
  const years = Array.from({ length: 309 }, (_, k) => `${1700 + k}-01-01`);
  const months = Array.from(
    { length: 24 },
    (_, k) => `${1958 + Math.floor((k + 2) / 12)}-${String(((k + 2) % 12) + 1).padStart(2, "0")}-01`,
  );
  it("marks round years", () => {
    expect(dateTicks(years, [0, 308], 7).map((tick) => tick.label)).toEqual([
      "1700",
      "1750",
      "1800",
      "1850",
      "1900",
      "1950",
      "2000",
    ]);
  });
  it("marks where a year begins, not where the series does", () => {
    const ticks = dateTicks(months, [0, 23], 3);
    expect(ticks).toEqual([
      { at: 10, label: "1959" },
      { at: 22, label: "1960" },
    ]);
  });
  it("goes down to days, and never gives more than was asked for", () => {
    const days = Array.from({ length: 30 }, (_, k) => `2001-05-${String(k + 1).padStart(2, "0")}`);
    const ticks = dateTicks(days, [0, 29], 5);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(5);
    expect(ticks[0].label).toMatch(/^2001-05-\d\d$/);
  });
});

describe("drawCurve", () => {
  function record(values: number[], x: Axis, y: Axis, within = frame): string[] {
    const calls: string[] = [];
    const context = new Proxy({} as Record<string, unknown>, {
      get: (target, name: string) =>
        name in target
          ? target[name]
          : (...numbers: number[]) => {
              if (name.endsWith("To")) calls.push(`${name} ${numbers.map(Math.round).join(",")}`);
            },
      set: (target, name: string, value) => {
        target[name] = value;
        return true;
      },
    });
    drawCurve(context as unknown as CanvasRenderingContext2D, values, 0, x, y, within, { colour: "red" });
    return calls;
  }
  it("is broken where a value is missing, or zero on a log axis", () => {
    const calls = record([1, Number.NaN, 1, 1], linear(0, 4), linear(0, 2));
    expect(calls.map((call) => call.split(" ")[0])).toEqual(["moveTo", "moveTo", "lineTo"]);
    expect(record([1, 0, 1], linear(0, 2), log(-1, 1))).toHaveLength(2);
    expect(record([1, 0, 1], linear(0, 2), linear(0, 1))).toHaveLength(3);
  });
  it("draws nothing, and comes to an end, in a card without width", () => {
    for (const width of [0, -56])
      expect(record([1, 2, 3], linear(0, 2), linear(0, 3), { ...frame, width })).toEqual([]);
  });
  it("draws ten thousand points with a handful for each pixel, extremes included", () => {
    const values = Array.from({ length: 10_000 }, () => 0);
    values[5001] = 1;
    const calls = record(values, linear(0, 9999), linear(0, 1));
    expect(calls.length).toBeLessThan(450);
    expect(calls.some((call) => call.endsWith(",20"))).toBe(true);
  });
});
