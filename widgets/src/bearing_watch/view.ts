// The two plots: how surprised the network was by each piece, and what it heard beside what it had expected.
import { readColour } from "../lib/draw/colours";
import { type Axis, clip, drawAxes, drawCurve, linearTicks, logTicks, toX, toY } from "../lib/draw/plot";
import { nameAxes, type Sheet, writeOver } from "../lib/training/trial_plot";
import type { Run, Scene } from "./state";

export const HEARD = "--rv-input";
export const EXPECTED = "--rv-output";
export const DASH = [5, 3];

export interface Look {
  span: [number, number];
  threshold: number;
  cursor: number;
  /** The first piece with the defect, where that is shown. */
  begins: number | null;
}

export const acrossOf = (scene: Scene): Axis => ({
  range: [0, (scene.pieces * scene.piece) / scene.rate],
  log: false,
});

/** One mark a piece: dots below the threshold, triangles above. */
export function paintSurprise(sheet: Sheet, root: HTMLElement, scene: Scene, run: Run, look: Look): void {
  const { context, box, ink } = sheet;
  const x = acrossOf(scene);
  const y: Axis = { range: look.span, log: true };
  const length = scene.piece / scene.rate;
  if (look.begins !== null) {
    const from = toX(look.begins * length, x, box);
    context.fillStyle = readColour(root, "--rv-bad-bg");
    context.fillRect(from, box.top, box.left + box.width - from, box.height);
  }
  drawAxes(
    context,
    box,
    { x, y, xTicks: linearTicks(x.range, Math.max(3, box.width / 90)), yTicks: logTicks(y.range, 6) },
    ink,
  );
  nameAxes(sheet, "seconds", "surprise");
  const done = clip(context, box);
  const at = Math.round(toY(look.threshold, y, box)) + 0.5;
  const now = toX((look.cursor + 0.5) * length, x, box);
  context.fillStyle = readColour(root, "--rv-line");
  context.fillRect(now - 3, box.top, 6, box.height);
  const [calm, alarm] = [readColour(root, "--rv-ink-2"), readColour(root, "--rv-bad")];
  for (let piece = 0; piece < scene.pieces; piece++) {
    const value = run.surprise[piece];
    if (Number.isNaN(value)) continue;
    const [cx, cy] = [toX((piece + 0.5) * length, x, box), toY(value, y, box)];
    context.beginPath();
    if (value > look.threshold) {
      context.fillStyle = alarm;
      context.moveTo(cx, cy - 5);
      context.lineTo(cx + 4.5, cy + 3.5);
      context.lineTo(cx - 4.5, cy + 3.5);
    } else {
      context.fillStyle = calm;
      context.arc(cx, cy, 2.2, 0, 7);
    }
    context.fill();
  }
  context.strokeStyle = readColour(root, "--rv-accent");
  context.lineWidth = 2;
  context.setLineDash([8, 4]);
  context.beginPath();
  context.moveTo(box.left, at);
  context.lineTo(box.left + box.width, at);
  context.stroke();
  context.setLineDash([]);
  done();
  context.textBaseline = "bottom";
  context.textAlign = "left";
  writeOver(sheet, root, "threshold: alarm above", box.left + 6, at - 3);
  if (look.begins !== null) {
    context.textBaseline = "top";
    writeOver(sheet, root, "defect", toX(look.begins * length, x, box) + 6, box.top + 4);
  }
}

/** Three pieces about the cursor: heard, and expected. */
export function paintSignal(sheet: Sheet, root: HTMLElement, scene: Scene, run: Run, cursor: number): void {
  const { context, box, ink } = sheet;
  const first = Math.max(0, Math.min(scene.pieces - 3, cursor - 1));
  const [from, to] = [first * scene.piece, (first + 3) * scene.piece];
  const samples: Axis = { range: [from, to - 1], log: false };
  const seconds: Axis = { range: [(1000 * from) / scene.rate, (1000 * (to - 1)) / scene.rate], log: false };
  const reach = 127 * scene.unit;
  const y: Axis = { range: [-reach, reach], log: false };
  const step = toX(scene.piece * (cursor + 1), samples, box) - toX(scene.piece * cursor, samples, box);
  context.fillStyle = readColour(root, "--rv-surface");
  context.fillRect(toX(scene.piece * cursor, samples, box), box.top, step, box.height);
  drawAxes(
    context,
    box,
    {
      x: seconds,
      y,
      xTicks: linearTicks(seconds.range, Math.max(3, box.width / 90)),
      yTicks: linearTicks(y.range, 5),
    },
    ink,
  );
  nameAxes(sheet, "milliseconds", "acceleration, g");
  const done = clip(context, box);
  const curve = (values: Int8Array, colour: string, dash: number[], width: number) =>
    drawCurve(
      context,
      Float32Array.from(values.subarray(from, to), (value) => value * scene.unit),
      from,
      samples,
      y,
      box,
      { colour: readColour(root, colour), dash, width },
    );
  curve(run.heard, HEARD, [], 1.6);
  if (first > 0 || cursor > 0) curve(run.expected, EXPECTED, DASH, 1.6);
  done();
}
