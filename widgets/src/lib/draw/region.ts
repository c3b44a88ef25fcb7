// A rectangle of a map, rows × columns, from the first up to, not including, the last; and what its values are like.
import { shareOpen } from "../words/sayings";

export interface Region {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export const whole = (rows: number, columns: number): Region => ({
  top: 0,
  bottom: rows,
  left: 0,
  right: columns,
});

interface Corner {
  row: number;
  column: number;
}

/** The region with these two cells at its corners, whichever way it was drawn. */
export const between = (a: Corner, b: Corner): Region => ({
  top: Math.min(a.row, b.row),
  bottom: Math.max(a.row, b.row) + 1,
  left: Math.min(a.column, b.column),
  right: Math.max(a.column, b.column) + 1,
});

/** What of a region lies inside another; null where nothing does. */
export function crop(region: Region, inside: Region): Region | null {
  const cut = {
    top: Math.max(region.top, inside.top),
    bottom: Math.min(region.bottom, inside.bottom),
    left: Math.max(region.left, inside.left),
    right: Math.min(region.right, inside.right),
  };
  return cut.top < cut.bottom && cut.left < cut.right ? cut : null;
}

/** The view of the same size that holds a cell: moved only as far as it must be. */
export function follow(view: Region, { row, column }: Corner): Region {
  const down = Math.min(0, row - view.top) + Math.max(0, row + 1 - view.bottom);
  const across = Math.min(0, column - view.left) + Math.max(0, column + 1 - view.right);
  return {
    top: view.top + down,
    bottom: view.bottom + down,
    left: view.left + across,
    right: view.right + across,
  };
}

export interface Statistics {
  count: number;
  /** Values that are no finite numbers; the others are what the rest speaks of. */
  broken: number;
  mean: number;
  deviation: number;
  low: number;
  high: number;
  closed: number;
  open: number;
}

export function describeRegion(region: Region, at: (row: number, column: number) => number): Statistics {
  const values: number[] = [];
  let broken = 0;
  for (let row = region.top; row < region.bottom; row++)
    for (let column = region.left; column < region.right; column++) {
      const value = at(row, column);
      if (Number.isFinite(value)) values.push(value);
      else broken++;
    }
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  return {
    count,
    broken,
    mean,
    deviation: Math.sqrt(square),
    low: values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    high: values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    ...shareOpen(values),
  };
}
