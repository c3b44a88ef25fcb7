// The curves as they are drawn while something moves, and, over plotly's picture too, the cursor and what has no height.
import { readColour } from "../lib/draw/colours";
import type { Axis, Frame } from "../lib/draw/plot";
import { clearCanvas, clip, drawAxes, drawCurve, linearTicks, logTicks, toX, toY } from "../lib/draw/plot";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import type { CurvesState, Drawn } from "./state";

export interface Sheet {
  root: HTMLElement;
  canvas: HTMLCanvasElement;
  width: number;
  height: number;
  box: Frame;
}

/** `still`: plotly draws the curves and their axes, and only what it cannot draw is drawn here. */
export function paintCurves(sheet: Sheet, state: CurvesState, step: number, still: boolean): void {
  const { root, canvas, width, height, box } = sheet;
  const context = clearCanvas(canvas, width, height);
  const { x, y } = state.axes();
  const colourOf = ({ place }: Drawn) => readColour(root, curveProperty(place));
  if (!still) {
    paintAxes(context, sheet, state);
    const done = clip(context, box);
    for (const curve of state.shown()) {
      const pen = { colour: colourOf(curve), dash: curveDash(curve.place) };
      if (curve.bound)
        drawCurve(context, curve.bound, 0, x, y, box, { ...pen, width: 1, dash: [2, 4], alpha: 0.9 });
      drawCurve(context, curve.values, 0, x, y, box, pen);
    }
    done();
  }
  const done = clip(context, grow(box, 8));
  for (const curve of state.shown()) markFaults(context, curve.values, colourOf(curve), x, y, box);
  const points = state.shown().map((curve) => ({ value: curve.values[step], colour: colourOf(curve) }));
  drawCursor(context, sheet, toX(step, x, box), points, y);
  done();
}

function paintAxes(context: CanvasRenderingContext2D, sheet: Sheet, state: CurvesState): void {
  const { root, box, height } = sheet;
  const { x, y } = state.axes();
  const count = Math.max(2, Math.floor(box.width / 70));
  drawAxes(
    context,
    box,
    {
      x,
      y,
      xTicks: linearTicks(x.range, count, true),
      yTicks: state.log ? logTicks(y.range, 8) : linearTicks(y.range, 6),
    },
    {
      grid: readColour(root, "--rv-line"),
      text: readColour(root, "--rv-ink-2"),
      font: `13px ${readColour(root, "--rv-font")}`,
    },
  );
  context.fillStyle = readColour(root, "--rv-ink");
  context.font = `14px ${readColour(root, "--rv-font")}`;
  context.textAlign = "center";
  context.fillText("step t", box.left + box.width / 2, height - 6);
  context.save();
  context.translate(14, box.top + box.height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(`‖∂L/∂${state.symbol}ₜ‖`, 0, 0);
  context.restore();
}

/** What has no height on this axis: zeros at the lower edge, infinities at the upper, with crosses for no number. */
function markFaults(
  context: CanvasRenderingContext2D,
  values: Float64Array,
  colour: string,
  x: Axis,
  y: Axis,
  box: Frame,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  const every = Math.max(1, Math.ceil((7 * values.length) / box.width));
  for (let t = 0; t < values.length; t += every) {
    const value = values[t];
    const at = toX(t, x, box);
    context.beginPath();
    if (value === 0 && y.log) {
      const low = box.top + box.height - 1;
      context.moveTo(at - 3, low - 6);
      context.lineTo(at + 3, low - 6);
      context.lineTo(at, low);
      context.closePath();
    } else if (Number.isNaN(value)) {
      context.moveTo(at - 3, box.top + 1);
      context.lineTo(at + 3, box.top + 7);
      context.moveTo(at + 3, box.top + 1);
      context.lineTo(at - 3, box.top + 7);
    } else if (!Number.isFinite(value)) {
      context.moveTo(at - 3, box.top + 7);
      context.lineTo(at + 3, box.top + 7);
      context.lineTo(at, box.top + 1);
      context.closePath();
    }
    context.stroke();
  }
}

function drawCursor(
  context: CanvasRenderingContext2D,
  { root, box }: Sheet,
  pixel: number,
  points: { value: number; colour: string }[],
  y: Axis,
): void {
  const at = Math.round(pixel) + 0.5;
  if (at < box.left - 1 || at > box.left + box.width + 1) return;
  context.strokeStyle = readColour(root, "--rv-ink-2");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(at, box.top);
  context.lineTo(at, box.top + box.height);
  context.stroke();
  context.lineWidth = 2;
  for (const { value, colour } of points) {
    const height = toY(value, y, box);
    if (!Number.isFinite(height) || height < box.top - 6 || height > box.top + box.height + 6) continue;
    context.fillStyle = colour;
    context.strokeStyle = readColour(root, "--rv-bg");
    context.beginPath();
    context.arc(at, height, 5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

const grow = ({ left, top, width, height }: Frame, by: number): Frame => ({
  left: left - by,
  top: top - by,
  width: width + 2 * by,
  height: height + 2 * by,
});
