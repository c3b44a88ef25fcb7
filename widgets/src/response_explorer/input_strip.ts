// The input: the impulse, which is dragged along time, or whatever the hand draws.
import { readColour } from "../lib/draw/colours";
import { clearCanvas, drawAxes, fromX, linearTicks, toX, toY } from "../lib/draw/plot";
import { h, set } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import { frameOf, inkOf, paintBars, paintCursor, thicknessOf } from "./bars";
import { MOST_INPUT, type ResponseState, type Traits } from "./state";

const HEIGHT = 92;

interface Hand {
  choose(change: Partial<Traits>): void;
  stepNow(): number;
  /** The cursor goes along. */
  goTo(step: number): void;
  /** Nothing plays under a hand that points. */
  pause(): void;
}

export interface InputStrip {
  element: HTMLElement;
  paint(width: number): void;
}

export function makeInputStrip(root: HTMLElement, state: ResponseState, hand: Hand): InputStrip {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h(
    "div",
    { class: "rv-impulse", tabindex: 0, role: "slider", "aria-orientation": "vertical" },
    canvas,
  );
  let width = 0;
  let last = -1;
  const drag = (event: PointerEvent) => {
    const bounds = element.getBoundingClientRect();
    const frame = frameOf(width, HEIGHT, false);
    const step = state.clamp(Math.round(fromX(event.clientX - bounds.left, state.across, frame)));
    hand.pause();
    hand.goTo(step);
    if (!state.drawing) {
      hand.choose({ at: step });
      return;
    }
    const { range } = state.inputAxis;
    const share = 1 - (event.clientY - bounds.top - frame.top) / frame.height;
    const inputs = state.drawn(last < 0 ? step : last, step, range[0] + share * (range[1] - range[0]));
    last = step;
    hand.choose({ inputs });
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    last = -1;
    drag(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) drag(event);
  });
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const move = way ?? { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (state.drawing && way) hand.choose({ inputs: state.nudged(hand.stepNow(), way) });
    else if (!state.drawing && move) {
      const at = state.clamp(state.traits.at + move);
      hand.choose({ at });
      hand.goTo(at);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element,
    paint(now) {
      width = now;
      element.classList.toggle("rv-impulse-draw", state.drawing);
      paintInput(root, canvas, state, width, hand.stepNow());
      describe(element, state, hand.stepNow());
    },
  };
}

function describe(element: HTMLElement, state: ResponseState, step: number): void {
  const value = state.inputs[step];
  set(
    element,
    state.drawing
      ? {
          "aria-label": "Input at the cursor",
          "aria-valuenow": value.toFixed(2),
          "aria-valuemin": -MOST_INPUT,
          "aria-valuemax": MOST_INPUT,
          "aria-valuetext": `x is ${formatNumber(value, 2)} at t = ${step}`,
        }
      : {
          "aria-label": "Step of the impulse",
          "aria-valuenow": state.traits.at,
          "aria-valuemin": 0,
          "aria-valuemax": state.steps - 1,
          "aria-valuetext": `t = ${state.traits.at}`,
        },
  );
}

function paintInput(
  root: HTMLElement,
  canvas: HTMLCanvasElement,
  state: ResponseState,
  width: number,
  step: number,
): void {
  const frame = frameOf(width, HEIGHT, false);
  const context = clearCanvas(canvas, width, HEIGHT);
  const { inputs, across: x, inputAxis: y } = state;
  const { at, size } = state.traits;
  drawAxes(context, frame, { x, y, xTicks: [], yTicks: linearTicks(y.range, 3) }, inkOf(root));
  paintBars(context, state, inputs, y, frame, readColour(root, "--rv-line-2"));
  // The impulse stands on top of what is there already.
  const [from, to] = [inputs[at], inputs[at] + size].map((value) => toY(value, y, frame));
  const middle = toX(at, x, frame);
  const thick = Math.max(3, Math.min(9, thicknessOf(frame, state.steps)));
  context.fillStyle = readColour(root, "--rv-input");
  context.fillRect(middle - thick / 2, Math.min(from, to), thick, Math.max(1, Math.abs(to - from)));
  context.beginPath();
  context.arc(middle, to, 6, 0, 2 * Math.PI);
  context.fill();
  paintCursor(context, root, state, frame, step);
}
