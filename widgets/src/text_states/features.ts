// What a unit may have learned to track: properties of each character that a reader can name, and how well a unit
// follows them.
import type { Block } from "../lib/trace/trace";

export interface Feature {
  name: string;
  /** Its value at every character. */
  of: (symbols: readonly string[]) => Float32Array;
}

const marking = (test: (symbol: string) => boolean) => (symbols: readonly string[]) =>
  Float32Array.from(symbols, (symbol) => (test(symbol) ? 1 : 0));

/** Counts the steps since the last symbol that ends a stretch; that symbol itself counts 0. */
const countingFrom = (ends: (symbol: string) => boolean) => (symbols: readonly string[]) => {
  let count = 0;
  return Float32Array.from(symbols, (symbol) => {
    count = ends(symbol) ? 0 : count + 1;
    return count;
  });
};

const isLetter = (symbol: string) => /^[\p{L}\p{N}'’-]$/u.test(symbol);

export const CHARACTER_FEATURES: Feature[] = [
  { name: "place in the word", of: countingFrom((symbol) => !isLetter(symbol)) },
  { name: "place in the line", of: countingFrom((symbol) => symbol === "\n") },
  { name: "inside quotes", of: insideQuotes },
  { name: "inside brackets", of: insideBrackets },
  { name: "between words", of: marking((symbol) => !isLetter(symbol)) },
  { name: "vowels", of: marking((symbol) => /^[aeiou]$/i.test(symbol)) },
  { name: "capital letters", of: marking((symbol) => /^\p{Lu}$/u.test(symbol)) },
  { name: "punctuation", of: marking((symbol) => /^\p{P}$/u.test(symbol)) },
];

export const WORD_FEATURES: Feature[] = [
  { name: "place in the sentence", of: countingFrom((symbol) => /^[.!?\n]$/.test(symbol)) },
  { name: "punctuation", of: marking((symbol) => /^\p{P}$/u.test(symbol)) },
  { name: "length of the word", of: (symbols) => Float32Array.from(symbols, (symbol) => symbol.length) },
];

/** 1 from an opening quotation mark to the closing one; a line end closes what was left open. */
function insideQuotes(symbols: readonly string[]): Float32Array {
  let open = false;
  return Float32Array.from(symbols, (symbol) => {
    const inside = open && symbol !== "\n";
    if (symbol === "\n") open = false;
    else if (symbol === '"') open = !open;
    else if (symbol === "“" || symbol === "`") open = true;
    else if (symbol === "”") open = false;
    return inside || open ? 1 : 0;
  });
}

function insideBrackets(symbols: readonly string[]): Float32Array {
  let depth = 0;
  return Float32Array.from(symbols, (symbol) => {
    const before = depth;
    if ("([{".includes(symbol)) depth++;
    else if (")]}".includes(symbol)) depth = Math.max(0, depth - 1);
    else if (symbol === "\n") depth = 0;
    return Math.max(before, depth) > 0 ? 1 : 0;
  });
}

/** Pearson's correlation of each unit with a feature, over some steps; 0 where either never changes. */
export function correlateUnits(
  block: Block,
  sequence: number,
  steps: number,
  feature: ArrayLike<number>,
): Float64Array {
  const [, sequences, units] = block.shape;
  let mean = 0;
  for (let t = 0; t < steps; t++) mean += feature[t] / steps;
  let spread = 0;
  const [sums, squares, products] = [0, 0, 0].map(() => new Float64Array(units));
  for (let t = 0; t < steps; t++) {
    const off = feature[t] - mean;
    spread += off * off;
    const start = (t * sequences + sequence) * units;
    for (let j = 0; j < units; j++) {
      const value = block.data[start + j];
      sums[j] += value;
      squares[j] += value * value;
      products[j] += value * off;
    }
  }
  return sums.map((sum, j) => {
    const variance = squares[j] - (sum * sum) / steps;
    const scale = Math.sqrt(variance * spread);
    // What is left of a constant after rounding is no variance.
    return scale > 1e-9 * (squares[j] + 1e-12) && spread > 0 ? products[j] / scale : 0;
  });
}
