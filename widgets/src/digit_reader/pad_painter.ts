// Draws what is on the pad: an example of the data below, strokes and the eraser's traces above it.
import { readColour } from "../lib/draw/colours";
import { type Drawing, ERASER } from "./ink";

interface Grid {
  rows: number;
  columns: number;
  /** Width of the pen, in the data's pixels. */
  pen: number;
}

export function paintSketch(
  pad: HTMLElement,
  canvas: HTMLCanvasElement,
  { base, strokes }: Drawing,
  grid: Grid,
): void {
  const density = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = pad;
  if (clientWidth === 0) return;
  canvas.width = Math.round(clientWidth * density);
  canvas.height = Math.round(clientHeight * density);
  const context = canvas.getContext("2d")!;
  const ink = readColour(pad, "--rv-ink");
  if (base) {
    context.fillStyle = ink;
    paintImage(context, base, grid);
  }
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = ink;
  for (const { erase, points } of strokes) {
    context.globalCompositeOperation = erase ? "destination-out" : "source-over";
    context.lineWidth = (grid.pen * (erase ? ERASER : 1) * canvas.width) / grid.columns;
    context.beginPath();
    points.forEach(([x, y], k) => {
      const at = [x * canvas.width, y * canvas.height] as const;
      if (k === 0) context.moveTo(...at);
      context.lineTo(...at);
    });
    context.stroke();
  }
  context.globalCompositeOperation = "source-over";
}

function paintImage(context: CanvasRenderingContext2D, base: Float32Array, { rows, columns }: Grid): void {
  const [width, height] = [context.canvas.width / columns, context.canvas.height / rows];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      context.globalAlpha = Math.max(0, Math.min(1, base[row * columns + column]));
      // To whole pixels of the screen, or fine lines would show between those of the image.
      const [x, y] = [Math.round(column * width), Math.round(row * height)];
      context.fillRect(x, y, Math.round((column + 1) * width) - x, Math.round((row + 1) * height) - y);
    }
  context.globalAlpha = 1;
}
