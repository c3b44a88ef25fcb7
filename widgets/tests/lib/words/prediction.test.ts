import { expect, test } from "vitest";
import { calibrate, compareNumbers, makeStrip, shortNumber } from "../../../src/lib/words/prediction";

test("numbers are written as short as they are", () => {
  expect([45, -3, 0.5, 2.125, 12.34, 123456, 0, 1.0000001].map((value) => shortNumber(value))).toEqual([
    "45",
    "−3",
    "0.5",
    "2.125",
    "12.3",
    "1.2·10⁵",
    "0",
    "1",
  ]);
});

test("how far off a guess is", () => {
  expect(compareNumbers(45, 45, 0.1)).toBe("Exactly right.");
  expect(compareNumbers(47, 45, 0.1)).toBe("Close.");
  expect(compareNumbers(60, 45, 0.1)).toBe("15 too high.");
  expect(compareNumbers(450, 45, 0.1)).toBe("10 times too high.");
  expect(compareNumbers(9, 45, 0.1)).toBe("5 times too low.");
  expect(compareNumbers(-5, 45, 0.1)).toBe("50 too low.");
  expect(compareNumbers(3, 0, 0.1)).toBe("3 too high.");
});

test("confidence is answered, where it was given", () => {
  expect(calibrate(false, "certain")).toContain("surprise");
  expect(calibrate(true, "just guessing")).toContain("guess");
  expect(calibrate(true, "fairly sure")).toBe("");
  expect(calibrate(true, "")).toBe("");
});

test("both values lie on the strip", () => {
  for (const [guess, truth] of [
    [1050, 45],
    [-2, 3],
    [0, 0],
    [7, 7],
  ]) {
    const { place } = makeStrip(guess, truth, null, null);
    for (const value of [guess, truth]) {
      expect(place(value)).toBeGreaterThanOrEqual(0);
      expect(place(value)).toBeLessThanOrEqual(1);
    }
    if (guess < truth) expect(place(guess)).toBeLessThan(place(truth));
  }
  expect(makeStrip(5, 5, 0, 10).place(5)).toBe(0.5);
});
