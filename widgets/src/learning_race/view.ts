// Two plots of one race: against updates, and against the time that they took.
import { readColour } from "../lib/draw/colours";
import { type Axis, clip, drawAxes, linearTicks, logTicks, toX, toY } from "../lib/draw/plot";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import { nameAxes, type Sheet, writeOver } from "../lib/training/trial_plot";
import { againstTime, againstUpdates, type Frame, longest, type Point, type Scene, SHORTEST } from "./state";

const SHARES: Axis = { range: [0, 1.04], log: false };
const ERRORS: Axis = { range: [-3.2, 0.4], log: true };

interface Plot {
  x: Axis;
  xTicks: { at: number; label: string }[];
  across: string;
  curves: Point[][];
}

function paint(sheet: Sheet, root: HTMLElement, scene: Scene, { x, xTicks, across, curves }: Plot): void {
  const { context, box, ink } = sheet;
  const y = scene.log ? ERRORS : SHARES;
  const yTicks = scene.log ? logTicks(y.range, 5) : linearTicks([0, 1], 5);
  drawAxes(context, box, { x, y, xTicks, yTicks }, ink);
  nameAxes(sheet, across, scene.score);
  const level = Math.round(toY(scene.level.value, y, box)) + 0.5;
  context.strokeStyle = ink.text;
  context.lineWidth = 1;
  context.setLineDash([5, 4]);
  context.beginPath();
  context.moveTo(box.left, level);
  context.lineTo(box.left + box.width, level);
  context.stroke();
  const done = clip(context, box);
  context.lineWidth = 2.4;
  context.lineJoin = "round";
  curves.forEach((points, index) => {
    context.strokeStyle = readColour(root, curveProperty(index));
    context.setLineDash(curveDash(index));
    context.beginPath();
    for (const point of points) context.lineTo(toX(point.x, x, box), toY(point.y, y, box));
    context.stroke();
  });
  context.setLineDash([]);
  done();
  context.textAlign = "right";
  context.textBaseline = "top";
  writeOver(sheet, root, scene.level.name, box.left + box.width - 6, level + 4);
}

export function paintUpdates(sheet: Sheet, root: HTMLElement, scene: Scene, frame: Frame): void {
  const x: Axis = { range: [0, scene.updates], log: false };
  paint(sheet, root, scene, {
    x,
    xTicks: linearTicks(x.range, Math.max(2, sheet.box.width / 70), true),
    across: "updates",
    curves: scene.nets.map((name) => againstUpdates(scene, frame[name])),
  });
}

export function paintTimes(sheet: Sheet, root: HTMLElement, scene: Scene, frame: Frame): void {
  const until = 1.3 * longest(scene, frame);
  const x: Axis = { range: [Math.log10(SHORTEST), Math.log10(until)], log: true };
  const xTicks = [0.01, 0.1, 1, 10, 100]
    .filter((at) => at <= until)
    .map((at) => ({ at: Math.log10(at), label: String(at) }));
  paint(sheet, root, scene, {
    x,
    xTicks,
    across: "seconds of computing",
    curves: scene.nets.map((name) => againstTime(frame[name], until)),
  });
}
