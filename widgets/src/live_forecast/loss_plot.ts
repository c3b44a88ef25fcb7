// The squared errors of all models while they learn; pressing into it looks back.
import { readColour } from "../lib/draw/colours";
import type { Axis, Frame, Ink } from "../lib/draw/plot";
import {
  clearCanvas,
  clip,
  drawAxes,
  fitRange,
  fromX,
  linearTicks,
  logTicks,
  toX,
  toY,
} from "../lib/draw/plot";
import { h } from "../lib/page/dom";
import type { Numbers, Scene } from "./forecast";
import type { Choice } from "./forecast_plot";
import { curveOf, frameOf, inkOf, MARGIN } from "./forecast_plot";

export const LOSS_HEIGHT = 210;

export interface Losses {
  step: number;
  models: Numbers[];
}

export interface LossView extends Choice {
  scene: Scene;
  items: Losses[];
  /** Best first; none before the first frame. */
  rivals: Numbers[];
  /** The step looked back at; null for the latest. */
  at: number | null;
}

export interface LossPlot {
  element: HTMLElement;
  paint(width: number, view: LossView): void;
}

/** `look` gets the number of updates that the reader points at. */
export function makeLossPlot(root: HTMLElement, look: (step: number) => void): LossPlot {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h("div", { class: "rv-plot rv-losses", role: "img" }, canvas);
  let [painted, last] = [0, 10];
  const boxOf = (width: number): Frame => {
    const below = MARGIN.bottom + 18; // the numbers, and below them what they count
    return { ...frameOf(width, LOSS_HEIGHT), top: 8, height: LOSS_HEIGHT - 8 - below };
  };
  const lookBack = (event: PointerEvent) => {
    const pixel = event.clientX - element.getBoundingClientRect().left;
    look(fromX(pixel, { range: [0, last], log: false }, boxOf(painted)));
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    lookBack(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) lookBack(event);
  });

  function paint(width: number, view: LossView): void {
    painted = width;
    const { scene, items } = view;
    const context = clearCanvas(canvas, width, LOSS_HEIGHT);
    const box = boxOf(width);
    last = Math.max(10, items.at(-1)?.step ?? 0);
    const best = bestLoss(view.rivals);
    const values = items.flatMap((item) =>
      item.models.flatMap((one) => [one.validation_loss ?? 0, one.train_loss ?? 0]),
    );
    const y: Axis = { range: fitRange(best === null ? values : [...values, best], true), log: true };
    const x: Axis = { range: [0, last], log: false };
    const ink = inkOf(root);
    drawAxes(
      context,
      box,
      { x, y, xTicks: linearTicks(x.range, Math.max(2, box.width / 70), true), yTicks: logTicks(y.range, 5) },
      ink,
    );
    context.fillStyle = ink.text;
    context.font = ink.font;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    context.fillText("updates", box.left + box.width / 2, LOSS_HEIGHT - 3);
    const done = clip(context, box);
    const level = best === null || !view.baselines ? null : toY(best, y, box);
    if (level !== null) drawLevel(context, box, level, ink);
    for (const [index, name] of scene.models.entries()) {
      if (view.hidden.has(name)) continue;
      const { property, dash } = curveOf(scene, name);
      for (const [part, pen] of [
        ["train_loss", { width: 1, alpha: 0.7, dash: [] }],
        ["validation_loss", { width: 2, alpha: 1, dash }],
      ] as const) {
        context.save();
        context.strokeStyle = readColour(root, property);
        context.lineWidth = pen.width;
        context.globalAlpha = pen.alpha;
        context.setLineDash(pen.dash);
        context.beginPath();
        for (const item of items) {
          const value = item.models[index]?.[part];
          if (value) context.lineTo(toX(item.step, x, box), toY(value, y, box));
        }
        context.stroke();
        context.restore();
      }
    }
    if (view.at !== null) {
      const at = toX(view.at, x, box);
      context.strokeStyle = readColour(root, "--rv-ink");
      context.beginPath();
      context.moveTo(at, box.top);
      context.lineTo(at, box.top + box.height);
      context.stroke();
    }
    if (level !== null) nameLevel(root, context, box, level, ink);
    done();
  }
  return { element, paint };
}

function bestLoss(baselines: Numbers[]): number | null {
  const found = baselines.flatMap((one) => one.validation_loss ?? []);
  return found.length ? Math.min(...found) : null;
}

function drawLevel(context: CanvasRenderingContext2D, box: Frame, level: number, ink: Ink): void {
  context.strokeStyle = ink.text;
  context.setLineDash([6, 3]);
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(box.left, level);
  context.lineTo(box.left + box.width, level);
  context.stroke();
  context.setLineDash([]);
}

/** The name of the dashed line, over the curves and with a rim, so that no curve runs through its letters. */
function nameLevel(
  root: HTMLElement,
  context: CanvasRenderingContext2D,
  box: Frame,
  level: number,
  { text, font }: Ink,
): void {
  Object.assign(context, { font, textAlign: "left", lineWidth: 5, lineJoin: "round" });
  const isLow = level > box.top + box.height - 22;
  context.textBaseline = isLow ? "bottom" : "top";
  const height = isLow ? level - 4 : level + 4;
  context.strokeStyle = readColour(root, "--rv-bg");
  context.strokeText("best baseline", box.left + 5, height);
  context.fillStyle = text;
  context.fillText("best baseline", box.left + 5, height);
}
