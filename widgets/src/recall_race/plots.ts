// The two plots: recall against distance, and how recall near by grew.
import { readColour } from "../lib/draw/colours";
import { type Axis, clip, drawAxes, linearTicks, toX, toY } from "../lib/draw/plot";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import { nameAxes, type Sheet, writeOver } from "../lib/training/trial_plot";
import type { Curve, Frame, Scene } from "./state";

const SHARES: Axis = { range: [0, 1.04], log: false };
const DISTANCES = [4, 10, 20, 40, 80, 160];

function trace(
  sheet: Sheet,
  root: HTMLElement,
  points: [number, number][],
  index: number,
  width = 2.4,
): void {
  const { context } = sheet;
  context.strokeStyle = readColour(root, curveProperty(index));
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(curveDash(index));
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
  context.setLineDash([]);
}

function guess(sheet: Sheet, root: HTMLElement, y: Axis, baseline: number): void {
  const { context, box, ink } = sheet;
  const at = Math.round(toY(baseline, y, box)) + 0.5;
  context.strokeStyle = ink.text;
  context.lineWidth = 1;
  context.setLineDash([5, 4]);
  context.beginPath();
  context.moveTo(box.left, at);
  context.lineTo(box.left + box.width, at);
  context.stroke();
  context.setLineDash([]);
  context.textAlign = "right";
  context.textBaseline = "top";
  writeOver(sheet, root, "guessing", box.left + box.width - 6, at + 3);
}

/** Shares of right answers against distance, on a logarithmic axis; a thin line for each of several seeds. */
export function paintRecall(sheet: Sheet, root: HTMLElement, scene: Scene, curves: Curve[]): void {
  const { context, box, ink } = sheet;
  const farthest = Math.max(...curves.flatMap(({ points }) => points.map(([at]) => at)), 80);
  const x: Axis = { range: [Math.log10(3.7), Math.log10(farthest * 1.06)], log: true };
  const across = (distance: number) => toX(distance, x, box);
  const down = (share: number) => toY(share, SHARES, box);
  context.fillStyle = readColour(root, "--rv-surface");
  const [from, to] = scene.learned.map(across);
  context.fillRect(from, box.top, to - from, box.height);
  const xTicks = DISTANCES.filter((at) => at <= farthest).map((at) => ({
    at: Math.log10(at),
    label: String(at),
  }));
  drawAxes(context, box, { x, y: SHARES, xTicks, yTicks: linearTicks([0, 1], 5) }, ink);
  nameAxes(sheet, "words between the country and the answer", "share of right answers");
  guess(sheet, root, SHARES, scene.baseline);
  const done = clip(context, box);
  const place = (points: [number, number][]) =>
    points.map(([at, share]): [number, number] => [across(at), down(share)]);
  context.globalAlpha = 0.28;
  for (const { seeds, index } of curves)
    for (const points of seeds) trace(sheet, root, place(points), index, 1);
  context.globalAlpha = 1;
  for (const { points, index } of curves) trace(sheet, root, place(points), index);
  done();
  context.textAlign = "left";
  context.textBaseline = "bottom";
  writeOver(sheet, root, "learned from these", from + 6, box.top + box.height - 5);
}

/** How often the answer was right over the distances that are learned from, against updates. */
export function paintGrowth(
  sheet: Sheet,
  root: HTMLElement,
  scene: Scene,
  frame: Frame,
  hidden: ReadonlySet<string>,
): void {
  const { context, box, ink } = sheet;
  const x: Axis = { range: [0, scene.updates], log: false };
  drawAxes(
    context,
    box,
    {
      x,
      y: SHARES,
      xTicks: linearTicks(x.range, Math.max(2, box.width / 70), true),
      yTicks: linearTicks([0, 1], 5),
    },
    ink,
  );
  nameAxes(sheet, "updates");
  guess(sheet, root, SHARES, scene.baseline);
  const done = clip(context, box);
  scene.cells.forEach((name, index) => {
    if (hidden.has(name)) return;
    const { history, updates } = frame[name];
    trace(
      sheet,
      root,
      history.map((share, k) => [toX(Math.min(k * scene.every, updates), x, box), toY(share, SHARES, box)]),
      index,
    );
  });
  done();
}
