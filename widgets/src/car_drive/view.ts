// The map: where the car came from, where it was measured, where each model thinks it goes, and where it will go.
import { readColour } from "../lib/draw/colours";
import { clearCanvas } from "../lib/draw/plot";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import type { Drive, Point, Scene } from "./state";

export const HEIGHT = 380;
/** Metres from the middle of the map to its upper edge. */
const REACH = 62;

export function paintMap(
  canvas: HTMLCanvasElement,
  width: number,
  root: HTMLElement,
  scene: Scene,
  drive: Drive,
  step: number,
): void {
  const context = clearCanvas(canvas, width, HEIGHT);
  const middle = drive.at(step);
  const scale = HEIGHT / (2 * REACH);
  const place = ({ x, y }: Point): [number, number] => [
    width / 2 + (x - middle.x) * scale,
    HEIGHT / 2 - (y - middle.y) * scale,
  ];
  const path = (points: Point[], colour: string, lineWidth: number, dash: number[], alpha = 1) => {
    Object.assign(context, { strokeStyle: colour, lineWidth, globalAlpha: alpha });
    Object.assign(context, { lineJoin: "round", lineCap: "round" });
    context.setLineDash(dash);
    context.beginPath();
    for (const point of points) context.lineTo(...place(point));
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  };
  const between = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from + 1) }, (_, k) => drive.at(from + k));
  const road = readColour(root, "--rv-line-2");
  path(between(Math.max(0, step - 60), step), road, 2, []);
  path(between(step, Math.min(scene.steps - 1, step + scene.horizon)), road, 11, [], 0.35);
  context.fillStyle = readColour(root, "--rv-ink-2");
  for (let back = 0; back < 12 && back <= step; back++) {
    const [x, y] = place(drive.measured(step - back));
    context.globalAlpha = 1 - back / 14;
    context.fillRect(x - 2, y - 2, 4, 4);
  }
  context.globalAlpha = 1;
  scene.models.forEach((_, model) => {
    const points = Array.from({ length: scene.horizon }, (_, k) => drive.forecast(model, step, k + 1));
    const colour = readColour(root, curveProperty(model));
    path([middle, ...points], colour, 2.4, curveDash(model));
    const [x, y] = place(points[points.length - 1]);
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, 5, 0, 7);
    context.fill();
  });
  paintCar(context, place(middle), readColour(root, "--rv-ink"));
  paintRuler(context, scale, readColour(root, "--rv-ink-2"), readColour(root, "--rv-font"));
}

function paintCar(context: CanvasRenderingContext2D, [x, y]: [number, number], colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, 6, 0, 7);
  context.fill();
}

/** Twenty metres, for comparison. */
function paintRuler(context: CanvasRenderingContext2D, scale: number, colour: string, font: string): void {
  Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: 2, font: `12.5px ${font}` });
  const [x, y] = [14, HEIGHT - 14];
  context.beginPath();
  context.moveTo(x, y - 5);
  context.lineTo(x, y);
  context.lineTo(x + 20 * scale, y);
  context.lineTo(x + 20 * scale, y - 5);
  context.stroke();
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillText("20 m", x + 6, y - 4);
}
