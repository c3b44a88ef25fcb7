// The series with its forecasts, and the hand on it: dragging, pressing or the keys say where the forecasts start.
import { fromX } from "../lib/draw/plot";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, set } from "../lib/page/dom";
import { nameStep, sayError } from "./forecast";
import { frameOf, heightOf, paintForecast, type Range, visibleModels } from "./forecast_plot";
import type { RaceState } from "./state";

export interface SeriesPlot {
  element: HTMLElement;
  paint(width: number): void;
}

interface Hand {
  /** The forecasts are to start at this step. */
  go(step: number): void;
  /** The space bar, which starts and pauses. */
  toggle(): void;
  repaint(): void;
}

export function makeSeriesPlot(root: HTMLElement, state: RaceState, hand: Hand): SeriesPlot {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h(
    "div",
    {
      class: "rv-plot rv-series",
      tabindex: 0,
      role: "slider",
      "aria-label": "Where the forecast starts",
      "aria-orientation": "horizontal",
    },
    canvas,
  );
  const tooltip = makeTooltip(root);
  let painted = 0;
  /** The part shown when a drag began: it must not run away under the pointer. */
  let held: Range | null = null;
  const stepUnder = (event: PointerEvent) => {
    const pixel = event.clientX - element.getBoundingClientRect().left;
    const axis = { range: held ?? state.span, log: false };
    return Math.round(fromX(pixel, axis, frameOf(painted, heightOf(painted))));
  };
  const go = (step: number) => hand.go(state.clampOrigin(step));

  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    held = state.span;
    go(stepUnder(event));
  });
  element.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) go(stepUnder(event));
    tooltip.show(readStep(state, stepUnder(event)), event.clientX, event.clientY);
  });
  element.addEventListener("pointerup", () => {
    held = null;
    hand.repaint();
  });
  element.addEventListener("pointercancel", () => (held = null));
  element.addEventListener("pointerleave", tooltip.hide);
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { origin, scene } = state;
    const to = {
      ArrowRight: origin + 1,
      ArrowUp: origin + 1,
      ArrowLeft: origin - 1,
      ArrowDown: origin - 1,
      PageUp: origin + scene.horizon,
      PageDown: origin - scene.horizon,
      Home: 0,
      End: scene.steps - 1,
    }[event.key];
    if (to !== undefined) go(to);
    else if (event.key === " ") hand.toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element,
    paint(width) {
      painted = width;
      paintForecast(root, canvas, width, state.view);
      const { scene, origin, truth } = state;
      set(element, {
        "aria-valuemin": scene.window - 1,
        "aria-valuemax": scene.steps - 1,
        "aria-valuenow": origin,
        "aria-valuetext": `${nameStep(scene, origin)}, ${sayError(truth[origin], scene.unit)}`,
      });
    },
  };
}

/** The truth at a step, and what was predicted one step before. */
function readStep({ scene, truth, shown, choice }: RaceState, at: number): string {
  const step = Math.max(0, Math.min(scene.steps - 1, at));
  const predicted = shown
    ? visibleModels(shown, choice)
        .map(({ name }) => [name, shown.oneStep.get(name)![step]] as const)
        .filter(([, value]) => !Number.isNaN(value))
        .map(([name, value]) => `; ${name} ${sayError(value)}`)
    : [];
  return `${nameStep(scene, step)}: ${sayError(truth[step], scene.unit)}${predicted.join("")}`;
}
