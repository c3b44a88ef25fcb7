// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { openShelf } from "../../src/lib/page/progress";
import { countAnswered, describeProgress, findCurrent, findRead } from "../../src/page_frame/sections";

beforeEach(() => localStorage.clear());

test("questions with an answer are counted, whatever kind they are", () => {
  openShelf("quiz", "02", "one", localStorage).keep({});
  openShelf("predict", "02", "two", localStorage).keep({});
  openShelf("check", "02", "three", localStorage).keep({});
  expect(countAnswered(["02/one", "02/two", "02/three", "03/one"], localStorage)).toBe(2);
  expect(countAnswered(["02/one"], null)).toBe(0);
});

test.each([
  [0, 0, false, "none", ""],
  [0, 0, true, "done", "read"],
  [2, 0, false, "none", ""],
  [2, 0, true, "begun", "read, 2 to answer"],
  [2, 1, true, "begun", "1 of 2 answered"],
  [2, 2, false, "done", "all answered"],
])("%i asked, %i answered, read: %s", (asked, answered, read, state, words) => {
  expect(describeProgress(asked, answered, read)).toMatchObject({ state, words });
});

test("the section being read is the last whose heading has passed the line", () => {
  expect(findCurrent([120, 700, 900], 100)).toBe(-1);
  expect(findCurrent([-500, 90, 400], 100)).toBe(1);
  expect(findCurrent([-900, -500, -10], 100)).toBe(2);
});

test("read is what ends in the window, from the section being read on", () => {
  // The first was passed, the second ends at 600, the third below the window.
  expect(findRead([-900, -300, 600], 1, 800, 1500)).toEqual([1]);
  expect(findRead([-900, -300, 600], 1, 800, 800)).toEqual([1, 2]);
  // Above the first heading, a short section may lie in the window as a whole.
  expect(findRead([200, 300], -1, 800, 900)).toEqual([0]);
});
