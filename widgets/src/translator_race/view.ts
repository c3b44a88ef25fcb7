// How many unseen sentences each translator gets right, against updates.
import { readColour } from "../lib/draw/colours";
import { type Axis, clip, drawAxes, linearTicks, toX, toY } from "../lib/draw/plot";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import { nameAxes, type Sheet } from "../lib/training/trial_plot";
import { type Frame, percent, pointsOf, type Scene } from "./state";

const SHARES: Axis = { range: [0, 1.03], log: false };

export function paintRace(sheet: Sheet, root: HTMLElement, scene: Scene, frame: Frame): void {
  const { context, box, ink } = sheet;
  const x: Axis = { range: [0, scene.updates], log: false };
  const xTicks = linearTicks(x.range, Math.max(3, box.width / 90), true);
  const yTicks = linearTicks([0, 1], 5).map(({ at }) => ({ at, label: percent(at) }));
  drawAxes(context, box, { x, y: SHARES, xTicks, yTicks }, ink);
  nameAxes(sheet, "updates", "without a fault");
  const done = clip(context, box);
  for (const [index, name] of scene.translators.entries()) {
    context.strokeStyle = readColour(root, curveProperty(index));
    context.lineWidth = 2.4;
    context.lineJoin = "round";
    context.setLineDash(curveDash(index));
    context.beginPath();
    for (const [at, share] of pointsOf(scene, frame[name])) {
      context.lineTo(toX(at, x, box), toY(share, SHARES, box));
    }
    context.stroke();
  }
  context.setLineDash([]);
  done();
}
