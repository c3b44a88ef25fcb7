// Three plots: what each goes on with, its error for each piece ahead, and how the error one piece ahead fell.
import { readColour } from "../lib/draw/colours";
import { type Axis, clip, drawAxes, drawCurve, linearTicks, logTicks, toX, toY } from "../lib/draw/plot";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import { nameAxes, type Sheet, writeOver } from "../lib/training/trial_plot";
import { aheadOf, type Curve, type Frame, linesOf, type Scene } from "./state";

const ERRORS: Axis = { range: [-2.15, 0.6], log: true };

const pen = (root: HTMLElement, index: number, width = 2.2) => ({
  colour: readColour(root, curveProperty(index)),
  dash: curveDash(index),
  width,
});

/** The machine's signal, thick and pale, and over it what each says comes next. */
export function paintLines(sheet: Sheet, root: HTMLElement, scene: Scene, frame: Frame): void {
  const { context, box, ink } = sheet;
  const x: Axis = { range: [-scene.piece, scene.truth.length - scene.piece - 1], log: false };
  const y: Axis = { range: [-3.4, 3.4], log: false };
  context.fillStyle = readColour(root, "--rv-surface");
  context.fillRect(box.left, box.top, toX(0, x, box) - box.left, box.height);
  const xTicks = linearTicks(x.range, Math.max(3, box.width / 90), true);
  drawAxes(context, box, { x, y, xTicks, yTicks: linearTicks(y.range, 5) }, ink);
  nameAxes(sheet, "samples from now", "scaled signal");
  const done = clip(context, box);
  drawCurve(context, scene.truth, -scene.piece, x, y, box, {
    colour: readColour(root, "--rv-line-2"),
    width: 4,
    alpha: 0.6,
  });
  for (const { values, index } of linesOf(scene, frame))
    drawCurve(context, values, 0, x, y, box, pen(root, index, 1.7));
  done();
  context.textAlign = "left";
  context.textBaseline = "top";
  writeOver(sheet, root, "heard", box.left + 5, box.top + 4);
}

function paintErrors(
  sheet: Sheet,
  root: HTMLElement,
  scene: Scene,
  x: Axis,
  across: string,
  curves: (Curve & { every: number; first: number })[],
): void {
  const { context, box, ink } = sheet;
  const xTicks = linearTicks(x.range, Math.max(3, box.width / 80), true);
  drawAxes(context, box, { x, y: ERRORS, xTicks, yTicks: logTicks(ERRORS.range, 4) }, ink);
  nameAxes(sheet, across, "mean squared error");
  const noise = Math.round(toY(scene.noise, ERRORS, box)) + 0.5;
  context.strokeStyle = ink.text;
  context.lineWidth = 1;
  context.setLineDash([5, 4]);
  context.beginPath();
  context.moveTo(box.left, noise);
  context.lineTo(box.left + box.width, noise);
  context.stroke();
  context.setLineDash([]);
  const done = clip(context, box);
  for (const { values, index, every, first } of curves) {
    const { colour, dash, width } = pen(root, index);
    Object.assign(context, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
    context.setLineDash(dash);
    context.beginPath();
    values.forEach((value, k) => {
      context.lineTo(toX(first + k * every, x, box), toY(value, ERRORS, box));
    });
    context.stroke();
    context.setLineDash([]);
  }
  done();
  context.textAlign = "right";
  context.textBaseline = "bottom";
  writeOver(sheet, root, "the sensor's noise", box.left + box.width - 6, noise - 3);
}

export function paintAhead(sheet: Sheet, root: HTMLElement, scene: Scene, frame: Frame): void {
  const curves = aheadOf(scene, frame).map((curve) => ({ ...curve, every: 1, first: 1 }));
  const x: Axis = { range: [1, scene.linear.ahead.length], log: false };
  paintErrors(sheet, root, scene, x, "pieces ahead, each from the one before", curves);
}

export function paintHistory(sheet: Sheet, root: HTMLElement, scene: Scene, frame: Frame): void {
  const curves = scene.nets.map((name, index) => ({
    name,
    index,
    values: frame[name].history,
    every: scene.every,
    first: 0,
  }));
  const linear = {
    name: "",
    index: scene.nets.length,
    values: [scene.linear.ahead[0], scene.linear.ahead[0]],
    every: scene.updates,
    first: 0,
  };
  paintErrors(sheet, root, scene, { range: [0, scene.updates], log: false }, "updates", [...curves, linear]);
}
