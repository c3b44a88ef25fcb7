import { expect, test } from "vitest";
import { SpectrumState } from "../../src/spectrum/state";

/** One sequence of two steps, two units: eigenvalues, singular values, and the products so far. */
function make() {
  const eigenvalues = [3, 4, 0.5, 0, 0.6, 0.8, 0, -0.5];
  const singular = [6, 0.25, 1, 0.5];
  const numbers = [...eigenvalues, ...singular, 6, 3, 6, 12, 5, 5];
  const traits: Record<string, unknown> = {
    arrays: {
      eigenvalues: { shape: [1, 2, 2, 2], offset: 0 },
      singular: { shape: [1, 2, 2], offset: 8 },
      norm: { shape: [1, 2], offset: 12 },
      bound: { shape: [1, 2], offset: 14 },
      radius: { shape: [1, 2], offset: 16 },
    },
    data: new DataView(Float32Array.from(numbers).buffer),
    lengths: [2],
    kind: "LSTM",
    layer: "l0",
    module: { kind: "LSTM" },
  };
  return new SpectrumState({ get: (name: string) => traits[name] } as never);
}

test("the radius is the largest eigenvalue's distance from the origin", () => {
  const state = make();
  expect(state.radiusAt(0)).toBe(5);
  expect(state.sayPlane(0)).toBe(
    "2 eigenvalues at t = 0, the largest 5.000 from the origin, 1 outside the unit circle.",
  );
  expect(state.radiusAt(1)).toBeCloseTo(1, 6);
});

test("singular values and products are read a step at a time", () => {
  const state = make();
  const { largest, median, smallest } = state.singularValues;
  expect([[...largest], [...median], [...smallest]]).toEqual([
    [6, 1],
    [0.25, 0.5],
    [0.25, 0.5],
  ]);
  expect([...state.product("bound")]).toEqual([6, 12]);
  expect(state.tell(1)).toContain("has been multiplied by 3.000 so far.");
  expect(state.title).toBe("Spectrum of the Jacobian of (h, c) in layer l0");
});

test("a cursor beyond the end shows the end, and the table holds all", () => {
  const state = make();
  state.sequence = 3;
  expect([state.sequence, state.clamp(9), state.clamp(-1)]).toEqual([0, 1, 0]);
  expect(state.tabulate().trim().split("\n")).toHaveLength(1 + 2 * (2 + 2 + 3));
});
