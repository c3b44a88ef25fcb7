// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import check from "../../src/check/index";
import { drawWidget } from "../draw_widget";

beforeEach(() => {
  localStorage.clear();
  document.body.replaceChildren();
});

const FAILED = {
  says: "is right",
  state: "failed",
  sentence: "Line 2, `x<y`: this is <b>wrong</b>.",
  advice: "",
  inputs: [["x", "[0, 1]"]],
  expected: "1",
  got: "2",
  printed: "",
  smallest: true,
};
// biome-ignore lint/suspicious/noThenProperty: the name of a trait
const CHECK = { lesson: "02", name: "step", hints: ["one", "two"], then: "what next?", keep: true };

test("a check shows the counterexample, and hints one at a time", async () => {
  const { el, button } = await drawWidget(check, {
    ...CHECK,
    findings: [FAILED, { ...FAILED, says: "is long" }],
  });
  expect(el.querySelector(".rv-question")?.textContent).toBe("None of the 2 properties hold.");
  expect(el.querySelector(".rv-sentence")?.innerHTML).toContain(
    "<code>x&lt;y</code>: this is &lt;b&gt;wrong",
  );
  expect([...el.querySelectorAll("dt")].map((term) => term.textContent)).toEqual(["x", "expected", "got"]);
  expect(el.textContent).toContain("For the same reason.");
  expect(el.querySelectorAll("ol li")).toHaveLength(0);
  button("Give me a hint (2 left)").click();
  button("Another hint (1 left)").click();
  expect([...el.querySelectorAll("ol li")].map((hint) => hint.textContent)).toEqual(["one", "two"]);
  expect(el.textContent).toContain("A solution is folded up");
  expect(el.textContent).not.toContain("what next?");
});

test("a check that holds asks the next question; a stub is not a mistake", async () => {
  const solved = await drawWidget(check, { ...CHECK, findings: [{ ...FAILED, state: "passed" }] });
  expect(solved.el.textContent).toContain("It holds.");
  expect(solved.el.textContent).toContain("Next: what next?");
  localStorage.clear();
  const stub = await drawWidget(check, { ...CHECK, findings: [{ ...FAILED, state: "unwritten" }] });
  expect(stub.el.textContent).toContain("Not written yet.");
  expect(stub.el.textContent).not.toContain("got");
  await drawWidget(check, { ...CHECK, keep: false, findings: [{ ...FAILED, state: "passed" }] });
  expect(localStorage).toHaveLength(0);
});

test("code that is broken on purpose shows its symptoms, and is nobody's mistake until it is touched", async () => {
  const mends = { ...CHECK, mends: true, number: 3 };
  const given = await drawWidget(check, { ...mends, untouched: true, findings: [FAILED] });
  expect(given.el.querySelector(".rv-eyebrow")?.textContent).toBe("Exercise 3, broken on purpose");
  expect(given.el.textContent).toContain("still as you found it");
  expect(given.el.querySelector<HTMLElement>(".rnnviz")?.dataset.state).toBe("");
  expect(localStorage).toHaveLength(0);
  const mended = await drawWidget(check, {
    ...mends,
    untouched: false,
    findings: [{ ...FAILED, state: "passed" }],
  });
  expect(mended.el.textContent).toContain("Mended: everything holds.");
  expect(localStorage).toHaveLength(1);
});

test("cells that have not been run are no mistake, and what was not tried is said", async () => {
  const waits = { ...FAILED, state: "unready", sentence: "`torch` is not there yet." };
  const early = await drawWidget(check, { ...CHECK, findings: [waits, { ...waits, says: "is long" }] });
  expect(early.el.textContent).toContain("Run the cells above first.");
  expect(early.el.querySelectorAll(".rv-findings .rv-note")).toHaveLength(1);
  expect(early.el.querySelector<HTMLElement>(".rnnviz")?.dataset.state).toBe("");
  expect(localStorage).toHaveLength(0);
  const slow = { ...FAILED, state: "passed", sentence: "Time was up after 90 of 100 cases." };
  expect((await drawWidget(check, { ...CHECK, findings: [slow] })).el.textContent).toContain("90 of 100");
});

test("an exercise of a lesson is called what its heading calls it", async () => {
  const called = async (more: object) =>
    (await drawWidget(check, { ...CHECK, ...more })).el.querySelector(".rv-eyebrow")?.textContent;
  expect(await called({ number: 2 })).toBe("Exercise 2");
  expect(await called({ number: 2, keep: false })).toBe("A solution of exercise 2");
  expect(await called({ number: 0 })).toBe(`Exercise: ${CHECK.name}`);
});
