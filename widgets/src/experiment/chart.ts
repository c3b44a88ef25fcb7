// Where the points of a small chart lie, and what its axes say. No drawing here.
import { max } from "d3-array";
import { scaleLinear } from "d3-scale";

/** A place and one number for each series. */
export type Row = number[];

type Point = [x: number, y: number];

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** With no more places than these, a line shows nothing between them that has not been measured. */
const FEW_PLACES = 40;

export function layChart(rows: Row[], low: number, high: number, frame: Frame) {
  const tallest = max(rows, (row) => max(row.slice(1).filter(Number.isFinite)) ?? 0) ?? 0;
  const x = scaleLinear([low, high], [frame.left, frame.width - frame.right]);
  const y = scaleLinear([0, tallest > 0 ? tallest : 1], [frame.height - frame.bottom, frame.top]).nice(4);
  const series = Math.max(0, (rows[0]?.length ?? 1) - 1);
  const measured = Array.from({ length: series }, (_, at) =>
    rows.filter((row) => Number.isFinite(row[at + 1])),
  );
  const place = (row: Row, at: number): Point => [x(row[0]), y(row[at + 1])];
  const points = measured.map((found, at) => found.map((row) => place(row, at)));
  const widest = high - low < FEW_PLACES ? 1 : Infinity;
  const lines = measured.map((found, at) =>
    cutAtGaps(found, widest).map((piece) => piece.map((row) => place(row, at))),
  );
  const xTicks = x.ticks(frame.width < 420 ? 4 : 6).filter(Number.isInteger);
  return { x, y, points, lines, xTicks, yTicks: y.ticks(4) };
}

/** Runs of rows whose places are at most `widest` apart; a row by itself makes no line. */
function cutAtGaps(rows: Row[], widest: number): Row[][] {
  const pieces: Row[][] = [];
  for (const [k, row] of rows.entries()) {
    if (k > 0 && row[0] - rows[k - 1][0] <= widest) pieces[pieces.length - 1].push(row);
    else pieces.push([row]);
  }
  return pieces.filter((piece) => piece.length > 1);
}

/** Where the line shows nothing between the places, as many are measured as a curve needs to be seen. */
const SAMPLED_PLACES = 13;

/**
 * The next place to measure, so that the curve is whole without anybody turning the knob through it: first the one that
 * halves the widest gap. Nothing once all are measured, or of a long range an even sample.
 */
export function nextPlace(rows: Row[], low: number, high: number): number | null {
  const every = high - low < FEW_PLACES ? 1 : (high - low) / (SAMPLED_PLACES - 1);
  const known = [...new Set(rows.map(([place]) => place))].sort((a, b) => a - b);
  for (const end of [high, low]) if (!known.includes(end)) return end;
  let widest = 0;
  for (let k = 1; k < known.length - 1; k++)
    if (known[k + 1] - known[k] > known[widest + 1] - known[widest]) widest = k;
  const gap = known[widest + 1] - known[widest];
  return gap > 1 && gap > 1.5 * every ? Math.round((known[widest] + known[widest + 1]) / 2) : null;
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
