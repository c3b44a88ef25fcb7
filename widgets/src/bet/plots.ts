// The trainings as they go, and what the ratio knew of them beforehand.
import { readColour } from "../lib/draw/colours";
import { type Axis, drawAxes, linearTicks, logTicks, toX, toY } from "../lib/draw/plot";
import { curveProperty } from "../lib/draw/swatch";
import { spanRatios } from "../lib/training/bets";
import { nameAxes, paintErrors, placeBadges, type Sheet, type TrialPlot } from "../lib/training/trial_plot";
import { tellRatio } from "../lib/words/gradient_story";
import { type BetState, UNTRAINED } from "./state";

export function paintTrainings(plot: TrialPlot, root: HTMLElement, { scene, course }: BetState): void {
  const sheet = plot.clear();
  if (!sheet) return;
  const courses = scene.names.map((name, index) => ({ trial: course[name], index }));
  const place = paintErrors(sheet, root, courses, scene);
  const { top, height } = sheet.box;
  const moving = courses.filter(({ trial }) => trial.errors.length > 1);
  const curves = moving.map(({ trial }) =>
    trial.errors.map((error, k): [number, number] => [
      place.toX(k * scene.every),
      Math.max(top, Math.min(top + height, place.toY(error))),
    ]),
  );
  for (const [k, [across, down]] of placeBadges(curves, 18).entries())
    drawBadge(sheet.context, root, across, down, moving[k].index);
}

export function paintScatter(plot: TrialPlot, root: HTMLElement, state: BetState): void {
  const sheet = plot.clear();
  if (!sheet) return;
  const { context, box, ink } = sheet;
  const { scene, course } = state;
  const [low, high] = spanRatios(scene);
  const x: Axis = { range: [low - 0.6, high + 0.4], log: true };
  // The uppermost part is for those that never solved it.
  const y: Axis = { range: [0, scene.updates * 1.18], log: false };
  paintGround(sheet, root, x, y, scene.updates);
  const words: string[] = [];
  let crowd = 0;
  for (const [index, name] of scene.names.entries()) {
    const { solved } = course[name];
    const failed = state.hasFailed(name);
    if (solved === null && !failed) continue;
    const ratio = Math.max(scene.ratios[name] ?? 0, 10 ** low);
    const at = failed ? box.top + 12 + 6 * (crowd++ % 3) : toY(solved!, y, box);
    drawBadge(context, root, toX(ratio, x, box), at, index);
    const end = failed ? "not solved" : `solved after ${solved} updates`;
    words.push(`${name}: ratio ${tellRatio(scene.ratios[name] ?? 0)}, ${end}`);
  }
  if (!words.length) {
    context.fillStyle = ink.text;
    context.textAlign = "center";
    context.fillText("A point for each network", box.left + box.width / 2, box.top + box.height / 2 - 9);
    context.fillText("appears when it is done.", box.left + box.width / 2, box.top + box.height / 2 + 9);
  }
  const told = words.length ? `${words.join("; ")}.` : UNTRAINED;
  plot.tell(`Updates until solved against the ratio before training. ${told}`);
}

/** Axes, the part for those that never solved it, and a line where both ends count alike. */
function paintGround(sheet: Sheet, root: HTMLElement, x: Axis, y: Axis, updates: number): void {
  const { context, box, ink } = sheet;
  const lost = toY(updates * 1.04, y, box);
  context.fillStyle = readColour(root, "--rv-surface");
  context.fillRect(box.left, box.top, box.width, lost - box.top);
  const xTicks = logTicks(x.range, Math.max(3, box.width / 60)).filter(({ at }) => Number.isInteger(at));
  drawAxes(context, box, { x, y, xTicks, yTicks: linearTicks([0, updates], 4, true) }, ink);
  nameAxes(sheet, "ratio before training", "updates until solved");
  context.fillText("not solved", box.left + 0.3 * box.width, box.top + 15);
  const one = Math.round(toX(1, x, box)) + 0.5;
  context.strokeStyle = ink.text;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(one, box.top);
  context.lineTo(one, box.top + box.height);
  context.stroke();
  context.setLineDash([]);
}

function drawBadge(
  context: CanvasRenderingContext2D,
  root: HTMLElement,
  x: number,
  y: number,
  index: number,
): void {
  context.beginPath();
  context.arc(x, y, 8.5, 0, 2 * Math.PI);
  context.fillStyle = readColour(root, curveProperty(index));
  context.strokeStyle = readColour(root, "--rv-bg");
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
  context.fillStyle = readColour(root, "--rv-bg");
  context.font = `700 11px ${readColour(root, "--rv-font")}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(index + 1), x, y + 0.5);
}
