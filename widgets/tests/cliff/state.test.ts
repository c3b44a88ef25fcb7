import { expect, test } from "vitest";
import { BALLS, CliffState, isOut, TURN } from "../../src/cliff/state";

const make = () => new CliffState({ steps: 50, w: 5, b: -2.2, rate: 0.5, clip: 0.5 }, 30);

test("the clipped ball never goes farther than rate × clip; the plain one does", () => {
  const state = make();
  state.choose({ b: -2.6 });
  const longest = BALLS.map((_, ball) => Math.max(...state.paths[ball].map((stand) => state.moveOf(stand))));
  expect(longest[1]).toBeLessThanOrEqual(0.25 + 1e-12);
  state.choose({ clip: 1e-3 });
  expect(state.paths[1].every((stand) => stand.norm * stand.factor <= 1e-3 + 1e-12)).toBe(true);
});

test("a trail ends at the update that is shown", () => {
  const state = make();
  expect(state.trail(0)).toHaveLength(1);
  state.now = 7;
  expect(state.trail(1)).toHaveLength(8);
  expect(state.paths[0]).toHaveLength(31);
});

test("the landscape turns so far and no farther", () => {
  const state = make();
  state.turnTo(9);
  expect(state.turn).toBe(TURN);
});

test("off the map is beyond any of its edges", () => {
  expect([isOut([5, -2]), isOut([2, -4]), isOut([8.01, -2]), isOut([5, -0.9])]).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test("what is said and saved is what is computed", () => {
  const state = make();
  expect(state.tell()).toMatch(/^Over 30 updates: plain, it ends .+\. Clipped, it ends .+\.$/);
  expect(state.tabulate().trim().split("\n")).toHaveLength(1 + 2 * 31);
  expect(state.writeCode()).toContain("for t in range(50):");
  expect(state.writeCode()).toContain("point - 0.500 * gradient");
});
