// Masks of dropout, without a page.
import { rollDice } from "../lib/trace/dice";

/** For each value, by what it is multiplied: 0 where it is dropped, 1 / keep where it is kept. */
export function drawMask(count: number, keep: number, seed: number): Float64Array {
  return rollDice(seed, count).map((die) => (die < keep ? 1 / keep : 0));
}

/** How many of some values are dropped. */
export const countDropped = (mask: ArrayLike<number>): number =>
  Array.from(mask).reduce((sum, factor) => sum + (factor === 0 ? 1 : 0), 0);

/** Mean of what gets through, and of what was there: on average dropout changes nothing. */
export function compareMeans(values: ArrayLike<number>, mask: ArrayLike<number>): [number, number] {
  let [before, after] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    before += Math.abs(values[k]);
    after += Math.abs(values[k]) * mask[k];
  }
  return [before / values.length, after / values.length];
}
