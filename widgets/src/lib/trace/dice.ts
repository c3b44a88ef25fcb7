// Chance that is the same in Python and in the page: what one of them draws, the other can repeat.

/** Evenly distributed numbers from 0 to 1; rnnviz.data.roll_dice gives the same (mulberry32). */
export function rollDice(seed: number, count: number): Float64Array {
  let state = seed | 0;
  return Float64Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  });
}
