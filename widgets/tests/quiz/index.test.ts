// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import quiz from "../../src/quiz/index";
import { drawWidget } from "../draw_widget";

beforeEach(() => {
  localStorage.clear();
  // This student sees the options in the order below.
  localStorage.setItem("rnnviz/student", "2");
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
  const { el, button, radio } = await drawWidget(quiz, QUIZ);
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
  const first = await drawWidget(quiz, QUIZ);
  first.radio(1).click();
  first.button("Commit").click();
  const second = await drawWidget(quiz, QUIZ);
  expect(second.el.textContent).toContain("They share.");
  second.button("Answer again").click();
  expect(second.el.textContent).not.toContain("They share.");
  const third = await drawWidget(quiz, QUIZ);
  expect(third.el.textContent).not.toContain("They share.");
});

test("letters choose and Enter commits", async () => {
  const { el, radio } = await drawWidget(quiz, QUIZ);
  const press = (key: string) =>
    radio(0).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  press("b");
  expect(radio(1).checked).toBe(true);
  press("x");
  press("Enter");
  expect(el.textContent).toContain("Right, at the first try.");
});

test("another student sees the same options in another order, and finds the answer given before", async () => {
  const texts = (el: HTMLElement) =>
    [...el.querySelectorAll(".rv-option-text")].map((one) => one.textContent);
  const mine = await drawWidget(quiz, QUIZ);
  expect(texts(mine.el)).toEqual(["one each", "one"]);
  mine.radio(1).click();
  mine.button("Commit").click();
  localStorage.setItem("rnnviz/student", "0");
  const theirs = await drawWidget(quiz, QUIZ);
  expect(texts(theirs.el)).toEqual(["one", "one each"]);
  expect(theirs.radio(0).checked).toBe(true);
  expect(theirs.el.textContent).toContain("They share.");
});
