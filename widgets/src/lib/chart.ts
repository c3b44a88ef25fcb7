// Where the points of a small chart lie, and what its axes say. No drawing here.
import { max } from "d3-array";
import { scaleLinear } from "d3-scale";

/** A place and one number for each series. */
export type Row = number[];

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function layChart(rows: Row[], low: number, high: number, frame: Frame) {
  const tallest = max(rows, (row) => max(row.slice(1).filter(Number.isFinite)) ?? 0) ?? 0;
  const x = scaleLinear([low, high], [frame.left, frame.width - frame.right]);
  const y = scaleLinear([0, tallest > 0 ? tallest : 1], [frame.height - frame.bottom, frame.top]).nice(4);
  const series = Math.max(0, (rows[0]?.length ?? 1) - 1);
  const lines = Array.from({ length: series }, (_, at) =>
    rows
      .filter((row) => Number.isFinite(row[at + 1]))
      .map((row) => [x(row[0]), y(row[at + 1])] as [number, number]),
  );
  return { x, y, lines, xTicks: x.ticks(frame.width < 420 ? 4 : 6), yTicks: y.ticks(4) };
}

/** Puts a new row in its place, or in that of an older one. */
export function insertRow(rows: Row[], row: Row): Row[] {
  return [...rows.filter(([place]) => place !== row[0]), row].sort((a, b) => a[0] - b[0]);
}

/** How a series goes, in words: what the ends are, and whether it grows. */
export function describeSeries(
  name: string,
  rows: Row[],
  at: number,
  format: (value: number) => string,
): string {
  const first = rows[0];
  const last = rows[rows.length - 1];
  if (first === undefined || last === undefined) return `${name}: nothing measured yet.`;
  // What is no number neither grows nor falls.
  const way = last[at] > first[at] ? "grows" : last[at] < first[at] ? "falls" : "goes";
  return first[at] === last[at] || Object.is(first[at], last[at])
    ? `${name} is ${format(first[at])} at both ends.`
    : `${name} ${way} from ${format(first[at])} to ${format(last[at])}.`;
}
