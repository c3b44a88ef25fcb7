// A dense unit × time map on canvas: one pixel a value, blown up without smoothing.
import type { Scale } from "./colours";
import { rampIndex } from "./colours";

export interface Map2D {
  /** Value of one cell: row (unit), column (step). */
  at: (row: number, column: number) => number;
  rows: number;
  columns: number;
}

/** Paints the map's values into a canvas of its own, one pixel a value; not a number stays see-through. */
export function paintMap(canvas: HTMLCanvasElement, map: Map2D, scale: Scale): void {
  canvas.width = map.columns;
  canvas.height = map.rows;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(map.columns, map.rows);
  const pixels = new Uint32Array(image.data.buffer);
  let pixel = 0;
  for (let row = 0; row < map.rows; row++)
    for (let column = 0; column < map.columns; column++, pixel++) {
      const index = rampIndex(map.at(row, column), scale);
      if (index >= 0) pixels[pixel] = scale.ramp[index];
    }
  context.putImageData(image, 0, 0);
}

/** The cell under a point of an element that shows `rows` × `columns`. */
export function cellAt(
  rectangle: { left: number; top: number; width: number; height: number },
  rows: number,
  columns: number,
  x: number,
  y: number,
): { row: number; column: number } {
  const clamp = (value: number, end: number) => Math.max(0, Math.min(end - 1, Math.floor(value)));
  return {
    row: clamp(((y - rectangle.top) / rectangle.height) * rows, rows),
    column: clamp(((x - rectangle.left) / rectangle.width) * columns, columns),
  };
}
