import { describe, expect, it } from "vitest";
import { percent, WeightState } from "../../src/weight_gradient/state";

/** Three steps and a matrix of two by one: the loss of the last step alone, which adds 1, 2 and 5 to the first weight. */
const PARTS = [
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [1, 0, 2, 0, 5, -8],
];

function make(more: Record<string, unknown> = {}) {
  const place = { step: 2 };
  const traits: Record<string, unknown> = {
    parts: { weight_hh: { shape: [3, 3, 2, 1], offset: 0 }, bias_hh: { shape: [3, 3, 2, 1], offset: 0 } },
    data: new DataView(Float32Array.from(PARTS.flat()).buffer),
    gates: [],
    labels: ["a", "b", "c"],
    reverse: false,
    weight: "weight_hh",
    cut: "back",
    truncate: 9,
    layer: "l0",
    module: {
      kind: "RNN",
      layers: ["l0"],
      alone: ["l0"],
      path: "",
      inputs: 1,
      options: [],
      shape: [3, 1, 1],
      lengths: [3],
      backward: true,
    },
    ...more,
  };
  const cursor = { get: (key: string) => place[key as keyof typeof place] };
  return { state: new WeightState({ get: (name: string) => traits[name] } as never, cursor as never), place };
}

describe("the whole gradient", () => {
  it("adds up as the cursor goes back", () => {
    const { state, place } = make();
    expect([state.sum(2), state.sum(1), state.sum(0), state.total()]).toEqual([5, 7, 8, 8]);
    expect([state.largest, state.largestPart, state.reach, state.isCut]).toEqual([8, 8, 3, false]);
    expect([0, 1, 2].map((k) => state.isReached(k))).toEqual([false, false, true]);
    expect([state.saySum(), state.sayStep(2)]).toEqual(["sum of t = 2 … 2", "back to t = 2 · c"]);
    place.step = 0;
    expect(state.tell()).toBe(
      "All steps are added: 100 % of the gradient, this is .grad. Step 0 itself adds 6.3 %.",
    );
    expect(state.sayNumbers()).toEqual([
      ["Wₕ[0, 0]", "unit 0 → unit 0"],
      ["t = 0 adds", "1.0000"],
      ["sum so far", "8.0000"],
      [".grad", "8.0000"],
    ]);
  });

  it("is added the other way where the layer runs backwards", () => {
    const { state, place } = make({ reverse: true });
    place.step = 1;
    expect([0, 1, 2].map((k) => state.isReached(k))).toEqual([true, true, false]);
    expect([state.after(1), state.saySum()]).toEqual([2, "sum of t = 0 … 1"]);
  });

  it("picks a weight, and stays inside", () => {
    const { state } = make({ gates: ["update", "reset"] });
    state.pick(9, -1);
    expect(state.picked).toEqual({ row: 1, column: 0 });
    expect([state.sayPicked(), state.nameWeight(), state.total()]).toEqual([
      "unit 0 → reset of unit 0",
      "Wₕ[1, 0]",
      -8,
    ]);
    state.choose("bias_hh");
    expect([state.picked.row, state.nameWeight(), state.sayPicked()]).toEqual([
      0,
      "b[0]",
      "update of unit 0",
    ]);
  });

  it("says when there is nothing to show, or nothing finite", () => {
    const data = (values: number[]) => ({ data: new DataView(Float32Array.from(values).buffer) });
    expect(make(data(new Array(18).fill(0))).state.tell()).toBe(
      "This gradient is zero: no loss depends on these weights.",
    );
    expect(make(data([...new Array(17).fill(0), Number.NaN])).state.tell()).toBe(
      "Of the 2 numbers of this gradient, 1 are not finite.",
    );
  });
});

describe("a gradient cut short", () => {
  it("keeps what its reach leaves", () => {
    const { state, place } = make();
    state.goBack(1.4);
    place.step = 0;
    expect([state.reach, state.adds(0), state.adds(2), state.total()]).toEqual([1, 0, 5, 8]);
    expect(state.kept).toHaveLength(3);
    expect(state.kept[2]).toBeCloseTo(1, 12);
    expect(state.sayTruncation()).toBe(
      "With 1 step back, 81 % of the gradient is kept, measured along its own direction. The cosine between the two is 0.97.",
    );
    expect(state.tell()).toContain("this is all that truncation leaves");
    expect([state.sayWhole(), state.sayReach(1), state.sayReach(3)]).toEqual([
      ".grad, not truncated",
      "1 step",
      "3 steps: all of them",
    ]);
    state.goBack(99);
    expect(state.sayTruncation()).toBe("Nothing is cut: all of the gradient is kept.");
    state.goBack(-5);
    expect(state.reach).toBe(1);
  });

  it("is tabled as it is cut", () => {
    const { state } = make({ truncate: 1 });
    const lines = state.tabulate().trim().split("\n");
    expect([lines.length, lines[1], lines[5]]).toEqual([7, "0,0,0,0,5,8", "2,0,0,5,5,8"]);
    state.chooseCut("every");
    expect(state.sayTruncation()).toContain("Cut every 1 step, ");
  });
});

it("is written as Python, of a file where the recording lies in one", () => {
  const { state } = make({ truncate: 2 });
  expect(state.writeCode()).toContain('rw.WeightGradient(trace, layer="l0", weight="weight_hh", truncate=2');
  expect(state.writeCode("mine.nc")).toContain("mine.nc");
});

it("writes shares as percentages", () => {
  expect([0.0625, 0.5, -0.031, 0, -0.0001, Number.NaN].map(percent)).toEqual([
    "6.3 %",
    "50 %",
    "−3.1 %",
    "0 %",
    "0.0 %",
    "no number",
  ]);
});
