// What is drawn, on which axis, and whether with its upper bound.
import { h } from "../lib/page/dom";
import type { CurvesState, Quantity } from "./state";

export interface Pickers {
  elements: HTMLElement[];
  /** Hides what these curves do not have. */
  show(): void;
}

export function makePickers(state: CurvesState, changed: () => void): Pickers {
  const quantity = h(
    "select",
    { "aria-label": "Gradient at" },
    h("option", { value: "hidden" }, "∂L/∂h, hidden state"),
    h("option", { value: "cell" }, "∂L/∂c, cell state"),
  );
  const scale = h(
    "select",
    { "aria-label": "Vertical axis" },
    h("option", { value: "log" }, "logarithmic"),
    h("option", { value: "linear" }, "linear"),
  );
  const bounds = h("input", { type: "checkbox", checked: state.bounds });
  const boundField = h("label", { class: "rv-field" }, bounds, "upper bound");
  quantity.value = state.quantity;
  scale.value = state.log ? "log" : "linear";
  quantity.addEventListener("change", () => {
    state.quantity = quantity.value as Quantity;
    state.zoom = null;
    changed();
  });
  scale.addEventListener("change", () => {
    state.log = scale.value === "log";
    state.zoom = null;
    changed();
  });
  bounds.addEventListener("change", () => {
    state.bounds = bounds.checked;
    changed();
  });
  return {
    elements: [quantity, scale, boundField],
    show() {
      quantity.hidden = !state.hasCell;
      boundField.hidden = !state.hasBound;
    },
  };
}
