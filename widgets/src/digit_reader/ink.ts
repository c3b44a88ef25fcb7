// Drawings: strokes of a pen and an eraser, and the few numbers a network is given of them.

/** A place on the pad: from 0, left and top, to 1, right and bottom. */
export type Point = readonly [x: number, y: number];

export interface Stroke {
  erase: boolean;
  points: Point[];
}

/** What lies on the pad: an image taken from the data, or nothing, and what was drawn over it, in order. */
export interface Drawing {
  base: Float32Array | null;
  strokes: readonly Stroke[];
}

export const BLANK: Drawing = { base: null, strokes: [] };

/** A drawing in short, as JSON can hold it: thousandths of the pad, and hundredths of ink. */
export interface KeptDrawing {
  base: number[] | null;
  strokes: { erase: boolean; points: number[] }[];
}

export const packDrawing = ({ base, strokes }: Drawing): KeptDrawing => ({
  base: base && Array.from(base, (ink) => Math.round(100 * ink)),
  strokes: strokes.map(({ erase, points }) => ({
    erase,
    points: points.flatMap(([x, y]) => [Math.round(1000 * x), Math.round(1000 * y)]),
  })),
});

/** The drawing that was kept, or null where what was kept is none for a pad of so many pixels. */
export function unpackDrawing(kept: KeptDrawing, pixels: number): Drawing | null {
  try {
    if (kept.base !== null && kept.base.length !== pixels) return null;
    const strokes = kept.strokes.map(({ erase, points }) => ({
      erase: Boolean(erase),
      points: points.flatMap((x, at): Point[] => (at % 2 === 0 ? [[x / 1000, points[at + 1] / 1000]] : [])),
    }));
    const places = strokes.flatMap(({ points }) => points.flat());
    if (!places.every((place) => place >= 0 && place <= 1)) return null;
    return { base: kept.base && Float32Array.from(kept.base, (ink) => ink / 100), strokes };
  } catch {
    return null;
  }
}

/** Along one axis: whether the ink's outline or its centre of mass comes to lie at that place, counted in pixels. */
export interface Centre {
  by: "box" | "mass";
  at: number;
}

/** How the data's digits lie in their images. */
export interface Placement {
  /** The longer side of a digit's outline, in pixels. */
  side: number;
  row: Centre;
  column: Centre;
  /** Width of a stroke, in pixels. */
  pen: number;
}

/** Shares of ink, 0 to 1, row by row. */
export interface Ink {
  rows: number;
  columns: number;
  data: Float32Array;
}

/** How the eraser's width compares with the pen's. */
export const ERASER = 1.8;
/** Places to a pixel, along each side, at which ink is looked for. */
const FINE = 4;
/** How much a drawing is blown up or shrunk at most: a dot stays a dot. */
const MOST = 4;
/** Ink below this is a smudge at the edge, and not part of the outline. */
const FAINT = 0.2;

interface Move {
  scale: number;
  dx: number;
  dy: number;
}
const STAY: Move = { scale: 1, dx: 0, dy: 0 };

/** What the network is given: the drawing in its few pixels, moved and scaled to where the data's digits lie. */
export function seeDrawing(
  drawing: Drawing,
  rows: number,
  columns: number,
  placement: Placement,
  fit: boolean,
): Ink {
  const { base, strokes } = drawing;
  if (base && strokes.length === 0) return { rows, columns, data: base };
  const trace = (move: Move) => traceInk(drawing, rows, columns, placement.pen, move);
  const asDrawn = trace(STAY);
  // What comes from the data lies right already, and what is added to it stays where it was put.
  const before = base || !fit ? null : measureInk(asDrawn);
  if (!before) return countInk(asDrawn);
  const { pen, side, row, column } = placement;
  // The pen's width does not grow with the drawing, so it is the path's extent that is scaled.
  const extent = Math.max(before.bottom - before.top, before.right - before.left) / FINE - pen;
  const scale = extent > pen / 2 ? Math.max(1 / MOST, Math.min(MOST, (side - pen) / extent)) : 1;
  const along = (centre: Centre, low: number, high: number) =>
    centre.at - (scale * (low + high)) / (2 * FINE);
  const move: Move = {
    scale,
    dx: along(column, before.left, before.right),
    dy: along(row, before.top, before.bottom),
  };
  const boxed = trace(move);
  const after = measureInk(boxed);
  if (!after || (row.by === "box" && column.by === "box")) return countInk(boxed);
  if (column.by === "mass") move.dx += column.at - after.column / FINE;
  if (row.by === "mass") move.dy += row.at - after.row / FINE;
  return countInk(trace(move));
}

/** Outline and centre of mass in pixels, from the image's left and top edge; null where there is no ink. */
export function measureInk({ rows, columns, data }: Ink) {
  let [top, bottom, left, right] = [rows, 0, columns, 0];
  let [mass, row, column] = [0, 0, 0];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const value = data[r * columns + c];
      mass += value;
      row += value * (r + 0.5);
      column += value * (c + 0.5);
      if (value <= FAINT) continue;
      top = Math.min(top, r);
      bottom = Math.max(bottom, r + 1);
      left = Math.min(left, c);
      right = Math.max(right, c + 1);
    }
  return bottom > top ? { top, bottom, left, right, row: row / mass, column: column / mass } : null;
}

/** The drawing, moved, at several places in every pixel. */
function traceInk({ base, strokes }: Drawing, rows: number, columns: number, pen: number, move: Move): Ink {
  const [height, width] = [rows * FINE, columns * FINE];
  const fine = new Float32Array(height * width);
  if (base)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        fine[y * width + x] = base[Math.floor(y / FINE) * columns + Math.floor(x / FINE)];
  const place = ([x, y]: Point): Point => [
    FINE * (x * columns * move.scale + move.dx),
    FINE * (y * rows * move.scale + move.dy),
  ];
  for (const { erase, points } of strokes) {
    // An eraser's traces shrink and grow with what they were drawn over, a pen keeps its width.
    const radius = (FINE * pen * (erase ? ERASER * move.scale : 1)) / 2;
    let from = place(points[0]);
    for (const point of points) {
      const to = place(point);
      drawSegment(fine, height, width, from, to, radius, erase);
      from = to;
    }
  }
  return { rows: height, columns: width, data: fine };
}

/** Counts the ink that falls into each pixel, as a scanner does. */
function countInk(fine: Ink): Ink {
  const [rows, columns] = [fine.rows / FINE, fine.columns / FINE];
  const data = new Float32Array(rows * columns);
  for (let y = 0; y < fine.rows; y++)
    for (let x = 0; x < fine.columns; x++)
      data[Math.floor(y / FINE) * columns + Math.floor(x / FINE)] +=
        fine.data[y * fine.columns + x] / FINE ** 2;
  return { rows, columns, data };
}

function drawSegment(
  fine: Float32Array,
  height: number,
  width: number,
  [ax, ay]: Point,
  [bx, by]: Point,
  radius: number,
  erase: boolean,
): void {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const reach = radius + 1;
  const top = Math.max(0, Math.floor(Math.min(ay, by) - reach));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(ay, by) + reach));
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
  const right = Math.min(width - 1, Math.ceil(Math.max(ax, bx) + reach));
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
      const along = length === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length));
      const cover = Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(px - along * dx, py - along * dy)));
      const at = y * width + x;
      fine[at] = erase ? Math.min(fine[at], 1 - cover) : Math.max(fine[at], cover);
    }
}
