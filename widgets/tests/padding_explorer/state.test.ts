import { expect, test } from "vitest";
import { PaddingState, type Settings } from "../../src/padding_explorer/state";

const SETTINGS: Settings = { lengths: [3, 9, 1, 12], method: "batch", batch: 2, buckets: 2, seed: 0 };
const make = (more: Partial<Settings> = {}) => new PaddingState({ ...SETTINGS, ...more });

test("every sequence has its row, one under the other, batch by batch", () => {
  const state = make();
  expect(state.batches.flat().sort()).toEqual([0, 1, 2, 3]);
  const ys = state.batches.flat().map((place) => state.arrangement.rows.get(place)!.y);
  expect(ys).toEqual([...ys].sort((a, b) => a - b));
  const [first] = state.batches;
  const longest = Math.max(...first.map((place) => state.lengths[place]));
  expect(first.map((place) => state.arrangement.rows.get(place)!.until)).toEqual([longest, longest]);
});

test("packed, the longest comes first and nothing is computed for nothing", () => {
  const state = make({ method: "packed" });
  for (const batch of state.batches)
    expect(state.lengths[batch[0]]).toBe(Math.max(...batch.map((place) => state.lengths[place])));
  expect(
    state
      .tabulate()
      .trim()
      .split("\n")
      .slice(1)
      .every((line) => line.endsWith(",0")),
  ).toBe(true);
});

test("a bar neither empties the set nor swallows it", () => {
  const state = make({ lengths: [2, 2, 2] });
  expect(state.withCount(1, 0)).toEqual([2]);
  expect(state.withCount(1, 400)).toHaveLength(40);
  expect(make().withCount(2, 0)).toHaveLength(3);
});

test("bins grow with what Python sends, and never shrink under a hand", () => {
  const state = make();
  expect([state.bin, state.nameBin(0)]).toEqual([1, "1 steps"]);
  state.take({ ...SETTINGS, lengths: [60] });
  expect([state.bin, state.nameBin(1)]).toEqual([5, "6 to 10 steps"]);
  state.take(SETTINGS);
  expect(state.bin).toBe(5);
});

test("batches for which there is no room are counted, not drawn", () => {
  const state = make({ lengths: new Array(2000).fill(4), batch: 32 });
  expect(state.arrangement.left).toBeGreaterThan(0);
  expect(state.note).toMatch(/^The first \d+ of 63 batches are drawn; the numbers count all\.$/);
  expect(make().note).toBe("");
});

test("a sequence is named with its batch and its padding", () => {
  const state = make({ method: "all" });
  const batch = state.batches.findIndex((one) => one.includes(2)) + 1;
  expect(state.sayPlace(2)).toBe(`sequence 2, batch ${batch}: 1 step and 11 of padding`);
  expect(state.sayPlace(77)).toBe("sequence 77");
});
