// What a reservoir is judged by: its spectrum, the fading of its start, its memory, and a forecast.
import { paintPlane } from "../lib/draw/complex_plane";
import { h } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import { makeCurvePanel } from "./curve_panel";
import { type ReservoirState, SHOWN } from "./state";

/** Steps of the truth that are drawn before the forecast. */
const BEFORE = 80;
/** How wide the plane of the eigenvalues may be, in pixels. */
const PLANE = 230;

export interface Panel {
  element: HTMLElement;
  /** `at`: the step that the cursor is at. */
  draw(at: number): void;
}

export function makeSpectrum(root: HTMLElement, state: ReservoirState): Panel {
  const plane = h("canvas", { role: "img" });
  const note = h("span", { class: "rv-note" });
  return {
    element: h(
      "div",
      { class: "rv-curve-panel" },
      h("div", { class: "rv-map-head" }, h("strong", {}, "Spectrum"), note),
      plane,
      h("p", { class: "rv-note" }, "Eigenvalues of (1 − a)·I + a·ρ·Wₕ beside the unit circle."),
    ),
    draw() {
      paintPlane(root, plane, state.eigenvalues, PLANE);
      note.textContent = `largest ${formatNumber(state.radius, 2)}`;
      plane.setAttribute("aria-label", state.saySpectrum());
    },
  };
}

export interface UnitPanel {
  element: HTMLElement;
  draw(at: number, unit: number): void;
}

export function makeStarts(state: ReservoirState): UnitPanel {
  const panel = makeCurvePanel("Two starts, one input", { xTitle: "step t" });
  return {
    element: panel.element,
    draw(at, unit) {
      const { one, other } = state.startsOf(unit);
      const most = state.settings.tanh ? 1 : Math.min(5, Math.max(1, state.limit));
      panel.draw({
        curves: [
          { values: one, property: "--rv-state", name: "begun at 0.5" },
          { values: other, property: "--rv-output", dash: [5, 4], name: "begun at −0.5" },
        ],
        across: [0, SHOWN - 1],
        up: [-1.05 * most, 1.05 * most],
        at,
      });
      panel.note.textContent = `unit ${unit}`;
      panel.canvas.setAttribute("aria-label", state.sayStarts(unit));
    },
  };
}

export function makeFading(state: ReservoirState): Panel {
  const panel = makeCurvePanel("How far apart are they?", { xTitle: "step t" });
  return {
    element: panel.element,
    draw(at) {
      const { distance } = state;
      const most = Math.max(...distance.filter(Number.isFinite), 1);
      panel.draw({
        curves: [{ values: distance, property: "--rv-grad", name: "distance of the two states" }],
        across: [0, SHOWN - 1],
        up: [-12, Math.max(1, Math.ceil(Math.log10(most)))],
        log: true,
        at,
      });
      panel.note.textContent = "all units together";
      panel.canvas.setAttribute("aria-label", state.sayFading());
    },
  };
}

export function makeMemory(state: ReservoirState): Panel {
  const panel = makeCurvePanel("Memory capacity", { xTitle: "delay k" });
  const name = "share remembered (squared correlation)";
  return {
    element: panel.element,
    draw() {
      const values = state.capacity ?? [];
      panel.draw({
        curves: [{ values, start: 1, property: "--rv-state", name }],
        across: [1, state.delays],
        up: [0, 1.05],
      });
      const { note, label } = state.sayMemory();
      panel.note.textContent = note;
      panel.canvas.setAttribute("aria-label", label);
    },
  };
}

export function makeForecast(state: ReservoirState): Panel {
  const panel = makeCurvePanel("Forecast of Mackey–Glass, from its own output", { xTitle: "step" });
  panel.element.classList.add("rv-wide");
  return {
    element: panel.element,
    draw() {
      const { series, fit, forecast } = state;
      const truth = { values: series.subarray(fit - BEFORE), start: -BEFORE };
      const made = { values: forecast?.values ?? [], start: 1, dash: [7, 4] };
      panel.draw({
        curves: [
          { ...truth, property: "--rv-ink-2", name: "truth" },
          { ...made, property: "--rv-output", name: "forecast" },
        ],
        across: [-BEFORE, series.length - fit - 1],
        up: [-0.8, 0.6],
        at: 0,
      });
      const { note, label } = state.sayForecast();
      panel.note.textContent = note;
      panel.canvas.setAttribute("aria-label", label);
    },
  };
}
