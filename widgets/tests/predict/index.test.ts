// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import predict from "../../src/predict/index";
import { drawWidget } from "../draw_widget";

beforeEach(() => {
  localStorage.clear();
  // This student sees the options in the order below.
  localStorage.setItem("rnnviz/student", "0");
  document.body.replaceChildren();
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
  const { el, button } = await drawWidget(predict, PREDICT);
  const input = el.querySelector<HTMLInputElement>("[role=spinbutton]")!;
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

test("a decimal comma is read where a number is predicted, and what is no number is no prediction", async () => {
  const { el, button } = await drawWidget(predict, { ...PREDICT, truth: 0.5 });
  const input = el.querySelector<HTMLInputElement>("[role=spinbutton]")!;
  input.value = "much";
  input.dispatchEvent(new Event("input"));
  expect(button("Commit").disabled).toBe(true);
  input.value = "0,5";
  input.dispatchEvent(new Event("input"));
  button("Commit").click();
  expect(el.querySelector("[role=img]")?.getAttribute("aria-label")).toBe("You said 0.5; it is 0.5.");
});

test("a slider stands in the middle, and says nothing until it is touched", async () => {
  const { el, button } = await drawWidget(predict, {
    ...PREDICT,
    low: 0,
    high: 3000,
    unit: "kB",
    truth: 101,
  });
  const slider = el.querySelector<HTMLInputElement>("input[type=range]")!;
  expect(slider.value).toBe("1500");
  expect([...el.querySelectorAll(".rv-slide-end")].map((end) => end.textContent)).toEqual(["0", "3000 kB"]);
  expect(el.querySelector("output")?.textContent).toBe("move the slider");
  expect(button("Commit").disabled).toBe(true);
  slider.dispatchEvent(new Event("pointerdown"));
  expect(el.querySelector<HTMLElement>("output")?.hidden).toBe(true);
  const field = el.querySelector<HTMLInputElement>("[role=spinbutton]")!;
  expect([field.value, slider.getAttribute("aria-valuetext")]).toEqual(["1500", "1500 kB"]);
  expect(button("Commit").disabled).toBe(false);
  field.value = "0,5";
  field.dispatchEvent(new Event("input"));
  button("Commit").click();
  expect(el.querySelector("[role=img]")?.getAttribute("aria-label")).toContain("You said 0.5 kB");
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
  const { button, radio, el } = await drawWidget(predict, traits, host);
  expect(host.getWidget).not.toHaveBeenCalled();
  radio(0).click();
  button("Commit").click();
  await vi.waitFor(() => expect(render).toHaveBeenCalledOnce());
  expect(host.getWidget).toHaveBeenCalledWith("anywidget:7");
  const said = [...el.querySelectorAll(".rv-answer p")].map((words) => words.textContent);
  expect(said.slice(1)).toEqual(["Nothing is added.", PREDICT.reveal]);
  expect([...el.querySelectorAll(".rv-mark")].map((mark) => mark.textContent)).toEqual(["you", "the truth"]);
});

test("options that go from little to much keep their order, others are dealt", async () => {
  const options = ["none", "a few", "many", "all of them"];
  const traits = { ...PREDICT, kind: "choice", options, answers: ["", "no", "no", "no"], truth: "none" };
  const texts = (el: HTMLElement) =>
    [...el.querySelectorAll(".rv-option-text")].map((one) => one.textContent);
  const dealt = await drawWidget(predict, traits);
  expect(texts(dealt.el)).not.toEqual(options);
  expect(texts(dealt.el).sort()).toEqual([...options].sort());
  expect(texts((await drawWidget(predict, { ...traits, ordered: true })).el)).toEqual(options);
});
