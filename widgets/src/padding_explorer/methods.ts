// The ways to pad, each with what it computes: data and padding as one bar.
import { h } from "../lib/page/dom";
import { METHODS, type Method, percent } from "./padding";
import type { PaddingState } from "./state";

const NAMES: Record<Method, string> = {
  all: "to the longest of all",
  batch: "to the longest of its batch",
  bucketed: "batches from buckets",
  sorted: "in the order of length",
  packed: "packed, not padded",
};

export interface Methods {
  element: HTMLElement;
  show(): void;
}

export function makeMethods(state: PaddingState, choose: (method: Method) => void): Methods {
  const name = `rv-padding-${Math.random().toString(36).slice(2)}`;
  const choices = METHODS.map((method) => {
    const input = h("input", { type: "radio", name, value: method });
    input.addEventListener("change", () => choose(method));
    const real = h("i", { class: "rv-pad-data" });
    const padded = h("i", { class: "rv-pad-zeros" });
    const share = h("b", {});
    const label = h(
      "label",
      { class: "rv-pad-method" },
      input,
      h("span", {}, NAMES[method]),
      h("span", { class: "rv-pad-bar", "aria-hidden": "true" }, real, padded),
      share,
    );
    return { method, input, real, padded, share, label };
  });
  return {
    element: h(
      "fieldset",
      { class: "rv-pad-methods" },
      h("legend", {}, "Padded, and how"),
      ...choices.map(({ label }) => label),
    ),
    show() {
      const most = state.mostComputed;
      for (const { method, input, real, padded, share } of choices) {
        const found = state.found[method];
        input.checked = method === state.settings.method;
        real.style.width = `${(100 * found.real) / most}%`;
        padded.style.width = `${(100 * (found.computed - found.real)) / most}%`;
        share.textContent = percent(found.share);
      }
    },
  };
}
