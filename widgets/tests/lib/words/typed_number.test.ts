import { expect, test } from "vitest";
import { decimalsOf, readNumber, writeNumber } from "../../../src/lib/words/typed_number";

test.each([
  ["0.5", 0.5],
  ["0,5", 0.5],
  [" −1,25 ", -1.25],
  ["1e-3", 0.001],
  ["2,5E−2", 0.025],
  [".5", 0.5],
  ["5.", 5],
  ["+3", 3],
  ["1 234,5", 1234.5],
  ["1.234,5", 1234.5],
  ["1,234.5", 1234.5],
  ["1.234.567", 1234567],
  ["1,234", 1.234],
  ["12’345", 12345],
])("%s is read as %d", (typed, number) => {
  expect(readNumber(typed)).toBe(number);
});

test.each(["", "abc", "1,2,3", "1.2.3,4", "--1", "5 kB", "1e", "0x10", ",", "Infinity", "1-2", "12,34.5"])(
  "“%s” is no number",
  (typed) => {
    expect(readNumber(typed)).toBeNaN();
  },
);

test("a number is written as finely as its step asks, and what is finer is not rounded away", () => {
  expect([1, 5, 0.5, 0.05, 0.01].map(decimalsOf)).toEqual([0, 0, 1, 2, 2]);
  expect(writeNumber(0.3 + 0.6, 0.05)).toBe("0.90");
  expect(writeNumber(-0.0, 0.1)).toBe("0.0");
  expect(writeNumber(0.123456789, 0.1)).toBe("0.123457");
  expect(writeNumber(1200, 5)).toBe("1200");
});
