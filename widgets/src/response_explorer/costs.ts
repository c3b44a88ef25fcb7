// What the three models cost, as a table, and as curves over N.
import { readColour } from "../lib/draw/colours";
import {
  type Axis,
  clearCanvas,
  drawAxes,
  drawCurve,
  type Frame,
  linearTicks,
  toX,
  toY,
} from "../lib/draw/plot";
import { h } from "../lib/page/dom";
import { inkOf } from "./bars";
import { countCosts, MODELS, type ModelName } from "./responses";
import type { ResponseState } from "./state";

const HUES: Record<ModelName, string> = {
  window: "--rv-curve-1",
  feedback: "--rv-curve-2",
  state: "--rv-curve-4",
};
const DASHES: Record<ModelName, number[]> = { window: [], feedback: [2, 3], state: [7, 4] };
const COLUMNS = ["model", "weights", "products a step", "numbers kept"];

export interface Costs {
  element: HTMLElement;
  /** Follows N, where it has changed. */
  show(): void;
  paint(): void;
}

export function makeCosts(root: HTMLElement, state: ResponseState): Costs {
  const table = h("table", { class: "rv-costs" });
  const canvas = h("canvas", { role: "img" });
  let shown = -1;
  const paint = () => paintCosts(root, canvas, state.traits.history);
  return {
    element: h(
      "div",
      { class: "rv-cost" },
      table,
      h("div", {}, h("strong", {}, "Weights, as N grows"), canvas),
    ),
    paint,
    show() {
      const { history } = state.traits;
      if (shown === history) return;
      shown = history;
      const found = countCosts(history);
      const line = (name: ModelName) => {
        const { parameters, products, memory } = found[name];
        const cells = [parameters, products, memory].map((number) => h("td", {}, number));
        return h("tr", {}, h("th", { scope: "row" }, name), ...cells);
      };
      const head = COLUMNS.map((text) => h("th", { scope: "col" }, text));
      table.replaceChildren(
        h("caption", { class: "rv-hidden" }, "What each model costs"),
        h("thead", {}, h("tr", {}, ...head)),
        h("tbody", {}, ...MODELS.map(line)),
      );
      canvas.setAttribute(
        "aria-label",
        `Weights against N. The window has N + 1: ${history + 1} now. The feedback model has 2 and the state-space model 8, whatever N is.`,
      );
      paint();
    },
  };
}

function paintCosts(root: HTMLElement, canvas: HTMLCanvasElement, history: number): void {
  const across = Math.min(canvas.parentElement!.clientWidth, 420);
  if (across === 0) return;
  const context = clearCanvas(canvas, across, 132);
  const ink = inkOf(root);
  const frame: Frame = { left: 30, top: 8, width: across - 104, height: 94 };
  const end = Math.max(40, history);
  const x: Axis = { range: [0, end], log: false };
  const y: Axis = { range: [0, 1.08 * (end + 1)], log: false };
  const [xTicks, yTicks] = [linearTicks(x.range, 5, true), linearTicks(y.range, 3, true)];
  drawAxes(context, frame, { x, y, xTicks, yTicks }, ink);
  for (const name of MODELS) {
    const colour = readColour(root, HUES[name]);
    const values = Float64Array.from({ length: end + 1 }, (_, n) => countCosts(n)[name].parameters);
    drawCurve(context, values, 0, x, y, frame, { colour, dash: DASHES[name] });
    context.fillStyle = colour;
    context.beginPath();
    context.arc(toX(history, x, frame), toY(values[history], y, frame), 4.5, 0, 2 * Math.PI);
    context.fill();
    context.font = ink.font;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(name, frame.left + frame.width + 8, toY(values[end], y, frame));
  }
}
