// Texts as lists of symbols: characters or words.

import { visible } from "../lib/draw/text_layout";
import { formatNumber } from "../lib/words/format";
import { cutWords } from "../lib/words/tokens";

/**
 * Cuts a typed text as the network's vocabulary was made: characters, or lower-case words and punctuation marks, with
 * [NUM] and [URL] where the vocabulary has them. Follows rnnviz.data.split_words.
 */
export function splitSymbols(text: string, words: boolean, known: ReadonlySet<string>): string[] {
  return words ? cutWords(text, known).map(({ token }) => token) : [...text];
}

/** How many symbols at the beginning of two texts are the same. */
export function firstDifference(before: readonly string[], after: readonly string[]): number {
  const most = Math.min(before.length, after.length);
  for (let k = 0; k < most; k++) if (before[k] !== after[k]) return k;
  return most;
}

/** Which symbols have the highest and lowest values on average; those that come once say little and count less. */
export function saySymbols(
  subject: string,
  symbols: readonly string[],
  values: ArrayLike<number>,
  /** Whether some symbols may have no value, without that being worth a word. */
  gaps = false,
): string {
  const sums = new Map<string, { sum: number; count: number }>();
  let broken = 0;
  for (let t = 0; t < symbols.length; t++) {
    const value = values[t];
    if (!Number.isFinite(value)) {
      if (!gaps) broken++;
      continue;
    }
    const entry = sums.get(symbols[t]) ?? { sum: 0, count: 0 };
    entry.sum += value;
    entry.count++;
    sums.set(symbols[t], entry);
  }
  if (sums.size === 0) return `${subject} has no values.`;
  const means = [...sums].map(([symbol, { sum, count }]) => ({ symbol, mean: sum / count, count }));
  const often = means.filter(({ count }) => count > 1);
  const ranked = (often.length > 1 ? often : means).sort((a, b) => b.mean - a.mean);
  const say = ({ symbol, mean }: { symbol: string; mean: number }) =>
    `“${visible(symbol)}” (${formatNumber(mean, 2)})`;
  const count = Math.min(3, Math.ceil(ranked.length / 2));
  const high = ranked.slice(0, count).map(say).join(", ");
  const low = ranked.slice(-count).reverse().map(say).join(", ");
  const extra = broken > 0 ? ` ${broken} of its values are not finite.` : "";
  return ranked.length < 2
    ? `${subject} is ${formatNumber(ranked[0].mean, 2)} at “${visible(ranked[0].symbol)}”.${extra}`
    : `${subject} is highest on average at ${high}, lowest at ${low}.${extra}`;
}
