// What the plots of trainings share: their place in a card, their ink, their axes, and the errors of several trials.

import { readColour } from "../draw/colours";
import type { Axis, Frame, Ink } from "../draw/plot";
import { clearCanvas, clip, drawAxes, linearTicks, logTicks, toX, toY } from "../draw/plot";
import { curveDash, curveProperty } from "../draw/swatch";
import { h } from "../page/dom";
import { onWidth } from "../page/widget";
import type { Trial } from "./bets";

const HEIGHT = 250;
/** On the right there is room for a badge at the end of a curve. */
const MARGIN = { left: 62, right: 26, top: 14, bottom: 40 };
/** From where a task is solved to far above what an untrained network errs, in powers of ten. */
const ERRORS: [number, number] = [-2.6, 1];
/** What has diverged is drawn as leaving the plot. */
const FAR = 1e9;

/** What the errors are measured by. */
export interface Task {
  /** Updates from one measurement to the next. */
  every: number;
  solved: number;
  /** Error of always giving the same answer. */
  baseline: number;
}

export interface Course {
  trial: Trial;
  /** Which colour and dashes it has. */
  index: number;
  /** Stands back behind the others. */
  faint?: boolean;
}

export interface Sheet {
  context: CanvasRenderingContext2D;
  box: Frame;
  ink: Ink;
}

export interface TrialPlot {
  element: HTMLElement;
  /** A cleared sheet; null until the card has a width. */
  clear(): Sheet | null;
  /** What the picture says, for those who do not see it. */
  tell(text: string): void;
}

export function makeTrialPlot(root: HTMLElement, signal: AbortSignal, repaint: () => void): TrialPlot {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h("div", { class: "rv-plot rv-trial-plot", role: "img" }, canvas);
  element.style.height = `${HEIGHT}px`;
  let width = 0;
  onWidth(element, signal, (now) => {
    width = now;
    repaint();
  });
  return {
    element,
    clear: () =>
      width
        ? {
            context: clearCanvas(canvas, width, HEIGHT),
            box: {
              left: MARGIN.left,
              top: MARGIN.top,
              width: Math.max(10, width - MARGIN.left - MARGIN.right),
              height: HEIGHT - MARGIN.top - MARGIN.bottom,
            },
            ink: {
              grid: readColour(root, "--rv-line"),
              text: readColour(root, "--rv-ink-2"),
              font: `12.5px ${readColour(root, "--rv-font")}`,
            },
          }
        : null,
    tell: (text) => element.setAttribute("aria-label", text),
  };
}

/** What is along an axis: below the numbers, and turned beside them. */
export function nameAxes({ context, box, ink }: Sheet, across: string, down = ""): void {
  context.fillStyle = ink.text;
  context.font = ink.font;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillText(across, box.left + box.width / 2, HEIGHT - 5);
  if (!down) return;
  context.save();
  context.translate(12, box.top + box.height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(down, 0, 0);
  context.restore();
}

/** Words over a drawing, with the background around them so that a curve beneath does not cross them out. */
export function writeOver(
  { context, ink }: Sheet,
  root: HTMLElement,
  text: string,
  x: number,
  y: number,
): void {
  context.save();
  context.font = ink.font;
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = readColour(root, "--rv-bg");
  context.fillStyle = ink.text;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
  context.restore();
}

/**
 * Where the badges of curves stand: at its end each, and where another's is there already, further back along its own
 * curve. A curve is given by the pixels of its points; a badge needs `room`.
 */
export function placeBadges(curves: [number, number][][], room: number): [number, number][] {
  const taken: [number, number][] = [];
  for (const points of curves) {
    let [x, y] = points[points.length - 1];
    const crowded = () => taken.some(([a, b]) => Math.hypot(a - x, b - y) < room);
    while (crowded() && x > points[0][0]) {
      x = Math.max(points[0][0], x - room / 3);
      const next = points.findIndex(([across]) => across >= x);
      const [before, after] = [points[Math.max(0, next - 1)], points[next]];
      const share = after[0] > before[0] ? (x - before[0]) / (after[0] - before[0]) : 1;
      y = before[1] + share * (after[1] - before[1]);
    }
    taken.push([x, y]);
  }
  return taken;
}

/** Squared errors against updates; returns where a value of either axis lies. */
export function paintErrors(
  sheet: Sheet,
  root: HTMLElement,
  courses: Course[],
  task: Task,
): { toX: (update: number) => number; toY: (error: number | null) => number } {
  const { context, box, ink } = sheet;
  const x: Axis = { range: [0, Math.max(100, ...courses.map(({ trial }) => trial.updates))], log: false };
  const y: Axis = { range: ERRORS, log: true };
  const place = {
    toX: (update: number) => toX(update, x, box),
    toY: (error: number | null) => toY(error ?? FAR, y, box),
  };
  const xTicks = linearTicks(x.range, Math.max(2, box.width / 80), true);
  drawAxes(context, box, { x, y, xTicks, yTicks: logTicks(y.range, 5) }, ink);
  nameAxes(sheet, "updates");
  const levels = [
    { level: task.baseline, name: "always saying 1", baseline: "bottom", off: -3 },
    { level: task.solved, name: "solved", baseline: "top", off: 4 },
  ] as const;
  const lineAt = (level: number) => Math.round(place.toY(level)) + 0.5;
  context.strokeStyle = ink.text;
  context.lineWidth = 1;
  context.setLineDash([5, 4]);
  for (const { level } of levels) {
    context.beginPath();
    context.moveTo(box.left, lineAt(level));
    context.lineTo(box.left + box.width, lineAt(level));
    context.stroke();
  }
  // What is drawn next time begins with the pen of this one.
  context.setLineDash([]);
  const done = clip(context, box);
  context.lineJoin = "round";
  for (const { trial, index, faint } of courses) {
    context.strokeStyle = readColour(root, curveProperty(index));
    context.globalAlpha = faint ? 0.6 : 1;
    context.lineWidth = faint ? 1.6 : 2.4;
    context.setLineDash(curveDash(index));
    context.beginPath();
    trial.errors.forEach((error, k) => {
      context.lineTo(place.toX(k * task.every), Math.max(-99, place.toY(error)));
    });
    context.stroke();
  }
  done();
  context.textAlign = "left";
  for (const { level, name, baseline, off } of levels) {
    context.textBaseline = baseline;
    // Not at the left, where all curves begin, nor at the right, where they end.
    writeOver(sheet, root, name, box.left + 0.35 * box.width, lineAt(level) + off);
  }
  return place;
}
