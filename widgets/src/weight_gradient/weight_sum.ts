// The gradient of a weight as a sum over time steps, whole or truncated: arithmetic on what was sent once.

/** How a gradient is cut: every r steps, as training in pieces does it, or r steps back from each step's own loss. */
export type Cut = "every" | "back";

/** What the loss of step t adds to the gradient through the use of the weights at step k, entry by entry. */
export interface Parts {
  steps: number;
  /** Entries of the weight matrix. */
  size: number;
  /** (t, k, entry) in C order. */
  data: Float32Array;
  /** Whether the layer runs from the last step to the first. */
  reverse: boolean;
}

/** Whether the loss of step t still reaches the weights' use at step k. */
export function reaches(
  cut: Cut,
  reach: number,
  t: number,
  k: number,
  steps: number,
  reverse: boolean,
): boolean {
  const [from, to] = reverse ? [steps - 1 - t, steps - 1 - k] : [t, k];
  if (to > from) return false;
  return cut === "every" ? Math.floor(from / reach) === Math.floor(to / reach) : from - to < reach;
}

/** What each step adds, (k, entry), when gradients reach no further than `reach` steps. */
export function addUp(parts: Parts, cut: Cut, reach: number): Float64Array {
  const { steps, size, data, reverse } = parts;
  const sums = new Float64Array(steps * size);
  for (let t = 0; t < steps; t++)
    for (let k = 0; k < steps; k++) {
      if (!reaches(cut, reach, t, k, steps, reverse)) continue;
      const from = (t * steps + k) * size;
      for (let entry = 0; entry < size; entry++) sums[k * size + entry] += data[from + entry];
    }
  return sums;
}

/** The steps in the order in which the backward pass comes through them. */
export const backwardOrder = (steps: number, reverse: boolean): number[] =>
  Array.from({ length: steps }, (_, k) => (reverse ? k : steps - 1 - k));

/** What has been added when the backward pass has come to each step, that step included: (k, entry). */
export function runningSums(each: Float64Array, steps: number, size: number, reverse: boolean): Float64Array {
  const sums = new Float64Array(each.length);
  let before = -1;
  for (const k of backwardOrder(steps, reverse)) {
    for (let entry = 0; entry < size; entry++)
      sums[k * size + entry] = each[k * size + entry] + (before < 0 ? 0 : sums[before * size + entry]);
    before = k;
  }
  return sums;
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
};

/**
 * Each step's share of a whole: how far it goes in the whole's direction, as a fraction. They add up to 1, and one that
 * pulls the other way is negative. All zero where the whole is.
 */
export function shares(each: Float64Array, whole: Float64Array, steps: number): number[] {
  const size = whole.length;
  const square = dot(whole, whole);
  return Array.from({ length: steps }, (_, k) =>
    square > 0 ? dot(each.subarray(k * size, (k + 1) * size), whole) / square : 0,
  );
}

/** For each reach from 1 to all steps: which fraction of the whole gradient, in its direction, is kept. */
export function keptByReach(parts: Parts, whole: Float64Array, cut: Cut): number[] {
  const { steps, size, data, reverse } = parts;
  const square = dot(whole, whole);
  if (!(square > 0)) return new Array(steps).fill(square === 0 ? 1 : Number.NaN);
  const along = Float64Array.from({ length: steps * steps }, (_, place) =>
    dot(data.subarray(place * size, (place + 1) * size), whole),
  );
  return Array.from({ length: steps }, (_, index) => {
    let sum = 0;
    for (let t = 0; t < steps; t++)
      for (let k = 0; k < steps; k++)
        if (reaches(cut, index + 1, t, k, steps, reverse)) sum += along[t * steps + k];
    return sum / square;
  });
}

/** The angle's cosine between two gradients; not a number where one of them is zero. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths > 0 ? Math.max(-1, Math.min(1, dot(a, b) / lengths)) : Number.NaN;
}

/** The largest absolute value, of those that are numbers. */
export const largest = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]);
    if (Number.isFinite(size) && size > most) most = size;
  }
  return most;
};
