// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import check from "../src/check";
import predict from "../src/predict";
import quiz from "../src/quiz";

type Traits = Record<string, unknown>;

async function draw(widget: { render: (props: never) => Promise<void> }, traits: Traits, host: Traits = {}) {
  const el = document.createElement("div");
  document.body.append(el);
  const model = { get: (name: string) => traits[name], on: vi.fn(), off: vi.fn() };
  await widget.render({ model, el, host, signal: new AbortController().signal } as never);
  const button = (words: string) =>
    [...el.querySelectorAll("button")].find(
      (one) => one.textContent?.includes(words) && !one.hidden,
    ) as HTMLButtonElement;
  return {
    el,
    button,
    radio: (place: number) => el.querySelectorAll<HTMLInputElement>("input[type=radio]")[place],
  };
}

beforeEach(() => {
  localStorage.clear();
  document.body.replaceChildren();
});

const QUIZ = {
  lesson: "02",
  name: "sets",
  question: "How many sets?",
  options: [
    { text: "one each", right: false, misconception: "steps own weights", answer: "They do not." },
    { text: "one", right: true, answer: "They share." },
  ],
};

test("a quiz answers the idea behind a wrong option, then lets one try again", async () => {
  const { el, button, radio } = await draw(quiz, QUIZ);
  expect(el.querySelector("[role=radiogroup]")?.getAttribute("aria-labelledby")).toBe(
    el.querySelector(".rv-question")?.id,
  );
  expect(el.textContent).not.toContain("They do not.");
  expect(button("Commit").disabled).toBe(true);
  radio(0).click();
  button("Commit").click();
  const status = el.querySelector("[role=status]")!;
  expect(status.textContent).toContain("Not quite.");
  expect(status.textContent).toContain("The mistaken idea: steps own weights.");
  expect(status.textContent).toContain("They do not.");
  expect(status.textContent).not.toContain("They share.");
  expect(radio(1).disabled).toBe(true);
  button("Try again").click();
  expect(status.textContent).toBe("");
  expect(button("Commit").disabled).toBe(true);
  radio(1).click();
  button("Commit").click();
  expect(status.textContent).toContain("Right, at try 2.");
  expect(status.querySelector("details")?.textContent).toContain("They do not.");
});

test("a quiz stands as it was left, and can be forgotten", async () => {
  const first = await draw(quiz, QUIZ);
  first.radio(1).click();
  first.button("Commit").click();
  const second = await draw(quiz, QUIZ);
  expect(second.el.textContent).toContain("They share.");
  second.button("Answer again").click();
  expect(second.el.textContent).not.toContain("They share.");
  const third = await draw(quiz, QUIZ);
  expect(third.el.textContent).not.toContain("They share.");
});

test("letters choose and Enter commits", async () => {
  const { el, radio } = await draw(quiz, QUIZ);
  const press = (key: string) =>
    radio(0).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  press("b");
  expect(radio(1).checked).toBe(true);
  press("x");
  press("Enter");
  expect(el.textContent).toContain("Right, at the first try.");
});

const PREDICT = {
  lesson: "02",
  name: "count",
  question: "How many?",
  kind: "number",
  options: [],
  answers: [],
  truth: 45,
  reveal: "15 + 25 + 5.",
  low: null,
  high: null,
  unit: "",
  tolerance: 0.1,
  show: null,
};

test("a prediction holds the truth back until it is committed, then shows both", async () => {
  const { el, button } = await draw(predict, PREDICT);
  const input = el.querySelector<HTMLInputElement>("input[type=number]")!;
  expect(el.textContent).not.toContain("45");
  expect(button("Commit").disabled).toBe(true);
  input.value = "450";
  input.dispatchEvent(new Event("input"));
  button("Commit").click();
  await Promise.resolve();
  const said = el.querySelector("[role=img]")?.getAttribute("aria-label");
  expect(said).toBe("You said 450; it is 45.");
  expect(el.querySelector("[role=status]")?.textContent).toContain(
    "10 times too high. 15 + 25 + 5.".slice(0, 18),
  );
  expect(input.disabled).toBe(true);
  button("Predict again").click();
  await Promise.resolve();
  expect(el.querySelector("[role=status]")?.textContent).toBe("");
  expect(input.disabled).toBe(false);
});

test("a slider stands in the middle, and says nothing until it is touched", async () => {
  const { el, button } = await draw(predict, { ...PREDICT, low: 0, high: 3000, unit: "kB", truth: 101 });
  const slider = el.querySelector<HTMLInputElement>("input[type=range]")!;
  expect(slider.value).toBe("1500");
  expect([...el.querySelectorAll(".rv-slide-end")].map((end) => end.textContent)).toEqual(["0", "3000 kB"]);
  expect(el.querySelector("output")?.textContent).toBe("move the slider");
  expect(button("Commit").disabled).toBe(true);
  slider.dispatchEvent(new Event("pointerdown"));
  expect(el.querySelector("output")?.textContent).toBe("1500 kB");
  expect(button("Commit").disabled).toBe(false);
});

test("a prediction brings out the widget it was holding back", async () => {
  const render = vi.fn();
  const host = { getWidget: vi.fn(async () => ({ render })) };
  const traits = {
    ...PREDICT,
    kind: "choice",
    options: ["grows", "stays"],
    answers: ["Nothing is added.", ""],
    truth: "stays",
    show: "anywidget:7",
  };
  const { button, radio, el } = await draw(predict, traits, host);
  expect(host.getWidget).not.toHaveBeenCalled();
  radio(0).click();
  button("Commit").click();
  await vi.waitFor(() => expect(render).toHaveBeenCalledOnce());
  expect(host.getWidget).toHaveBeenCalledWith("anywidget:7");
  const said = [...el.querySelectorAll(".rv-answer p")].map((words) => words.textContent);
  expect(said.slice(1)).toEqual(["Nothing is added.", PREDICT.reveal]);
  expect([...el.querySelectorAll(".rv-mark")].map((mark) => mark.textContent)).toEqual(["you", "the truth"]);
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
  const { el, button } = await draw(check, { ...CHECK, findings: [FAILED, { ...FAILED, says: "is long" }] });
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
  const solved = await draw(check, { ...CHECK, findings: [{ ...FAILED, state: "passed" }] });
  expect(solved.el.textContent).toContain("It holds.");
  expect(solved.el.textContent).toContain("Next: what next?");
  localStorage.clear();
  const stub = await draw(check, { ...CHECK, findings: [{ ...FAILED, state: "unwritten" }] });
  expect(stub.el.textContent).toContain("Not written yet.");
  expect(stub.el.textContent).not.toContain("got");
  await draw(check, { ...CHECK, keep: false, findings: [{ ...FAILED, state: "passed" }] });
  expect(localStorage).toHaveLength(0);
});

test("an exercise of a lesson is called what its heading calls it", async () => {
  const called = async (more: object) =>
    (await draw(check, { ...CHECK, ...more })).el.querySelector(".rv-eyebrow")?.textContent;
  expect(await called({ number: 2 })).toBe("Exercise 2");
  expect(await called({ number: 2, keep: false })).toBe("A solution of exercise 2");
  expect(await called({ number: 0 })).toBe(`Exercise: ${CHECK.name}`);
});
