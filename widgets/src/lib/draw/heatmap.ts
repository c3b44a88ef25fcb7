// A dense unit × time map on canvas: one pixel a value, blown up without smoothing.
import type { Scale } from "./colours";
import { rampIndex } from "./colours";

export interface Map2D {
  /** Value of one cell: row (unit), column (step). */
  at: (row: number, column: number) => number;
  rows: number;
  columns: number;
}

/** More pixels than this no screen shows, and no browser lets a canvas have many times as many. */
const MOST = { rows: 1024, columns: 4096 };

/**
 * Paints the map's values into a canvas of its own, one pixel a value; not a number stays see-through.
 *
 * Where a map has more values than a canvas pixels, each pixel shows, of those it stands for, the one furthest from
 * the middle of the scale, so that no peak is lost.
 */
export function paintMap(canvas: HTMLCanvasElement, map: Map2D, scale: Scale): void {
  const fold = {
    rows: Math.ceil(map.rows / MOST.rows) || 1,
    columns: Math.ceil(map.columns / MOST.columns) || 1,
  };
  canvas.width = Math.max(1, Math.ceil(map.columns / fold.columns));
  canvas.height = Math.max(1, Math.ceil(map.rows / fold.rows));
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  const at = fold.rows * fold.columns === 1 ? map.at : furthest(map, fold, (scale.low + scale.high) / 2);
  let pixel = 0;
  for (let row = 0; row < canvas.height; row++)
    for (let column = 0; column < canvas.width; column++, pixel++) {
      const index = rampIndex(at(row, column), scale);
      if (index >= 0) pixels[pixel] = scale.ramp[index];
    }
  context.putImageData(image, 0, 0);
}

/** The value furthest from the middle, of those that fall on one pixel. */
export function furthest(map: Map2D, fold: { rows: number; columns: number }, middle: number): Map2D["at"] {
  return (row, column) => {
    let best = Number.NaN;
    const [bottom, right] = [
      Math.min(map.rows, (row + 1) * fold.rows),
      Math.min(map.columns, (column + 1) * fold.columns),
    ];
    for (let r = row * fold.rows; r < bottom; r++)
      for (let c = column * fold.columns; c < right; c++) {
        const value = map.at(r, c);
        if (Number.isNaN(best) || Math.abs(value - middle) > Math.abs(best - middle)) best = value;
      }
    return best;
  };
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
