// A ball and the path behind it, the same seen from above and from the side.
import { readColour } from "../lib/draw/colours";
import { BALLS } from "./state";

/** Draws the path of a ball. */
export function drawPath(
  context: CanvasRenderingContext2D,
  root: HTMLElement,
  ball: number,
  path: [number, number][],
): void {
  const { property, dash } = BALLS[ball];
  for (const [stroke, width, pattern] of [
    [readColour(root, "--rv-bg"), 5, []],
    [readColour(root, property), 2.2, dash],
  ] as const) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.setLineDash([...pattern]);
    context.beginPath();
    for (const [across, down] of path) context.lineTo(across, down);
    context.stroke();
  }
  context.setLineDash([]);
}

/** The plain ball is a square, so that it is told apart without its colour. */
export function drawBall(
  context: CanvasRenderingContext2D,
  root: HTMLElement,
  ball: number,
  [across, down]: [number, number],
): void {
  context.fillStyle = readColour(root, BALLS[ball].property);
  context.strokeStyle = readColour(root, "--rv-bg");
  context.lineWidth = 2;
  context.beginPath();
  if (ball === 0) context.rect(across - 6, down - 6, 12, 12);
  else context.arc(across, down, 7, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}
