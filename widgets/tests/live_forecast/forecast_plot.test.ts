import { expect, it } from "vitest";
import type { Scene } from "../../src/live_forecast/forecast";
import { growRoom, spanAround } from "../../src/live_forecast/forecast_plot";

const scene = { steps: 100, window: 10, horizon: 20 } as Scene;

it("shows the whole series with the whole forecast, or what lies around its start", () => {
  expect(spanAround(scene, 50, false)).toEqual([0, 99]);
  expect(spanAround(scene, 90, false)).toEqual([0, 110]);
  expect(spanAround(scene, 50, true)).toEqual([10, 78]);
});

it("makes room for a forecast at once, never more than half of the axis, and takes it back slowly", () => {
  const truth = Float32Array.of(-1, 1);
  const [low, high] = growRoom([-1.12, 1.12], truth, [[0, 1.5]]);
  expect(low).toBeCloseTo(-1.12);
  expect(high).toBeCloseTo(1.5);
  expect(growRoom([-1.12, 1.12], truth, [[0, 100, Number.NaN]])[1]).toBeCloseTo(1.12 + 1.12);
  const later = growRoom([-1.12, 2.24], truth, [[0]])[1];
  expect(later).toBeLessThan(2.24);
  expect(later).toBeGreaterThan(2.1);
});
