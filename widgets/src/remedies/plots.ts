// The gradient at each step before training, and the errors while the networks learn.
import { readColour } from "../lib/draw/colours";
import { type Axis, clip, drawAxes, drawCurve, fitRange, linearTicks, logTicks, toX } from "../lib/draw/plot";
import { nameAxes, paintErrors, type Sheet, type TrialPlot, writeOver } from "../lib/training/trial_plot";
import { plural } from "../lib/words/format";
import type { RemediesState } from "./state";

export function paintGradient(plot: TrialPlot, root: HTMLElement, { curve, scene }: RemediesState): void {
  const sheet = plot.clear();
  if (!sheet) return;
  const { context, box, ink } = sheet;
  const x: Axis = { range: [0, Math.max(1, curve.length - 1)], log: false };
  const y: Axis = { range: fitRange([...curve, ...scene.plain], true), log: true };
  const xTicks = linearTicks(x.range, Math.max(2, box.width / 80), true);
  drawAxes(context, box, { x, y, xTicks, yTicks: logTicks(y.range, 6) }, ink);
  nameAxes(sheet, "step t", "‖∂L/∂hₜ‖");
  const done = clip(context, box);
  drawCurve(context, scene.plain, 0, x, y, box, { colour: ink.text, width: 1.5, dash: [5, 4] });
  drawCurve(context, curve, 0, x, y, box, { colour: readColour(root, "--rv-grad"), width: 2.6 });
  done();
  markZeros(sheet, root, curve, x);
}

/** What is exactly zero has no place on a log axis. */
function markZeros({ context, box, ink }: Sheet, root: HTMLElement, curve: number[], x: Axis): void {
  const low = box.top + box.height;
  context.fillStyle = readColour(root, "--rv-grad");
  let zeros = 0;
  curve.forEach((value, t) => {
    if (value !== 0) return;
    zeros++;
    const at = toX(t, x, box);
    context.beginPath();
    context.moveTo(at - 3.5, low - 8);
    context.lineTo(at + 3.5, low - 8);
    context.lineTo(at, low - 2);
    context.fill();
  });
  if (!zeros) return;
  context.font = ink.font;
  context.textAlign = "left";
  context.fillText(`▽ exactly zero at ${plural(zeros, "step")}`, box.left + 6, low - 16);
}

export function paintTrainings(plot: TrialPlot, root: HTMLElement, { runs, scene }: RemediesState): void {
  const sheet = plot.clear();
  if (!sheet) return;
  const courses = runs.map(({ run, trial }, k) => ({ trial, index: run - 1, faint: k < runs.length - 1 }));
  paintErrors(sheet, root, courses, scene);
  if (runs.length) return;
  sheet.context.textAlign = "center";
  writeOver(sheet, root, "Press Train.", sheet.box.left + sheet.box.width / 2, sheet.box.top + 40);
}
