// The error from the side: a landscape that is turned by dragging.
import { readColour } from "../lib/draw/colours";
import { clearCanvas } from "../lib/draw/plot";
import { h } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import { drawBall, drawPath } from "./balls";
import { project } from "./descent";
import type { Picture } from "./map";
import { B, BALLS, type CliffState, W, within } from "./state";
import { HIGHEST, RELIEF, type Surface } from "./surface";

/** Across, down, and how far behind. */
type Place = (u: number, v: number, z: number) => [number, number, number];

/** `turn` is called with the angle that the reader drags it to. */
export function makeRelief(
  root: HTMLElement,
  state: CliffState,
  surface: Surface,
  turn: (angle: number) => void,
): Picture {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h("div", { class: "rv-plot rv-cliff-relief", role: "img" }, canvas);
  let held: { x: number; turn: number } | null = null;
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    held = { x: event.clientX, turn: state.turn };
  });
  element.addEventListener("pointermove", (event) => {
    if (held && event.buttons & 1) turn(held.turn + (event.clientX - held.x) / 150);
  });
  element.addEventListener("pointerup", () => (held = null));

  return {
    element,
    paint(width, height) {
      const context = clearCanvas(canvas, width, height);
      const size = Math.min(width / 1.5, height / 1.34);
      const place: Place = (u, v, z) => {
        const { across, down, far } = project(u, v, z, state.turn + Math.PI);
        return [width / 2 + across * size * 1.05, height * 0.69 + down * size, far];
      };
      paintLand(context, surface, place);
      nameCorners(context, root, place, { width, height });
      for (const ball of BALLS.keys()) {
        const seen = state.trail(ball).map(({ at, error }): [number, number] => {
          const [across, down] = place(
            edge(share(at[0], W)),
            edge(share(at[1], B)),
            Math.min(error, HIGHEST) / HIGHEST + 0.015,
          );
          return [across, down];
        });
        drawPath(context, root, ball, seen);
        drawBall(context, root, ball, seen[seen.length - 1]);
      }
    },
  };
}

function paintLand(context: CanvasRenderingContext2D, surface: Surface, place: Place): void {
  const { columns, rows } = RELIEF;
  const { heights } = surface;
  const points = Array.from({ length: rows * columns }, (_, k) =>
    place((k % columns) / (columns - 1), Math.floor(k / columns) / (rows - 1), heights[k] / HIGHEST),
  );
  const order: number[] = [];
  for (let r = 0; r + 1 < rows; r++) for (let c = 0; c + 1 < columns; c++) order.push(r * columns + c);
  order.sort((a, b) => points[b][2] - points[a][2]);
  context.lineWidth = 0.6;
  for (const k of order) {
    // Squares to see the bend by, and light from the side: a wall that faces it stands out.
    const slope = Math.abs(heights[k + 1] - heights[k]) + Math.abs(heights[k + columns] - heights[k]);
    const square = (Math.floor(k / columns / 4) + Math.floor((k % columns) / 4)) % 2;
    context.fillStyle = surface.tone(0.05 + 0.03 * square + 0.8 * heights[k] + 0.35 * slope);
    context.strokeStyle = context.fillStyle;
    context.beginPath();
    for (const corner of [k, k + 1, k + columns + 1, k + columns])
      context.lineTo(points[corner][0], points[corner][1]);
    context.closePath();
    context.fill();
    context.stroke();
  }
}

function nameCorners(
  context: CanvasRenderingContext2D,
  root: HTMLElement,
  place: Place,
  { width, height }: { width: number; height: number },
): void {
  context.font = `12.5px ${readColour(root, "--rv-font")}`;
  context.fillStyle = readColour(root, "--rv-ink-2");
  context.textAlign = "center";
  for (const [u, v] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ]) {
    const [across, down, far] = place(u + 0.14 * (u - 0.5), v + 0.14 * (v - 0.5), 0);
    // The corner behind the wall is hidden by it.
    if (far > 0.35) continue;
    const said = `w ${W[u]}, b ${formatNumber(B[v], 0)}`;
    const half = context.measureText(said).width / 2 + 2;
    context.fillText(said, within(across, [half, width - half]), Math.min(height - 5, down + 10));
  }
}

const share = (value: number, [low, high]: [number, number]) => (value - low) / (high - low);
const edge = (value: number) => within(value, [-0.06, 1.06]);
