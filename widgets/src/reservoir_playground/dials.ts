// The settings of a reservoir, and which one it is.
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import { plural } from "../lib/words/format";
import type { ReservoirState } from "./state";

export interface Dials {
  elements: HTMLElement[];
}

/** `changed` is called when anything is set. */
export function makeDials(state: ReservoirState, changed: () => void): Dials {
  const { settings, reservoirs } = state;
  const dial = (
    label: string,
    key: "radius" | "leak" | "scale" | "ridge",
    [low, high, step]: [number, number, number],
    log = false,
  ) => {
    const made = makeSlider({
      ...{ label, low, high, step, log, value: settings[key], whole: false },
      write: (value) => (key === "ridge" ? value.toExponential(0) : String(Number(value.toPrecision(3)))),
      choose(value) {
        settings[key] = value;
        changed();
      },
    });
    made.input.dataset.dial = key;
    return { element: made.element, show: () => made.show(settings[key]) };
  };
  const dials = [
    dial("Spectral radius ρ", "radius", [0, 1.6, 0.01]),
    dial("Leak a", "leak", [0.05, 1, 0.01]),
    dial("Input scale s", "scale", [10 ** -2.5, 10, 0.02], true),
    dial("Ridge", "ridge", [1e-10, 10, 0.1], true),
  ];
  const size = h("select", { "aria-label": "Units" });
  for (const units of new Set(reservoirs.map((one) => one.units)))
    size.append(h("option", { value: units }, plural(units, "unit")));
  size.addEventListener("change", () => {
    state.choose(Number(size.value), state.reservoir.seed);
    changed();
  });
  const shape = h(
    "select",
    { "aria-label": "Activation" },
    h("option", { value: "tanh" }, "tanh"),
    h("option", { value: "linear" }, "linear"),
  );
  shape.addEventListener("change", () => {
    settings.tanh = shape.value === "tanh";
    changed();
  });
  const button = (text: string, act: () => void) => {
    const made = h("button", { type: "button" }, text);
    made.addEventListener("click", () => {
      act();
      show();
      changed();
    });
    return made;
  };
  function show(): void {
    for (const one of dials) one.show();
    size.value = String(state.units);
    shape.value = settings.tanh ? "tanh" : "linear";
  }
  show();
  return {
    elements: [
      h("div", { class: "rv-dials" }, ...dials.map(({ element }) => element)),
      h(
        "div",
        { class: "rv-controls rv-map-controls" },
        size,
        shape,
        button("Draw other weights", () => state.anotherDraw()),
        button("Reset", () => state.startAgain()),
      ),
    ],
  };
}
