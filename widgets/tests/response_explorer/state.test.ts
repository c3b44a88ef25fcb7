import { expect, test } from "vitest";
import { chooseTallest } from "../../src/response_explorer/bars";
import { ResponseState, type Traits } from "../../src/response_explorer/state";

const TRAITS: Traits = {
  history: 3,
  window_weight: 1,
  feedback: 0.5,
  radius: 0.9,
  angle: 0,
  activation: "linear",
  at: 2,
  size: 1,
  steps: 12,
  inputs: [],
};
const make = (more: Partial<Traits> = {}, log = false) => new ResponseState({ ...TRAITS, ...more }, log);

test("the impulse stays within the steps there are", () => {
  const state = make({ at: 99 });
  expect(state.traits.at).toBe(11);
  expect([state.clamp(-2), state.clamp(40), state.inputs.length]).toEqual([0, 11, 12]);
});

test("the axis of a response leaves room for what is below zero, and nine decades on a logarithmic one", () => {
  expect(make().axisOf("feedback").range[0]).toBe(0);
  expect(make({ feedback: -0.5 }).axisOf("feedback").range[0]).toBeLessThan(-0.5);
  const steep = make({ feedback: 1e-4 }, true).axisOf("feedback");
  expect(steep.log).toBe(true);
  expect(steep.range[1] - steep.range[0]).toBe(9);
});

test("a fast hand's gap is filled in, and next to nothing is nothing", () => {
  const state = make();
  expect(state.drawn(3, 6, 2).slice(2, 8)).toEqual([0, 0, 2, 2, 2, 0]);
  expect(state.drawn(3, 3, -9)[3]).toBe(-3);
  expect(state.drawn(3, 3, 0.05)[3]).toBe(0);
  expect(state.nudged(0, 1)[0]).toBe(0.25);
  state.take({ ...TRAITS, inputs: [3] });
  expect(state.nudged(0, 1)[0]).toBe(3);
});

test("what is seen is said", () => {
  const state = make();
  expect(state.legend).toBe("Bars: what the impulse adds to the output.");
  state.take({ ...TRAITS, inputs: [1] });
  expect([state.isDrawn, state.showsWhole]).toEqual([true, true]);
  expect(state.legend).toContain("Grey line: the whole output.");
  state.log = true;
  expect([state.showsWhole, state.legend.includes("Hollow bars")]).toEqual([false, true]);
  state.drawing = true;
  expect([state.hint.startsWith("Draw with the pointer"), state.inputAxis.range[0] < 0]).toEqual([
    true,
    true,
  ]);
  expect(state.tell()).toContain("Looks back: a window. Stops dead: felt for 4 steps");
});

test("the table adds the impulse to what is drawn", () => {
  const lines = make({ inputs: [0, 0, 2] })
    .tabulate()
    .trim()
    .split("\n");
  expect(lines).toHaveLength(13);
  expect(lines[3].split(",").slice(0, 2)).toEqual(["2", "3"]);
});

test("of bars on one pixel the tallest is drawn, and no number hides", () => {
  expect(chooseTallest([1, -5, 2, 0, Number.NaN, 9], 2)).toEqual([1, 2, 4]);
  expect(chooseTallest([1, 2], 1)).toEqual([0, 1]);
});
