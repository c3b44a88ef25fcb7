import { expect, test } from "vitest";
import { CurvesState } from "../../src/gradient_curves/state";

/** Two models of two sequences, 3 and 2 steps long; the second has no cell state. */
const HEADERS = [
  { name: "LSTM", steps: 3, sequences: 2, lengths: [3, 2], hidden: 0, cell: 6, growth: 2 },
  { name: "a, b", steps: 3, sequences: 2, lengths: [3, 2], hidden: 12, cell: null, growth: null },
];
const NUMBERS = [1, 10, 2, 20, 4, 0, 5, 5, 6, 6, 7, 7, 0, 1, Number.POSITIVE_INFINITY, Number.NaN, 8, 0];
const data = new DataView(Float64Array.from(NUMBERS).buffer);

function make(sequence = 0, change: (state: CurvesState) => void = () => {}) {
  const state = new CurvesState("hidden", true);
  change(state);
  state.read(HEADERS, data, sequence);
  return state;
}

test("a curve is as long as its sequence, and a cursor beyond the last one shows the last", () => {
  expect(make().curves.map(({ values }) => [...values!])).toEqual([
    [1, 2, 4],
    [0, Number.POSITIVE_INFINITY, 8],
  ]);
  const second = make(7);
  expect(second.sequence).toBe(1);
  expect(second.steps).toBe(2);
  expect([...second.curves[0].values!]).toEqual([10, 20]);
});

test("the bound grows back from the last step, where it is known and asked for", () => {
  expect([...make().curves[0].bound!]).toEqual([16, 8, 4]);
  expect(make().curves[1].bound).toBeNull();
  expect(make(0, (state) => (state.bounds = false)).curves[0].bound).toBeNull();
  const cell = make(0, (state) => (state.quantity = "cell"));
  expect(cell.curves.map(({ bound }) => bound)).toEqual([null, null]);
  expect(cell.hasBound).toBe(false);
});

test("what is put away is neither drawn nor counted", () => {
  const state = make();
  expect(state.range).toEqual([-1, 1]);
  expect(state.toggle("a, b")).toBe(false);
  expect(state.shown().map(({ name }) => name)).toEqual(["LSTM"]);
  expect(state.trouble()).toBe("");
  expect(state.toggle("LSTM")).toBe(false);
  expect(state.trouble()).toBe("Choose a curve above to show it.");
});

test("what has no height is named with its mark", () => {
  expect(make().trouble()).toBe(
    "▽ on the lower edge: exactly zero, which has no place on a logarithmic axis (a, b). " +
      "△ on the upper edge: infinite (a, b).",
  );
  expect(make(1).trouble()).toBe("× on the upper edge: not a number (a, b).");
});

test("the axes follow plotly's zoom", () => {
  const state = make();
  expect(state.axes().x.range).toEqual([0, 2]);
  state.zoom = { x: [1, 2], y: [0.2, 0.4] };
  expect(state.axes()).toEqual({ x: { range: [1, 2], log: false }, y: { range: [0.2, 0.4], log: true } });
});

test("the table has a column for each curve there is", () => {
  expect(make(0, (state) => (state.quantity = "cell")).tabulate()).toBe("step,LSTM\n0,5\n1,6\n2,7\n");
  expect(make(1).tabulate()).toBe('step,LSTM,"a, b"\n0,10,1\n1,20,NaN\n');
});
