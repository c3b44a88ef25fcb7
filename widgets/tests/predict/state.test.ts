import { expect, test } from "vitest";
import { PredictState } from "../../src/predict/state";

function make(more: Record<string, unknown> = {}) {
  const traits: Record<string, unknown> = {
    kind: "choice",
    truth: "grows",
    unit: "",
    tolerance: 0.1,
    low: null,
    high: null,
    lesson: "02",
    name: "count",
    options: ["grows", "stays", "shrinks"],
    answers: ["", "Nothing holds it.", ""],
    ordered: true,
    ...more,
  };
  return new PredictState({ get: (name: string) => traits[name] } as never, 7);
}

test("an order from little to much stays; any other is the student's own, with its answers", () => {
  expect(make().options).toEqual(["grows", "stays", "shrinks"]);
  const state = make({ ordered: false });
  expect([...state.options].sort()).toEqual(["grows", "shrinks", "stays"]);
  state.committed = { guess: "stays", confidence: "certain" };
  expect(state.tell()).toMatchObject({ verdict: "It comes out differently.", reply: "Nothing holds it." });
});

test("options are marked once a prediction stands", () => {
  const state = make();
  expect(state.markOf("grows")).toEqual(["", ""]);
  state.committed = { guess: "stays", confidence: "" };
  expect(state.options.map((option) => state.markOf(option))).toEqual([
    ["right", "the truth"],
    ["mine", "you"],
    ["other", ""],
  ]);
  state.committed = { guess: "grows", confidence: "" };
  expect(state.markOf("grows")).toEqual(["right", "you, and the truth"]);
});

test("a number is right within its tolerance", () => {
  const state = make({ kind: "number", truth: 100, unit: "kB", options: [], answers: [] });
  state.committed = { guess: 109, confidence: "" };
  expect(state.isRight).toBe(true);
  state.committed = { guess: 111, confidence: "" };
  expect([state.isRight, state.withUnit(111)]).toEqual([false, "111 kB"]);
});

test("what was kept is taken only where it answers this question", () => {
  const state = make();
  state.recall({ guess: "explodes", confidence: "certain" });
  expect(state.committed).toBeNull();
  state.recall({ guess: "stays" } as never);
  expect(state.committed).toEqual({ guess: "stays", confidence: "" });
  const number = make({ kind: "number", truth: 1, options: [], answers: [] });
  number.recall({ guess: "many", confidence: "" });
  expect(number.committed).toBeNull();
});
