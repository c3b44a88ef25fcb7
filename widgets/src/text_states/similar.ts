// Other stretches of a text during which a network was in a like state.
import type { Block } from "../lib/trace/trace";

export interface Match {
  /** First step of the stretch. */
  from: number;
  /** Mean cosine between its states and those of the stretch asked about, step by step. */
  cosine: number;
}

/** A long stretch is compared at so many of its steps. */
const MOST_COMPARED = 48;

/**
 * The stretches as long as `from` … `to` (inclusive) whose states are most like its own; none overlaps it or another.
 */
export function findSimilar(
  block: Block,
  sequence: number,
  steps: number,
  from: number,
  to: number,
  count: number,
): Match[] {
  const length = to - from + 1;
  const units = unitVectors(block, sequence, steps);
  const width = block.shape[2];
  const offsets = spreadOut(length, MOST_COMPARED);
  const cosines = new Float64Array(Math.max(0, steps - length + 1));
  for (const offset of offsets) {
    const own = (from + offset) * width;
    for (let start = 0; start < cosines.length; start++) {
      const other = (start + offset) * width;
      let sum = 0;
      for (let k = 0; k < width; k++) sum += units[own + k] * units[other + k];
      cosines[start] += sum / offsets.length;
    }
  }
  const order = Array.from(cosines.keys())
    .filter((start) => Math.abs(start - from) >= length && Number.isFinite(cosines[start]))
    .sort((a, b) => cosines[b] - cosines[a] || a - b);
  const found: Match[] = [];
  for (const start of order) {
    if (found.length === count) break;
    if (found.every((match) => Math.abs(match.from - start) >= length))
      found.push({ from: start, cosine: cosines[start] });
  }
  return found;
}

/** Every state brought to length 1; a state of zeros stays what it is, and is like none. */
function unitVectors(block: Block, sequence: number, steps: number): Float32Array {
  const [, sequences, width] = block.shape;
  const scaled = new Float32Array(steps * width);
  for (let t = 0; t < steps; t++) {
    const start = (t * sequences + sequence) * width;
    let sum = 0;
    for (let k = 0; k < width; k++) sum += block.data[start + k] ** 2;
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let k = 0; k < width; k++) scaled[t * width + k] = scale * block.data[start + k];
  }
  return scaled;
}

/** At most `most` of the numbers 0 … length − 1, evenly spread, both ends among them. */
function spreadOut(length: number, most: number): number[] {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, k) =>
    count === 1 ? length - 1 : Math.round((k * (length - 1)) / (count - 1)),
  );
}
