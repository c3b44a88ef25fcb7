// The error over the plane, computed once for a number of steps: as a coloured plate seen from above, and as heights.
import { makeRamp, type Ramp, readColour } from "../lib/draw/colours";
import { makeSurface } from "./descent";
import { B, W, within } from "./state";

/** Of the plate, which shows the cliff sharp, and of the heights, which have to turn at sixty frames a second. */
const PLATE = { columns: 240, rows: 160 };
export const RELIEF = { columns: 72, rows: 48 };
export const HIGHEST = 0.5;

export class Surface {
  readonly plate = document.createElement("canvas");
  heights: Float64Array = new Float64Array();
  private ramp: Ramp = new Uint32Array(256);
  private made = "";

  constructor(private root: HTMLElement) {}

  prepare(steps: number): void {
    const wanted = `${steps} ${readColour(this.root, "--rv-bg")}`;
    if (this.made === wanted) return;
    this.made = wanted;
    const colours = ["--rv-bg", "--rv-line", "--rv-gate-candidate"];
    this.ramp = makeRamp(colours.map((name) => readColour(this.root, name)));
    const { columns, rows } = PLATE;
    const fine = makeSurface(W, B, columns, rows, steps);
    this.plate.width = columns;
    this.plate.height = rows;
    const context = this.plate.getContext("2d")!;
    const image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        pixels[(rows - 1 - r) * columns + c] = this.ramp[shade(fine[r * columns + c])];
    context.putImageData(image, 0, 0);
    this.heights = makeSurface(W, B, RELIEF.columns, RELIEF.rows, steps);
  }

  /** The colour of an error, of few tones: they read as contour lines, and make a small picture. */
  tone(error: number): string {
    const packed = this.ramp[Math.min(255, 8 * Math.round(shade(error) / 8))];
    return `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
  }
}

const shade = (error: number): number => within(Math.round((255 * error) / HIGHEST), [0, 255]);
