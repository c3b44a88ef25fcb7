import { expect, test } from "vitest";
import { MapsState } from "../../src/gate_heatmap/state";
import type { Layer } from "../../src/lib/trace/trace";
import { block, low, trace } from "../lib/trace/small_trace";

const make = (arrays = ["forget", "hidden"]) => new MapsState(trace, "l0", arrays, "index", "kind");

test("another layer shows what it has of gates and states", () => {
  const state = make(["forget", "grad_hidden"]);
  expect(state.maps.map(({ name }) => name)).toEqual(["forget", "grad_hidden"]);
  expect(state.goTo("l1", 4)).toBe(true);
  expect([state.maps.map(({ name }) => name), state.steps]).toEqual([["hidden"], 2]);
  expect(state.goTo("nowhere", 0)).toBe(false);
  expect(state.goTo("l0", 0)).toBe(true);
  expect(state.maps.map(({ name }) => name)).toEqual(["forget", "grad_hidden"]);
});

test("the map that the cursor is on leads, and G goes round", () => {
  const state = make();
  expect(state.leading.name).toBe("hidden");
  state.gate = "forget";
  expect([state.leading.name, state.next(1).name, state.next(-1).name]).toEqual([
    "forget",
    "hidden",
    "hidden",
  ]);
});

test("units stand sorted by the leading map, alike in all maps of that size", () => {
  const state = make();
  state.gate = "hidden";
  state.zoom = { top: 0, bottom: 1, left: 0, right: 1 };
  state.sort("range");
  expect(state.zoom).toBeNull();
  expect(state.maps.map(({ order }) => order)).toEqual([
    [1, 0],
    [1, 0],
  ]);
  expect(state.placeOf(9, 0)).toEqual({ row: 1, column: 2 });
  expect(state.tell(0)).toMatch(/ Units stand .+ of the hidden state\.$/);
});

test("a narrower map keeps its own order, and its rows end where it ends", () => {
  const narrow: Layer = {
    ...low,
    arrays: new Map([...low.arrays, ["hidden", block([[[3]], [[0]], [[1]]])]]),
  };
  const state = new MapsState({ ...trace, layers: [narrow] }, "l0", ["forget", "hidden"], "range", "kind");
  state.gate = "forget";
  state.arrange();
  expect(state.maps.map(({ order }) => order.length)).toEqual([2, 1]);
  expect([state.widest.name, state.units, state.partOf(state.maps[1]).bottom]).toEqual(["forget", 2, 1]);
});

test("zooming takes the cursor along, and a cursor moved away takes the view along", () => {
  const state = make();
  const part = { top: 1, bottom: 2, left: 1, right: 3 };
  expect(state.zoomTo(part, { row: 0, column: 0 })).toEqual({ row: 1, column: 1 });
  expect(state.followCursor({ row: 1, column: 2 })).toBe(false);
  expect(state.followCursor({ row: 0, column: 0 })).toBe(true);
  expect(state.zoom).toMatchObject({ top: 0, left: 0 });
});

test("a selected part is counted by itself", () => {
  const state = make();
  expect(state.describePart()).toBeNull();
  state.brushed = { top: 1, bottom: 2, left: 0, right: 2 };
  const told = state.describePart()!;
  expect(told.title).toBe("Selected: unit 1, steps 0 to 1");
  expect(told.rows[0]).toEqual({
    name: "Forget gate",
    numbers: ["0.960", "0.010", "0.950", "0.970", "0 %", "100 %"],
  });
  expect(told.rows[1].numbers.slice(4)).toEqual(["", ""]);
});

test("what is not finite is counted instead of shares", () => {
  const state = make();
  expect(state.sayMap(state.maps[0])).toBe("17 % closed, 50 % open");
  state.maps[0].block.data[0] = Number.NaN;
  expect(state.sayMap(state.maps[0])).toBe("1 value not finite");
  state.maps[0].block.data[0] = 0.2;
});
