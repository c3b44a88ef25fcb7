import { expect, test } from "vitest";
import { commit, type Option, restore, retry, START, verdict } from "../../src/quiz/state";

const OPTIONS: Option[] = [
  { text: "a", right: false, misconception: "m", answer: "no" },
  { text: "b", right: true, answer: "yes" },
  { text: "c", right: false, misconception: "n", answer: "no" },
];

test("a wrong answer is read before another is given", () => {
  const wrong = commit(START, 0, OPTIONS);
  expect(wrong).toEqual({ tried: [0], stage: "answered" });
  expect(verdict(wrong)).toBe("Not quite.");
  expect(commit(wrong, 1, OPTIONS)).toBe(wrong);
  const again = retry(wrong);
  expect(commit(again, 0, OPTIONS)).toBe(again);
  const right = commit(again, 1, OPTIONS);
  expect(right).toEqual({ tried: [0, 1], stage: "solved" });
  expect(verdict(right)).toBe("Right, at try 2.");
  expect(retry(right)).toBe(right);
});

test("nothing chosen is nothing committed", () => {
  expect(commit(START, -1, OPTIONS)).toBe(START);
  expect(verdict(commit(START, 1, OPTIONS))).toBe("Right, at the first try.");
});

test("what was tried is found again by its words", () => {
  expect(restore(["a", "b"], OPTIONS)).toEqual({ tried: [0, 1], stage: "solved" });
  expect(restore(["c", "gone", "c"], OPTIONS)).toEqual({ tried: [2], stage: "answered" });
  for (const odd of [undefined, null, "a", [], ["gone"], [7]]) expect(restore(odd, OPTIONS)).toEqual(START);
});
