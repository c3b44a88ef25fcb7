// A network of one unit, h_t = σ(w·h_{t−1} + b), that should hold 0.7 after T steps: its error and where it falls.

/** The state that the unit begins with, and the one it should end with. */
const BEGIN = 0.5;
const WANTED = 0.7;

export interface Slope {
  error: number;
  /** Derivatives of the error. */
  w: number;
  b: number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function errorAt(w: number, b: number, steps: number): number {
  let state = BEGIN;
  for (let t = 0; t < steps; t++) state = sigmoid(w * state + b);
  return (state - WANTED) ** 2;
}

/** Carried forward with the state: how much each step's state moves when w or b does. */
export function slopeAt(w: number, b: number, steps: number): Slope {
  let state = BEGIN;
  let [byW, byB] = [0, 0];
  for (let t = 0; t < steps; t++) {
    const next = sigmoid(w * state + b);
    const steep = next * (1 - next);
    byW = steep * (state + w * byW);
    byB = steep * (1 + w * byB);
    state = next;
  }
  const off = state - WANTED;
  return { error: off ** 2, w: 2 * off * byW, b: 2 * off * byB };
}

export interface Stand extends Slope {
  /** Where the ball is. */
  at: [w: number, b: number];
  /** Length of the gradient there. */
  norm: number;
  /** What clipping multiplies it with. */
  factor: number;
}

/** Gradient descent from a place: one stand more than there are updates. */
export function descend(
  from: [number, number],
  { steps, rate, clip, updates }: { steps: number; rate: number; clip: number | null; updates: number },
): Stand[] {
  const path: Stand[] = [];
  let [w, b] = from;
  for (let k = 0; k <= updates; k++) {
    const slope = slopeAt(w, b, steps);
    const norm = Math.hypot(slope.w, slope.b);
    const factor = clip === null || norm <= clip ? 1 : clip / norm;
    path.push({ ...slope, at: [w, b], norm, factor });
    w -= rate * factor * slope.w;
    b -= rate * factor * slope.b;
  }
  return path;
}

/** The error over a grid, b in rows, w in columns, both from their lower ends. */
export function makeSurface(
  [w0, w1]: [number, number],
  [b0, b1]: [number, number],
  columns: number,
  rows: number,
  steps: number,
): Float64Array {
  const surface = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      surface[r * columns + c] = errorAt(
        w0 + ((w1 - w0) * c) / (columns - 1),
        b0 + ((b1 - b0) * r) / (rows - 1),
        steps,
      );
  return surface;
}

/** A point of the unit box (x to the right, y away, z up) seen from above and a side: across, down, and how far. */
export function project(
  x: number,
  y: number,
  z: number,
  turn: number,
): { across: number; down: number; far: number } {
  const [u, v] = [x - 0.5, y - 0.5];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const across = u * cos - v * sin;
  const far = u * sin + v * cos;
  return { across, down: -far * 0.5 - z * 0.62, far };
}
