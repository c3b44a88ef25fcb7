// Bars at the steps of a response, and what all its plots share.
import { readColour } from "../lib/draw/colours";
import { type Axis, type Frame, type Ink, toX, toY } from "../lib/draw/plot";
import type { ResponseState } from "./state";

const MARGIN = { left: 52, right: 12, top: 10, bottom: 8 };
/** The lowest plot also holds the numbers of the steps. */
export const NUMBERS = 22;

export const frameOf = (width: number, height: number, last: boolean): Frame => ({
  left: MARGIN.left,
  top: MARGIN.top,
  width: Math.max(10, width - MARGIN.left - MARGIN.right),
  height: height - MARGIN.top - MARGIN.bottom - (last ? NUMBERS : 0),
});

export const inkOf = (root: HTMLElement): Ink => ({
  grid: readColour(root, "--rv-line"),
  text: readColour(root, "--rv-ink-2"),
  font: `12px ${readColour(root, "--rv-font")}`,
});

/** Width of a bar. */
export const thicknessOf = (frame: Frame, steps: number): number => (frame.width / steps) * 0.62;

export function paintBars(
  context: CanvasRenderingContext2D,
  state: ResponseState,
  values: ArrayLike<number>,
  y: Axis,
  frame: Frame,
  colour: string,
): void {
  const gap = frame.width / state.steps;
  const thick = Math.max(1, Math.min(9, thicknessOf(frame, state.steps)));
  const floor = frame.top + frame.height;
  const zero = y.log ? floor : toY(0, y, frame);
  context.fillStyle = context.strokeStyle = colour;
  context.lineWidth = 1.25;
  for (const t of chooseTallest(values, Math.max(1, Math.floor(1 / gap)))) {
    const value = values[t];
    const across = toX(t, state.across, frame);
    if (!Number.isFinite(value)) {
      markFault(context, across, frame.top + 1, gap);
      continue;
    }
    if (value === 0) {
      if (y.log && gap > 5) markNothing(context, across, floor);
      continue;
    }
    const end = Math.max(-1e4, Math.min(1e4, toY(y.log ? Math.abs(value) : value, y, frame)));
    const top = Math.min(end, zero);
    const tall = Math.max(1, Math.abs(end - zero));
    if (y.log && value < 0 && thick >= 3)
      context.strokeRect(across - thick / 2 + 0.6, top + 0.6, thick - 1.2, Math.max(0.5, tall - 0.6));
    else context.fillRect(across - thick / 2, top, thick, tall);
  }
}

/** Of bars that fall on one pixel, the tallest stands for all; what is no number is taller than any. */
export function chooseTallest(values: ArrayLike<number>, bunch: number): number[] {
  const chosen: number[] = [];
  for (let first = 0; first < values.length; first += bunch) {
    let t = first;
    for (let k = first; k < Math.min(values.length, first + bunch); k++)
      if (Number.isFinite(values[t]) && !(Math.abs(values[k]) <= Math.abs(values[t]))) t = k;
    chosen.push(t);
  }
  return chosen;
}

function markNothing(context: CanvasRenderingContext2D, x: number, floor: number): void {
  context.beginPath();
  context.moveTo(x - 2.5, floor - 6);
  context.lineTo(x + 2.5, floor - 6);
  context.lineTo(x, floor - 1);
  context.closePath();
  context.stroke();
}

function markFault(context: CanvasRenderingContext2D, x: number, top: number, gap: number): void {
  const arm = Math.min(3, gap / 2);
  context.beginPath();
  context.moveTo(x - arm, top + 6);
  context.lineTo(x, top);
  context.lineTo(x + arm, top + 6);
  context.stroke();
}

export function paintCursor(
  context: CanvasRenderingContext2D,
  root: HTMLElement,
  state: ResponseState,
  frame: Frame,
  step: number,
): void {
  context.fillStyle = readColour(root, "--rv-ink-2");
  context.fillRect(Math.round(toX(step, state.across, frame)) - 0.5, frame.top, 1, frame.height);
}
