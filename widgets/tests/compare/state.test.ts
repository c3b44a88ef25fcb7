import { expect, test } from "vitest";
import { CompareState } from "../../src/compare/state";
import { block, high, low, trace } from "../lib/trace/small_trace";

/** The same layer of three steps beside one of two. */
const make = (array = "hidden") => new CompareState([trace, trace], ["long", "a, b"], ["l0", "l1"], array);

test("the shorter one has ended where only the longer goes on", () => {
  const state = make();
  expect([state.steps, state.units, state.clampStep(9)]).toEqual([3, 2, 2]);
  const [long, short] = state.sides;
  expect([state.read(long, 2, 0), state.read(short, 2, 0), state.read(short, 1, 9)]).toEqual([
    "0.500",
    "ended",
    "7.000",
  ]);
  expect(state.valueOf(short, 2, 0)).toBeNaN();
  expect(state.tell(2, 0)).toBe(
    "t = 2, unit 0, hidden state: long 0.500; a, b has ended. Size of the hidden state, ‖hₜ‖: long 0.500.",
  );
});

test("an array or a measure that no layer has is given up", () => {
  const state = make("forget");
  expect(state.arrays).toEqual(["forget", "hidden", "grad_hidden"]);
  state.measure = "gradient";
  state.settle();
  expect([state.array, state.measure]).toEqual(["forget", "gradient"]);
  state.chooseLayer(state.sides[0], "l1");
  expect([state.array, state.measure, state.measures]).toEqual(["hidden", "state", ["state", "unit"]]);
});

test("all maps have the same colours, or each its own", () => {
  const state = make();
  expect(state.sides.map((side) => state.rangeOf(side))).toEqual([
    { low: -1, high: 1 },
    { low: -1, high: 1 },
  ]);
  state.common = false;
  expect(state.sides.map((side) => state.rangeOf(side).high)).toEqual([4, 7]);
});

test("a difference needs two of one size", () => {
  const state = make();
  expect(state.difference!(1, 1)).toBe(6);
  expect(state.largestDifference).toBe(9);
  expect(state.sayDifference()).toBe("Difference of the two, 2 units over 3 steps: at most 9.000.");
  const narrow = { ...high, arrays: new Map([["hidden", block([[[1]], [[2]], [[3]]])]]) };
  const other = { ...trace, layers: [low, narrow] };
  expect(new CompareState([trace, other], ["A", "B"], ["l0", "l1"], "hidden").difference).toBeNull();
});

test("a cursor beyond the last sequence shows the last", () => {
  const state = make();
  state.sequence = 5;
  expect([state.sequence, state.sequenceOf(state.sides[0])]).toEqual([0, 0]);
});

test("the table names its trace in every line, and quotes what needs it", () => {
  const tables = make().tabulate().trim().split("\n\n");
  expect(tables.map((table) => table.split("\n")[0].split(",")[0])).toEqual(["trace", "trace"]);
  expect(tables[1].split("\n")[1]).toMatch(/^"a, b",/);
});
