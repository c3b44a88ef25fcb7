// Sentences made from the data, for readers who do not see the picture, and for those who do.
import { isValve } from "../draw/colours";
import { formatNumber } from "./format";

/** The longest stretch of steps in which `holds` is true. */
export function longestStretch(length: number, holds: (step: number) => boolean): [number, number] | null {
  let best: [number, number] | null = null;
  let start = -1;
  for (let t = 0; t <= length; t++) {
    if (t < length && holds(t)) {
      if (start < 0) start = t;
    } else if (start >= 0) {
      if (!best || t - start > best[1] - best[0] + 1) best = [start, t - 1];
      start = -1;
    }
  }
  return best;
}

/** One sentence on one unit of one array over the steps of a sequence. */
export function sayUnit(name: string, unit: number, values: ArrayLike<number>): string {
  const list = Array.from(values);
  const subject = isValve(name)
    ? `The ${name} gate of unit ${unit}`
    : `${capital(sayArray(name))} of unit ${unit}`;
  if (list.length === 0) return `${subject} has no steps.`;
  if (list.some(Number.isNaN)) return `${subject} holds values that are not numbers.`;
  if (isValve(name))
    for (const [test, word] of [
      [(v: number) => v > 0.9, "stays open (above 0.9)"],
      [(v: number) => v < 0.1, "stays closed (below 0.1)"],
    ] as const) {
      const stretch = longestStretch(list.length, (t) => test(list[t]));
      if (stretch && stretch[1] > stretch[0])
        return `${subject} ${word} from step ${stretch[0]} to ${stretch[1]}.`;
    }
  // Not Math.min(...list): a very long sequence would not fit on the stack.
  const low = list.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = list.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return `${subject} moves between ${formatNumber(low, 2)} and ${formatNumber(high, 2)}.`;
}

/** Shares of values near 0 and near 1: how often a gate is shut, and how often wide open. */
export function shareOpen(values: Iterable<number>): { closed: number; open: number } {
  let [closed, open, count] = [0, 0, 0];
  for (const value of values) {
    count++;
    if (value < 0.1) closed++;
    else if (value > 0.9) open++;
  }
  return { closed: closed / (count || 1), open: open / (count || 1) };
}

export function sayArray(name: string): string {
  const names: Record<string, string> = {
    hidden: "hidden state",
    cell: "cell state",
    candidate: "candidate",
    grad_hidden: "gradient at the hidden state",
    grad_cell: "gradient at the cell state",
  };
  return names[name] ?? `${name} gate`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "An" before an LSTM, whose first letter is said with a vowel, "A" before a GRU. */
export const article = (name: string): string =>
  /^(?:[aeiou]|[AEFHILMNORSX](?=[A-Z]|$))/.test(name) ? "An" : "A";
