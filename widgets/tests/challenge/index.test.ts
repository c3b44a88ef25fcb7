// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import challenge from "../../src/challenge";
import { buildLadder, pickBest, writeScore } from "../../src/challenge/state";

const TRAITS = {
  lesson: "06",
  name: "remember",
  number: 5,
  keep: true,
  state: "short",
  goal: 40,
  score: 20,
  measures: "steps remembered",
  lower: false,
  marks: [["a plain layer", 5]],
  seconds: 60,
  elapsed: 3,
  done: null,
  sentence: "20 steps remembered: better than a plain layer (5).",
  notes: ["Lag 20 is remembered."],
  printed: "",
  hints: ["Look at the forget gate."],
  // biome-ignore lint/suspicious/noThenProperty: the name of a trait
  then: "and twice as far?",
};

async function draw(more: object = {}) {
  const traits: Record<string, unknown> = { ...TRAITS, ...more };
  const el = document.createElement("div");
  document.body.append(el);
  const model = { get: (name: string) => traits[name], on: vi.fn(), off: vi.fn() };
  const ended = new AbortController();
  await challenge.render({ model, el, host: {}, signal: ended.signal } as never);
  return { el, ended, rows: () => [...el.querySelectorAll(".rv-ladder li")].map((row) => row.textContent) };
}

beforeEach(() => {
  localStorage.clear();
  document.body.replaceChildren();
});

test("an attempt stands between the goal and what it is compared with", async () => {
  const { el, rows } = await draw();
  expect(el.querySelector(".rv-eyebrow")?.textContent).toBe("Exercise 5, an open challenge");
  expect(el.querySelector(".rv-question")?.textContent).toBe("Not there yet.");
  expect(rows()).toEqual(["the goal40", "this attempt20", "a plain layer5"]);
  expect(el.querySelector("[role=status]")?.textContent).toContain("Lag 20 is remembered.");
  expect(el.textContent).not.toContain("twice as far");
  expect(el.querySelector<HTMLElement>("progress")?.hidden).toBe(true);
});

test("the best score is kept, and a worse one does not replace it", async () => {
  await draw({ score: 30 });
  const { rows } = await draw({ score: 20 });
  expect(rows()).toEqual(["the goal40", "your best so far30", "this attempt20", "a plain layer5"]);
  await draw({ score: 45, state: "reached" });
  expect(JSON.parse(localStorage.getItem("rnnviz/progress/challenge/06/remember") ?? "")).toMatchObject({
    best: 45,
    reached: true,
  });
});

test("neither a solution's score is kept, nor one of the middle, nor one without a number", async () => {
  await draw({ keep: false, score: 50, state: "reached" });
  const { ended, el } = await draw({ state: "measuring", score: 10, done: 0.25 });
  await draw({ state: "failed", score: null, sentence: "Line 2: no." });
  expect(localStorage).toHaveLength(0);
  expect(el.querySelector("progress")?.hidden).toBe(false);
  expect(el.textContent).toContain("25 % of the measuring is done");
  ended.abort();
});

test("who reaches the goal is asked the next question, and needs no hints", async () => {
  const { el } = await draw({ state: "reached", score: 41 });
  expect(el.textContent).toContain("Next: and twice as far?");
  expect(el.querySelector<HTMLElement>(".rv-hints")?.hidden).toBe(true);
});

test("bars are as long as the way from the worst mark", () => {
  const aim = { goal: 0.1, lower: true, marks: [["the mean", 0.5]] as [string, number][] };
  const lengths = Object.fromEntries(
    buildLadder(aim, 0.3, 0.2).map(({ kind, length }) => [kind, Number(length.toFixed(3))]),
  );
  expect(lengths).toEqual({ goal: 1, best: 0.75, attempt: 0.5, mark: 0 });
  // Beyond the goal the attempt has the longest.
  expect(buildLadder(aim, 0, null)[0]).toMatchObject({ kind: "attempt", length: 1 });
  expect(pickBest(0.3, 0.2, true)).toBe(0.2);
  expect(pickBest("spoiled", 0.2, true)).toBe(0.2);
  expect(pickBest(0.3, null, true)).toBe(0.3);
  expect(writeScore(-0.123456)).toBe("−0.123");
});
