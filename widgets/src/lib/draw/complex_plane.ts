// Eigenvalues on the complex plane, with the unit circle.
import { readColour } from "./colours";
import { clearCanvas } from "./plot";

/** A complex number: its real and its imaginary part. */
export type Complex = [number, number];

export const sizeOf = ([re, im]: Complex): number => Math.hypot(re, im);

/** `most`: how wide the picture may be, in pixels. */
export function paintPlane(
  root: HTMLElement,
  canvas: HTMLCanvasElement,
  eigenvalues: Complex[],
  most: number,
): void {
  // At first the card may have no width yet.
  const side = Math.max(60, Math.min(canvas.parentElement!.clientWidth, most));
  const context = clearCanvas(canvas, side, side);
  const reach = 1.15 * Math.max(1, ...eigenvalues.map(sizeOf));
  const pixel = (value: number) => side / 2 + (value / reach) * (side / 2 - 6);
  const colour = (name: string) => readColour(root, name);
  context.strokeStyle = colour("--rv-line");
  context.beginPath();
  context.moveTo(0, side / 2);
  context.lineTo(side, side / 2);
  context.moveTo(side / 2, 0);
  context.lineTo(side / 2, side);
  context.stroke();
  context.strokeStyle = colour("--rv-ink-2");
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(side / 2, side / 2, pixel(1) - pixel(0), 0, 2 * Math.PI);
  context.stroke();
  context.fillStyle = colour("--rv-ink-2");
  context.font = "11.5px system-ui, sans-serif";
  context.fillText("1", pixel(1) + 4, side / 2 - 4);
  context.fillText("i", side / 2 + 4, pixel(-1) - 4);
  for (const [re, im] of eigenvalues) {
    const outside = sizeOf([re, im]) > 1;
    context.fillStyle = context.strokeStyle = colour(outside ? "--rv-bad" : "--rv-state");
    context.globalAlpha = outside ? 1 : 0.75;
    context.beginPath();
    // Filled inside, open outside: hue alone would not tell everybody.
    context.arc(pixel(re), pixel(-im), 3.5, 0, 2 * Math.PI);
    if (outside) context.stroke();
    else context.fill();
  }
  context.globalAlpha = 1;
}
