import { expect, test } from "vitest";
import { ExperimentState } from "../../src/experiment/state";

function make(
  points: (number | string)[][] = [[4, 1.5]],
  start = Number(points.at(-1)?.[0] ?? 4),
  more: Record<string, unknown> = {},
) {
  const traits: Record<string, unknown> = {
    names: ["time"],
    low: 0,
    high: 4,
    x: "steps",
    unit: "s",
    points,
    start,
    code: { lines: [], expressions: ["measure"] },
    ...more,
  };
  return new ExperimentState({ get: (name: string) => traits[name] } as never);
}

test("one place at a time, and the one the hand is at now, not all it has passed", () => {
  const state = make();
  expect(state.ask()).toBeNull();
  state.slideTo(1);
  expect(state.ask()).toBe(1);
  state.slideTo(2);
  state.slideTo(3);
  expect(state.ask()).toBeNull();
  expect(state.hear([1, "Infinity"], false)).toBe(true);
  expect([state.place, state.tell()]).toEqual([1, "1 step: time ∞."]);
  expect(state.ask()).toBe(3);
});

test("while the hand rests the curve fills itself, where somebody looks at it and Python is there", () => {
  const state = make();
  state.live = true;
  expect(state.ask()).toBeNull();
  state.inSight = true;
  expect(state.ask()).toBe(0);
  state.hear([0, 1], false);
  expect([state.place, state.rows.length]).toEqual([4, 2]);
  expect(state.ask()).toBe(2);
  state.hear(undefined, true);
  expect(state.ask()).toBeNull();
});

test("an answer that nobody asked for is not heard", () => {
  const state = make();
  expect(state.hear([2, 7], false)).toBe(false);
  expect(state.rows).toHaveLength(1);
});

test.each([
  ["steps", "", "4 steps: time 1.5 s.", "steps"],
  ["N", "", "N = 4: time 1.5 s.", "N"],
  ["threshold", "cm", "threshold 4 cm: time 1.5 s.", "threshold, cm"],
])("what is varied is said as one would: %s %s", (x, xUnit, told, across) => {
  const state = make([[4, 1.5]], 4, { x, x_unit: xUnit });
  expect([state.tell(), state.across]).toEqual([told, across]);
});

test("points that were measured elsewhere leave the slider where it is", () => {
  const state = make([], 2);
  expect([state.place, state.tell()]).toEqual([2, "2 steps: not measured yet."]);
  state.takePoints([
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
  expect([state.place, state.wanted, state.tell()]).toEqual([2, 2, "2 steps: time 3 s."]);
  state.slideTo(1);
  state.takePoints([
    [0, 1],
    [3, 3],
  ]);
  expect(state.wanted).toBe(1);
});

test("what is taken away is what was measured", () => {
  const state = make([
    [0, 1],
    [2, 3],
  ]);
  expect(state.tabulate()).toBe("steps,time\n0,1\n2,3\n");
  expect(state.writeCode()).toContain(
    'rw.Experiment({"time": measure}, low=0, high=4, x="steps", unit="s", first=[0, 2])',
  );
});
