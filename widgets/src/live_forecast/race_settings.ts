// The sliders of a race: how many steps, and how fast it learns.
import { h } from "../lib/page/dom";
import { plural } from "../lib/words/format";

export interface StepsSlider {
  element: HTMLElement;
  show(value: number, low: number, high: number): void;
}

/** `slide` is called with each value on the way, `settle` where the slider is let go. */
export function makeStepsSlider(
  name: string,
  slide: (value: number) => void,
  settle: () => void,
): StepsSlider {
  const output = h("output");
  const input = h("input", { type: "range", min: 1, max: 2, value: 1, "aria-label": name });
  const write = () => {
    output.textContent = plural(Number(input.value), "step");
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    write();
    slide(Number(input.value));
  });
  input.addEventListener("change", settle);
  return {
    element: h("label", { class: "rv-field" }, h("span", {}, name), input, output),
    show(value, low, high) {
      Object.assign(input, { min: String(low), max: String(high), value: String(value) });
      write();
    },
  };
}

/** A logarithmic slider, from 0.0001 to 0.1. */
export function makeRateSlider(rate: number, slide: (rate: number) => void): HTMLElement {
  const output = h("output");
  const input = h("input", {
    type: "range",
    min: -4,
    max: -1,
    step: 0.1,
    "aria-label": "learning rate",
    value: Math.log10(rate),
  });
  const write = () => {
    output.textContent = (10 ** Number(input.value)).toPrecision(1);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    write();
    slide(10 ** Number(input.value));
  });
  write();
  return h("label", { class: "rv-field" }, h("span", {}, "learning rate"), input, output);
}
