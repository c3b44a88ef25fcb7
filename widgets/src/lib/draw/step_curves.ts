// Curves over the steps of a sequence in one small plot, with the cursor's step in it; pressing the plot moves it.
import { h } from "../page/dom";
import { readColour } from "./colours";
import {
  type Axis,
  clearCanvas,
  clip,
  drawAxes,
  drawCurve,
  type Frame,
  fromX,
  linearTicks,
  logTicks,
  toX,
} from "./plot";

const FONT = "11.5px system-ui, sans-serif";
const MARGIN = { left: 50, right: 10, top: 8 };
/** Below the plot, for the numbers of its axis and what they are. */
const BELOW = 42;

export interface StepLine {
  values: ArrayLike<number>;
  /** The custom property of its colour. */
  property: string;
  dash?: readonly number[];
  width?: number;
}

export interface StepPicture {
  lines: StepLine[];
  /** How many steps the axis has. */
  steps: number;
  /** Where the cursor is. */
  step: number;
  /** What the values are drawn against; powers of ten where it is logarithmic. */
  y: Axis;
  /** Height of the plot without its axis. */
  height: number;
}

export interface StepCurves {
  element: HTMLCanvasElement;
  paint(picture: StepPicture): void;
}

/** Thirty decades say "nothing is left" as well as three hundred do. */
export const capDecades = ([low, high]: [number, number]): [number, number] => [
  Math.max(low, high - 30),
  high,
];

/** `goTo` is called with the step under the pointer. */
export function makeStepCurves(root: HTMLElement, goTo?: (step: number) => void): StepCurves {
  const canvas = h("canvas", goTo ? { role: "img" } : { "aria-hidden": "true" });
  let steps = 1;
  const across = (): Axis => ({ range: [0, Math.max(1, steps - 1)], log: false });
  const frameOf = (height: number): Frame => ({
    left: MARGIN.left,
    top: MARGIN.top,
    // At first the card may have no width yet.
    width: Math.max(80, (canvas.parentElement?.clientWidth ?? 0) - MARGIN.left - MARGIN.right),
    height,
  });
  if (goTo) {
    const point = (event: PointerEvent) => {
      const at = fromX(event.clientX - canvas.getBoundingClientRect().left, across(), frameOf(1));
      goTo(Math.max(0, Math.min(steps - 1, Math.round(at))));
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      point(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) point(event);
    });
  }

  function paint({ lines, steps: count, step, y, height }: StepPicture): void {
    steps = count;
    const x = across();
    const frame = frameOf(height);
    const below = frame.top + frame.height + BELOW;
    const context = clearCanvas(canvas, frame.left + frame.width + MARGIN.right, below);
    const text = readColour(root, "--rv-ink-2");
    const xTicks = linearTicks(x.range, Math.max(2, frame.width / 70), true);
    const yTicks = y.log ? logTicks(y.range, Math.max(4, height / 38)) : linearTicks(y.range, 4);
    const grid = readColour(root, "--rv-line");
    drawAxes(context, frame, { x, y, xTicks, yTicks }, { grid, text, font: FONT });
    const done = clip(context, frame);
    for (const { values, property, dash, width } of lines)
      drawCurve(context, values, 0, x, y, frame, {
        colour: readColour(root, property),
        ...(dash && { dash: [...dash] }),
        ...(width && { width }),
      });
    done();
    context.fillStyle = text;
    context.font = FONT;
    context.textAlign = "center";
    context.fillText("step t", frame.left + frame.width / 2, below - 5);
    context.fillStyle = readColour(root, "--rv-ink");
    context.fillRect(toX(step, x, frame) - 0.75, frame.top, 1.5, frame.height);
  }
  return { element: canvas, paint };
}
