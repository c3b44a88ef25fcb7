// One number a step for each trace, as curves in one plot.
import { makeStepCurves } from "../lib/draw/step_curves";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import type { CompareState } from "./state";

const HEIGHT = 150;

export interface Curves {
  element: HTMLCanvasElement;
  draw(step: number, unit: number): void;
}

export function makeCurves(root: HTMLElement, state: CompareState, goTo: (step: number) => void): Curves {
  const plot = makeStepCurves(root, goTo);
  return {
    element: plot.element,
    draw(step, unit) {
      const curves = state.curves(unit);
      plot.paint({
        lines: curves.map((values, place) => ({
          values,
          property: curveProperty(place),
          dash: curveDash(place),
        })),
        steps: state.steps,
        step,
        y: { range: state.reachOf(curves), log: state.measure === "gradient" },
        height: HEIGHT,
      });
      plot.element.setAttribute("aria-label", state.sayCurves(unit));
    },
  };
}
