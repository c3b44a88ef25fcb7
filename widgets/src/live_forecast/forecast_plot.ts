// The series and what models make of it: truth, one-step predictions, and the forecasts from one step on.
import { readColour } from "../lib/draw/colours";
import type { Axis, Frame, Ink, Tick } from "../lib/draw/plot";
import {
  clearCanvas,
  clip,
  dateTicks,
  drawAxes,
  drawCurve,
  fitRange,
  linearTicks,
  toX,
  toY,
} from "../lib/draw/plot";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import type { Scene, Sight } from "./forecast";

export const MARGIN = { left: 54, right: 14, top: 24, bottom: 30 };
const PARTS = ["training", "validation", "test"];

export type Range = [low: number, high: number];

/** What the reader has chosen to see of a race. */
export interface Choice {
  /** Names of the models left out. */
  hidden: Set<string>;
  baselines: boolean;
}

export interface ForecastView extends Choice {
  scene: Scene;
  truth: Float32Array;
  /** None before the first frame. */
  sight: Sight | undefined;
  /** The step that the forecasts start from. */
  origin: number;
  /** Steps and values in view. */
  span: Range;
  room: Range;
}

export const heightOf = (width: number): number => (width < 480 ? 240 : 300);

export const frameOf = (width: number, height: number): Frame => ({
  left: MARGIN.left,
  top: MARGIN.top,
  width: Math.max(10, width - MARGIN.left - MARGIN.right),
  height: height - MARGIN.top - MARGIN.bottom,
});

export const inkOf = (root: HTMLElement): Ink => ({
  grid: readColour(root, "--rv-line"),
  text: readColour(root, "--rv-ink-2"),
  font: `12.5px ${readColour(root, "--rv-font")}`,
});

/** How a model's curves look, in the plots and in the table. */
export function curveOf(scene: Scene, name: string): { property: string; dash: number[] } {
  const index = scene.models.indexOf(name);
  return { property: curveProperty(index), dash: curveDash(index) };
}

export const visibleModels = (sight: Sight, { hidden }: Choice) =>
  sight.models.filter((one) => !hidden.has(one.name));

/** The steps in view: all of them and the whole forecast, or what lies around the origin. */
export function spanAround(scene: Scene, origin: number, near: boolean): Range {
  if (!near) return [0, Math.max(scene.steps - 1, origin + scene.horizon)];
  const back = 2 * Math.max(scene.window, scene.horizon);
  return [origin - back, origin + Math.round(1.3 * scene.horizon) + 2];
}

/** The vertical axis makes room for forecasts at once, up to a point, and takes it back slowly. */
export function growRoom(room: Range, truth: Float32Array, forecasts: Iterable<ArrayLike<number>>): Range {
  const [low, high] = fitRange(truth, false);
  const most = 0.5 * (high - low);
  let [from, to] = [low, high];
  for (const forecast of forecasts)
    for (let step = 0; step < forecast.length; step++) {
      const value = forecast[step];
      if (value < from) from = Math.max(value, low - most);
      if (value > to) to = Math.min(value, high + most);
    }
  const slowly = (now: number, then: number) => now + 0.08 * (then - now);
  return [from < room[0] ? from : slowly(room[0], from), to > room[1] ? to : slowly(room[1], to)];
}

export function paintForecast(
  root: HTMLElement,
  canvas: HTMLCanvasElement,
  width: number,
  view: ForecastView,
): void {
  const { scene, truth, sight, origin } = view;
  const height = heightOf(width);
  const context = clearCanvas(canvas, width, height);
  const box = frameOf(width, height);
  const x: Axis = { range: view.span, log: false };
  const y: Axis = { range: view.room, log: false };
  const ink = inkOf(root);
  context.font = ink.font;

  // Which part a step belongs to, and the window that the forecast starts from.
  const ends = [0, ...scene.edges, scene.steps - 0.5];
  const done = clip(context, box);
  for (const part of [1, 2]) {
    const [from, to] = [toX(ends[part] - 0.5, x, box), toX(ends[part + 1], x, box)];
    context.fillStyle = readColour(root, part === 1 ? "--rv-note-bg" : "--rv-surface");
    context.fillRect(from, box.top, to - from, box.height);
  }
  const [seen, now] = [toX(origin - scene.window + 1 - 0.5, x, box), toX(origin, x, box)];
  context.globalAlpha = 0.16;
  context.fillStyle = readColour(root, "--rv-accent");
  context.fillRect(seen, box.top, now - seen, box.height);
  context.globalAlpha = 1;
  done();
  drawAxes(
    context,
    box,
    { x, y, xTicks: ticksOf(scene, x.range, box.width), yTicks: linearTicks(y.range, 5) },
    ink,
  );
  context.fillStyle = ink.text;
  context.textBaseline = "bottom";
  context.textAlign = "left";
  PARTS.forEach((name, part) => {
    const [from, to] = [
      toX(Math.max(ends[part], x.range[0]), x, box),
      toX(Math.min(ends[part + 1], x.range[1]), x, box),
    ];
    if (to - from > context.measureText(name).width + 6) context.fillText(name, from + 3, box.top - 5);
  });

  const drawn = clip(context, box);
  drawCurve(context, truth, 0, x, y, box, { colour: ink.text, width: 1.5 });
  if (sight) {
    const models = visibleModels(sight, view).map(({ name }) => ({ name, ...curveOf(scene, name) }));
    for (const { name, property } of models)
      drawCurve(context, sight.oneStep.get(name)!, 0, x, y, box, {
        colour: readColour(root, property),
        width: 1,
        alpha: 0.85,
      });
    const ahead = (name: string, pen: { colour: string; width: number; dash: number[] }) =>
      drawCurve(context, joined(truth, sight, name), sight.origin, x, y, box, pen);
    if (view.baselines)
      for (const [index, { name }] of sight.baselines.entries())
        ahead(name, { colour: ink.text, width: 1.5, dash: curveDash(index + 1) });
    for (const { name, property, dash } of models)
      ahead(name, { colour: readColour(root, property), width: 3, dash });
  }
  drawn();
  if (now >= box.left - 1 && now <= box.left + box.width + 1)
    markOrigin(root, context, box, now, toY(truth[origin], y, box));
}

function ticksOf(scene: Scene, range: Range, wide: number): Tick[] {
  const count = Math.max(2, Math.floor(wide / 80));
  return scene.dates.length ? dateTicks(scene.dates, range, count) : linearTicks(range, count, true);
}

/** A forecast that begins at the last value known, so that no gap stands between them. */
function joined(truth: Float32Array, sight: Sight, name: string): Float32Array {
  const forecast = sight.forecast.get(name)!;
  const whole = new Float32Array(forecast.length + 1);
  whole[0] = truth[sight.origin];
  whole.set(forecast, 1);
  return whole;
}

function markOrigin(
  root: HTMLElement,
  context: CanvasRenderingContext2D,
  box: Frame,
  across: number,
  down: number,
): void {
  const line = Math.round(across) + 0.5;
  context.strokeStyle = context.fillStyle = readColour(root, "--rv-ink");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(line, box.top - 2);
  context.lineTo(line, box.top + box.height);
  context.stroke();
  context.beginPath();
  context.arc(line, down, 4, 0, 2 * Math.PI);
  context.fill();
}
