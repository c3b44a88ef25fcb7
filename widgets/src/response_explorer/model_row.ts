// One model: its formula and weights, what becomes of the impulse in words, and as bars.
import { readColour } from "../lib/draw/colours";
import { clearCanvas, clip, drawAxes, drawCurve, fromX, linearTicks, logTicks, toX } from "../lib/draw/plot";
import { h } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import { frameOf, inkOf, NUMBERS, paintBars, paintCursor } from "./bars";
import type { ModelName } from "./responses";
import { FORMULAS, type ResponseState, TITLES } from "./state";

const HEIGHT = 122;

export interface ModelRow {
  element: HTMLElement;
  /** Says what becomes of the impulse. */
  tell(): void;
  paint(width: number, step: number): void;
}

/** `last`: the lowest row, which holds the numbers of the steps; `goTo` gets the step under the pointer. */
export function makeModelRow(
  root: HTMLElement,
  state: ResponseState,
  name: ModelName,
  sliders: HTMLElement[],
  last: boolean,
  goTo: (step: number) => void,
): ModelRow {
  const canvas = h("canvas", { role: "img" });
  const verdict = h("p", { class: "rv-response-verdict" });
  const reading = h("span", { class: "rv-reading" });
  const height = HEIGHT + (last ? NUMBERS : 0);
  let width = 0;
  const follow = (event: PointerEvent) => {
    const pixel = event.clientX - canvas.getBoundingClientRect().left;
    goTo(state.clamp(Math.round(fromX(pixel, state.across, frameOf(width, height, last)))));
  };
  canvas.addEventListener("pointerdown", follow);
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch" || event.buttons & 1) follow(event);
  });
  return {
    element: h(
      "div",
      { class: "rv-response" },
      h(
        "div",
        {},
        h("strong", {}, TITLES[name]),
        h("div", { class: "rv-formula-line" }, h("span", {}, FORMULAS[name]), reading),
        h("div", { class: "rv-sliders" }, ...sliders),
        verdict,
      ),
      canvas,
    ),
    tell() {
      verdict.textContent = state.sayVerdict(name);
    },
    paint(now, step) {
      width = now;
      paintResponse(root, clearCanvas(canvas, width, height), state, name, { width, height, last, step });
      reading.textContent = `t = ${step}: ${formatNumber(state.responses[name].influence[step])}`;
      canvas.setAttribute("aria-label", `${TITLES[name]}, ${FORMULAS[name]}. ${state.sayVerdict(name)}`);
    },
  };
}

function paintResponse(
  root: HTMLElement,
  context: CanvasRenderingContext2D,
  state: ResponseState,
  name: ModelName,
  { width, height, last, step }: { width: number; height: number; last: boolean; step: number },
): void {
  const frame = frameOf(width, height, last);
  const style = inkOf(root);
  const { influence, output } = state.responses[name];
  const x = state.across;
  const y = state.axisOf(name);
  if (name === "window") {
    const { at, history } = state.traits;
    const [from, to] = [toX(at - 0.5, x, frame), toX(at + history + 0.5, x, frame)];
    context.fillStyle = readColour(root, "--rv-surface");
    context.fillRect(from, frame.top, Math.min(to, frame.left + frame.width) - from, frame.height);
  }
  const xTicks = last ? linearTicks([0, state.steps - 1], Math.max(2, frame.width / 70), true) : [];
  const yTicks = state.log ? logTicks(y.range, 4) : linearTicks(y.range, 4);
  drawAxes(context, frame, { x, y, xTicks, yTicks }, style);
  if (last) {
    context.fillStyle = style.text;
    context.font = style.font;
    context.textAlign = "right";
    context.textBaseline = "top";
    context.fillText("step t", frame.left - 8, frame.top + frame.height + 8);
  }
  const done = clip(context, frame);
  if (state.showsWhole) drawCurve(context, output, 0, x, y, frame, { colour: style.text, width: 1.25 });
  paintBars(context, state, influence, y, frame, readColour(root, "--rv-output"));
  done();
  paintCursor(context, root, state, frame, step);
}
