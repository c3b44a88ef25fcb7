// Where everything stands in the unrolled graph. Pure geometry: numbers in, numbers out.
import type { Row } from "./plan";

/** Side of a cell in pixels: roomy enough for its number where there are few, a sliver where there are many. */
const CELL = { tight: 6, least: 20, most: 48 };
const FEW = 8;
/** Room on the left for the initial state's name and arrow. */
export const MARGIN = 40;
const LABEL = 26;
/** Above the topmost layer: its name, and over that its loop when the graph is folded. */
const TOP = 40;
export const ROW_GAP = 46;
/** Above all vectors, the cost of each step. */
const COST = { room: 64, radius: 12 };
const WRAP = 32;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How a vector of `units` numbers is drawn: as one row of cells, or several where there are many. */
export interface Strip {
  columns: number;
  rows: number;
  cellWidth: number;
  cellHeight: number;
  width: number;
  height: number;
}

export function stripOf(units: number, room: number): Strip {
  const columns = Math.min(units, WRAP);
  const rows = Math.ceil(units / columns);
  const cellWidth = Math.min(units <= FEW ? CELL.most : CELL.least, room / columns);
  const cellHeight =
    rows === 1 ? (units <= FEW ? 30 : CELL.least) : Math.max(4, Math.min(cellWidth, 60 / rows));
  return { columns, rows, cellWidth, cellHeight, width: columns * cellWidth, height: rows * cellHeight };
}

/** Which cell of a strip lies under a point measured from the strip's corner; −1 outside. */
export function cellUnder(strip: Strip, units: number, x: number, y: number): number {
  const column = Math.floor(x / strip.cellWidth);
  const row = Math.floor(y / strip.cellHeight);
  if (column < 0 || row < 0 || column >= strip.columns || row >= strip.rows) return -1;
  const unit = row * strip.columns + column;
  return unit < units ? unit : -1;
}

/** One horizontal band of the graph: an input, a layer's state, its cell state, or the output. */
export interface Band extends Row {
  strip: Strip;
  y: number;
}

export interface Layout {
  bands: Band[];
  height: number;
  /** Distance between the middles of two neighbouring steps. */
  pitch: number;
  visible: number;
  width: number;
  /** Where the first column begins. */
  left: number;
  /** Middle of the costs' row and their radius, where there is one. */
  cost: { y: number; radius: number } | null;
  /** Whether there is room for words under the steps. */
  labels: boolean;
}

/** Stacks the bands from the bottom: input, first layer, second layer, … output, cost. */
export function layOut(
  rows: Row[],
  width: number,
  steps: number,
  { cost = false, labels = false } = {},
): Layout {
  const widest = Math.max(...rows.map((row) => Math.min(row.units, WRAP)));
  // A column needs its vector and an arrow's length beside it; on a phone at least two columns stay visible.
  const wanted = Math.max(84, widest * (widest <= FEW ? CELL.most : CELL.least) + (widest === 1 ? 36 : 64));
  const room = width - MARGIN;
  // Where narrower cells, without their numbers, bring the whole sequence into sight, they are narrower.
  const fitting = room / steps;
  const tight = Math.max(64, widest * CELL.tight + 36);
  const usual = Math.max(84, Math.min(wanted, room / 2, widest <= FEW ? 300 : 220));
  const narrowest = fitting >= tight && fitting < usual ? fitting : usual;
  const visible = Math.max(1, Math.min(steps, Math.floor(room / narrowest)));
  const pitch = Math.min(room / visible, 1.25 * wanted);
  const bands: Band[] = rows.map((row) => ({ ...row, strip: stripOf(row.units, pitch - 44), y: 0 }));
  const top = cost ? TOP + COST.room - COST.radius : TOP;
  let y = top;
  for (const slot of [...new Set(rows.map((row) => row.slot))].sort((a, b) => b - a)) {
    const line = bands.filter((band) => band.slot === slot);
    // An LSTM's cell state lies close below its hidden state: they are one layer.
    if (line[0].what === "cell") y -= ROW_GAP - 26;
    for (const band of line) band.y = y;
    y += Math.max(...line.map((band) => band.strip.height)) + ROW_GAP;
  }
  return {
    bands,
    height: y - ROW_GAP + LABEL + (labels ? 18 : 0),
    pitch,
    visible,
    width,
    left: MARGIN + (room - visible * pitch) / 2,
    labels,
    cost: cost ? { y: top - COST.room + COST.radius, radius: COST.radius } : null,
  };
}

/** Horizontal middle of a step's column: `fold` runs from 0 (all in one place) to 1 (spread out). */
export function columnX(layout: Layout, step: number, first: number, fold: number): number {
  const spread = layout.left + (step - first + 0.5) * layout.pitch;
  return layout.width / 2 + (spread - layout.width / 2) * fold;
}

/** The first visible step, so that the current one and what led to it are in sight. */
export function firstVisible(current: number, visible: number, steps: number, before: number): number {
  const last = Math.max(0, steps - visible);
  // Stay where we are while the current step is inside; otherwise scroll just far enough.
  const first = current < before ? current : current > before + visible - 1 ? current - visible + 1 : before;
  return Math.max(0, Math.min(last, first));
}

/** Ribbon width in pixels for a gradient norm: a decade of norm is two pixels, nothing below a millionth. */
export function ribbonWidth(norm: number, largest: number): number {
  if (!(norm > 0) || !(largest > 0)) return 0;
  return Math.max(0.5, 14 + 2 * Math.log10(norm / largest));
}
