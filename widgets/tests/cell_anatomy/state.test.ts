import { expect, test } from "vitest";
import { STAGES } from "../../src/cell_anatomy/diagram";
import { CellState, rangeOf, WHOLE } from "../../src/cell_anatomy/state";
import { loadCase } from "../lib/trace/load_case";

function make(name: string) {
  const trace = loadCase(name);
  return new CellState(trace, trace.feeds, trace.layers[0].name);
}
const far = { layer: "nowhere", sequence: 99, step: 99, unit: 99 };

test("a cursor beyond this trace shows its last", () => {
  const state = make("LSTM");
  state.goTo(far);
  const { lengths, sequences, units, name } = state.layer;
  expect(name).toBe(state.trace.layers[0].name);
  expect([state.sequence, state.step, state.unit]).toEqual([
    sequences - 1,
    lengths[sequences - 1] - 1,
    units - 1,
  ]);
});

test("a held gate has its value at every step, within what a gate can be, until it is let go", () => {
  const state = make("LSTM");
  state.goTo({ ...far, step: 1, unit: 0 });
  const recorded = state.valueOf("forget");
  state.hold("forget", 7);
  expect(state.valueOf("forget")).toBe(1);
  state.hold("candidate", -3);
  expect([state.valueOf("candidate"), rangeOf("candidate")]).toEqual([-1, [-1, 1]]);
  expect(state.tell()).toMatch(/^Held by hand, .* forget at 1\.00, candidate at −1\.00\./);
  state.letGo("candidate");
  expect([state.isHeld("forget"), state.isHeld("candidate")]).toEqual([true, false]);
  state.release();
  expect(state.valueOf("forget")).toBeCloseTo(recorded, 6);
});

test("at the first stage all gates but the candidate stand open", () => {
  const state = make("LSTM");
  state.chooseStage(0);
  expect(["forget", "input", "output", "candidate"].map((gate) => state.decided(gate))).toEqual([
    1,
    1,
    1,
    undefined,
  ]);
  expect(state.valueOf("forget")).toBe(1);
  expect(state.tell()).toBe(STAGES[0].text);
  const gru = make("GRU");
  gru.chooseStage(0);
  expect(gru.decided("reset")).toBeUndefined();
});

test("slow motion tells each quarter, and a plain RNN has no gates to speak of", () => {
  const state = make("GRU");
  state.phase = 2;
  expect(state.tell()).toBe(state.diagram.phases[1]);
  state.phase = WHOLE;
  expect(state.tell()).toContain("Drag a gate up or down");
  expect(make("tanh").tell()).toContain("A plain RNN has no gates");
});

test("what cannot be drawn says why", () => {
  const state = make("LSTM");
  expect(state.whyUndrawn).toBe("");
  const { weights, units } = state.layer;
  weights.set("weight_hr", { shape: [2, units], data: new Float32Array(2 * units) });
  expect(state.whyUndrawn).toContain("proj_size=2");
  weights.clear();
  expect([state.isEditable, state.whyUndrawn]).toEqual([
    false,
    "This LSTM was recorded without its weights, so nothing is drawn.",
  ]);
});
