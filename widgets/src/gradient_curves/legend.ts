// The curves by name: pressed, one goes away; beside each name stands its value at the cursor.
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { tellRatio } from "../lib/words/gradient_story";
import type { CurvesState } from "./state";

export interface Legend {
  element: HTMLElement;
  /** Follows the curves that there are now. */
  build(): void;
  read(step: number): void;
}

export function makeLegend(state: CurvesState, changed: () => void): Legend {
  const element = h("div", { class: "rv-curve-list", role: "group", "aria-label": "Curves shown" });
  const readings = new Map<string, HTMLElement>();
  return {
    element,
    build() {
      const { curves } = state;
      if (readings.size === curves.length && curves.every((curve) => readings.has(curve.name))) return;
      readings.clear();
      element.replaceChildren(
        ...curves.map(({ name, place }) => {
          const reading = h("span", { class: "rv-reading" });
          const button = h(
            "button",
            { class: "rv-chip", type: "button", "aria-pressed": String(!state.hidden.has(name)) },
            swatch(curveProperty(place), curveDash(place)),
            name,
            reading,
          );
          button.addEventListener("click", () => {
            button.setAttribute("aria-pressed", String(state.toggle(name)));
            changed();
          });
          readings.set(name, reading);
          return button;
        }),
      );
    },
    read(step) {
      for (const { name, values } of state.curves) {
        const reading = readings.get(name);
        if (!reading) continue;
        const value = values?.[Math.min(step, values.length - 1)];
        reading.textContent =
          value === undefined ? "has none" : step >= values!.length ? "ended" : tellRatio(value);
      }
    },
  };
}
