// How far a prediction was from the truth, in words. No drawing here.
import { formatNumber } from "./format";

export const CONFIDENCE = ["just guessing", "fairly sure", "certain"];

/** A number as it is read: no decimals it does not need. */
export const shortNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e5
    ? formatNumber(value, 0)
    : formatNumber(value, Math.abs(value) < 10 ? 3 : 1)
        .replace(/(\.\d*?)0+$/, "$1")
        .replace(/\.$/, "");

export function compareNumbers(guess: number, truth: number, tolerance: number): string {
  const off = Math.abs(guess - truth);
  if (off === 0) return "Exactly right.";
  if (off <= tolerance * Math.abs(truth)) return "Close.";
  const [small, large] = [Math.abs(guess), Math.abs(truth)].sort((a, b) => a - b);
  const side = guess > truth ? "too high" : "too low";
  if (guess * truth > 0 && large >= 2 * small)
    return `${shortNumber(Math.round((10 * large) / small) / 10)} times ${side}.`;
  return `${shortNumber(off)} ${side}.`;
}

/** What a confident wrong guess and a lucky right one have to be told. */
export function calibrate(right: boolean, confidence: string): string {
  if (confidence === "certain")
    return right
      ? "You were certain, and rightly so."
      : "You were certain: this is the kind of surprise one remembers.";
  if (confidence === "just guessing")
    return right ? "You called it a guess; now find out why it holds." : "It was a guess; now find out why.";
  return "";
}

/** Where a value lies on a strip from 0 to 1 that holds both values with room at the ends. */
export function makeStrip(guess: number, truth: number, low: number | null, high: number | null) {
  const start = low ?? Math.min(0, guess, truth);
  let end = high ?? Math.max(0, guess, truth);
  if (end === start) end = start + 1;
  return { start, end, place: (value: number) => Math.max(0, Math.min(1, (value - start) / (end - start))) };
}
