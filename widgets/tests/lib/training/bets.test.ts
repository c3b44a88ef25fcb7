import { expect, test } from "vitest";
import {
  agreement,
  type Frame,
  fits,
  isOver,
  onAxis,
  percentRatio,
  ranking,
  type Scene,
  scoreBet,
  spanRatios,
  tellOutcome,
} from "../../../src/lib/training/bets";

const scene: Scene = {
  lesson: "06",
  name: "bet",
  names: ["a", "b", "c"],
  ratios: { a: 1e-9, b: 0.5, c: 30 },
  steps: 60,
  updates: 100,
  every: 25,
  solved: 0.01,
  baseline: 1 / 6,
  margin: 5,
  seed: 0,
};
const trial = (solved: number | null, updates = 100) => ({
  updates,
  errors: [0.2],
  solved,
  diverged: false,
  seconds: 0,
});
const frame: Frame = { a: trial(null), b: trial(50, 50), c: trial(75, 75) };

test("a point for each right word, two for the fastest", () => {
  const bet = { learns: { a: false, b: true, c: false }, fastest: "b" };
  expect(scoreBet(scene, frame, bet)).toMatchObject({ points: 4, most: 5, fastest: true });
  expect(scoreBet(scene, frame, { ...bet, fastest: "c" }).points).toBe(2);
});

test("where none solves it, only who named none as the fastest is right", () => {
  const none = { a: trial(null), b: trial(null), c: trial(null) };
  const learns = { a: false, b: false, c: false };
  expect(scoreBet(scene, none, { learns, fastest: "" }).points).toBe(5);
  expect(scoreBet(scene, none, { learns, fastest: "a" }).points).toBe(3);
  expect(agreement(scene, none)).toBeNull();
});

test("of those that tie, each is the fastest", () => {
  const tie = { ...frame, c: trial(50, 50) };
  for (const fastest of ["b", "c"])
    expect(scoreBet(scene, tie, { learns: { a: false, b: true, c: true }, fastest }).fastest).toBe(true);
});

test("over when each has solved it, diverged or used up its updates", () => {
  expect(isOver(scene, frame)).toBe(true);
  expect(isOver(scene, { ...frame, a: trial(null, 99) })).toBe(false);
  expect(isOver(scene, { ...frame, a: { ...trial(null, 3), diverged: true } })).toBe(true);
});

test("the ratio nearer to 1 is the better bet", () => {
  expect(ranking(scene, frame)).toEqual(["b", "c"]);
  expect(agreement(scene, frame)).toEqual({ right: 3, pairs: 3 });
  expect(tellOutcome(scene, frame)).toContain("In 3 of 3 pairs");
});

test("a kept bet on other networks does not count", () => {
  expect(fits(scene, { learns: { a: true }, fastest: "a" })).toBe(false);
  expect(fits(scene, { learns: { a: true, b: true, c: true }, fastest: "z" })).toBe(false);
  expect(fits(scene, { learns: { a: true, b: true, c: true }, fastest: "a" })).toBe(true);
  expect(fits(scene, null)).toBe(false);
});

test("each ratio lies inside its axis, and what has none is torn off at its edge", () => {
  const tiny = { ...scene, ratios: { a: 2e-28, b: 0.04, c: 20 } };
  expect(spanRatios(tiny)).toEqual([-28.5, 3.5]);
  expect(percentRatio(tiny, 2e-28)).toBeCloseTo((100 * (28.5 - 27.699)) / 32, 2);
  expect(percentRatio(tiny, 1)).toBeCloseTo((100 * 28.5) / 32, 6);
  for (const name of tiny.names) expect(onAxis(tiny.ratios[name as "a"])).toBe(true);
  const gone = { ...scene, ratios: { a: 0, b: null, c: 1e9 } };
  expect(onAxis(0) || onAxis(null)).toBe(false);
  expect(percentRatio(gone, 0)).toBe(0);
  expect(percentRatio(gone, 1e9)).toBeLessThan(100);
});
