import { describe, expect, it } from "vitest";
import type { Hold } from "../../src/surgery/holds";
import { SurgeryState } from "../../src/surgery/state";
import { loadCase } from "../lib/trace/load_case";

const trace = {
  ...loadCase("LSTM"),
  labels: [
    ["a", "b", "c", "b"],
    ["c", "a", "b", "a"],
  ],
};
const top = trace.layers[trace.layers.length - 1];
const width = trace.layers[0].input.shape[2];
const classes = ["yes", "no"];
const hold: Hold = { layer: "l0", gate: "forget", units: null, from: 1, to: 2, value: 0.5 };

/** A head of two classes, and an embedding of three words; without them, the page cannot run the network. */
function make(inPage = true, more: Record<string, unknown> = {}) {
  const place = { step: 1, sequence: 0, unit: 0, layer: "", gate: "" };
  const numbers: number[] = [];
  const add = (...shape: [number, number]) => {
    const entry = { shape, offset: numbers.length };
    for (let k = 0; k < shape[0] * shape[1]; k++) numbers.push(Math.sin(k + 1));
    return entry;
  };
  const logits = add(2, 2);
  const tables = inPage
    ? { logits, weight: add(2, top.units), bias: add(1, 2), embedding: add(3, width) }
    : { logits };
  const traits: Record<string, unknown> = {
    tables,
    data: new DataView(Float32Array.from(numbers).buffer),
    by_page: inPage,
    classes,
    targets: [0, 1],
    vocabulary: ["a", "b", "c"],
    layer: "l0",
    array: "forget",
    holds: [],
    answer: null,
    ...more,
  };
  const cursor = { get: (key: string) => place[key as keyof typeof place] };
  const state = new SurgeryState({ get: (name: string) => traits[name] } as never, trace, cursor as never);
  state.refresh();
  return { state, place, traits };
}

describe("what is held", () => {
  it("is what was drawn, or all units at the cursor", () => {
    const { state } = make();
    expect(state.draft(0.5)).toEqual({ ...hold, to: 1 });
    state.drawRegion({ row: 2, column: 3 }, { row: 1, column: 1 });
    expect(state.draft(0)).toEqual({ ...hold, units: [1, 2], to: 3, value: 0 });
    state.drawSteps(0, 3);
    expect(state.sayDraft(0)).toBe(
      "Chosen: Forget gate of l0 at 0.00, all units, at every step. Draw along the text or over the map to choose more.",
    );
  });

  it("is forgotten where the cursor leaves what was drawn", () => {
    const { state, place } = make();
    state.drawSteps(0, 1);
    state.follow();
    expect(state.drawn).not.toBeNull();
    place.step = 2;
    state.follow();
    expect(state.drawn).toBeNull();
  });

  it("changes the state from there on, and lets go of it again", () => {
    const { state } = make();
    const before = state.now.at(0, "cell", 1, 0);
    state.hold(0);
    state.refresh();
    expect(state.now.at(0, "cell", 1, 0)).not.toBeCloseTo(before, 6);
    expect(state.now.at(0, "cell", 0, 0)).toBeCloseTo(state.untouched.at(0, "cell", 0, 0), 5);
    expect([state.setValue(1), state.chosenHold?.value, state.range, state.value]).toEqual([
      true,
      1,
      [0, 1],
      1,
    ]);
    expect(state.held).toEqual({ top: 0, bottom: trace.layers[0].units, left: 1, right: 2 });
    expect(state.sayMap()).toContain("1 hold in place.");
    state.release(0);
    state.refresh();
    expect(state.now).toBe(state.untouched);
    expect([state.chosen, state.held, state.isTouched]).toEqual([-1, null, false]);
  });

  it("is chosen by its array, and left alone where another one is shown", () => {
    const { state } = make(true, { holds: [hold, { ...hold, gate: "cell" }] });
    expect(state.chosen).toBe(1);
    expect([state.value, state.setValue(2)]).toEqual([0, false]);
    state.showArray("forget");
    expect([state.chosen, state.value]).toEqual([0, 0.5]);
    state.showArray("hidden");
    expect([state.chosen, state.range]).toEqual([-1, [-1, 1]]);
    expect(state.choose(1)?.gate).toBe("cell");
    expect(state.choose(1)).toBeUndefined();
  });

  it("shows the change alone, in colours as strong as the largest", () => {
    const { state } = make(true, { holds: [hold] });
    state.changes = true;
    expect(state.at(0, 0)).toBeCloseTo(0, 5);
    expect(state.at(0, 1)).toBeCloseTo(0.5 - state.untouched.at(0, "forget", 1, 0), 6);
    expect(state.largest).toBeLessThan(1);
    expect(state.sayTitle()).toBe("Forget gate, change by what is held");
  });
});

describe("another word", () => {
  it("takes the right answer away from its own sequence alone", () => {
    const { state, place } = make();
    const before = [...state.now.shares];
    state.replaceWord(2);
    state.refresh();
    expect(state.labels).toEqual(["a", "c", "c", "b"]);
    expect([...state.now.shares]).not.toEqual(before);
    expect([state.target, state.losses, state.isTouched, state.isMarked(1)]).toEqual([
      undefined,
      null,
      true,
      true,
    ]);
    place.sequence = 1;
    state.refresh();
    expect([state.target, state.isMarked(1)]).toEqual([1, false]);
    place.sequence = 0;
    state.replaceWord(1);
    expect([state.isTouched, state.word]).toEqual([false, 1]);
  });
});

describe("where Python runs the network", () => {
  it("is asked once for what is held, and its answer is taken", () => {
    const { state, traits } = make(false);
    expect(state.refresh()).toBeNull();
    state.hold(0.5);
    expect(state.refresh()).toEqual({ sequence: 0, holds: [{ ...hold, to: 1 }] });
    expect(state.refresh()).toBeNull();
    traits.answer = {
      sequence: 0,
      arrays: { l0: { hidden: { shape: [4, 2], offset: 0 } } },
      logits: { shape: [1, 2], offset: 8 },
    };
    traits.answer_data = new DataView(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 0, Math.log(3)).buffer);
    state.takeAnswer();
    expect(state.now.at(0, "hidden", 2, 1)).toBe(5);
    expect(state.now.at(0, "cell", 2, 1)).toBe(state.untouched.at(0, "cell", 2, 1));
    expect(state.now.shares[1]).toBeCloseTo(0.75, 6);
    expect(state.sayAnswer()).toContain("It answers “no” (0.75), which is wrong");
  });

  it("shows nothing of one sequence in another while an answer is on its way", () => {
    const { state, place } = make(false, { holds: [hold] });
    const before = state.now;
    place.sequence = 1;
    expect(state.refresh()).toEqual({ sequence: 1, holds: [hold] });
    expect(state.now).toBe(state.untouched);
    expect(state.now).not.toBe(before);
  });
});

it("is tabled class by class", () => {
  const lines = make().state.tabulate().split("\n");
  expect(lines[0]).toBe("class,untouched,now");
  expect(lines[1]).toMatch(/^yes,0\.\d+,0\.\d+$/);
});
