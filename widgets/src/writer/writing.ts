// A character model writes on from a prompt, in the page. Each place has a die of its own, cast once, so that another
// temperature, another character put in by hand or other weights change only what they must.
import { rollDice } from "../lib/trace/dice";
import type { Head, Reading } from "../lib/trace/reading";
import { logSumExp, readOut } from "../lib/trace/reading";
import { valueAt, vectorAt } from "../lib/trace/trace";

export interface Chance {
  code: number;
  share: number;
}

/** All characters by falling probability: an order that no temperature changes. */
export const rankCodes = (logits: ArrayLike<number>): number[] =>
  Array.from({ length: logits.length }, (_, code) => code).sort((a, b) => logits[b] - logits[a] || a - b);

/** The likeliest characters, at most `topK` of them (0 for all), and how they share the whole. */
export function rankChances(
  logits: ArrayLike<number>,
  temperature: number,
  topK: number,
  order: readonly number[] = rankCodes(logits),
): Chance[] {
  const kept = topK > 0 ? order.slice(0, topK) : order;
  const shares = kept.map((code) => weigh(logits, code, order[0], temperature));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return kept.map((code, k) => ({ code, share: shares[k] / total }));
}

/** How likely a character is beside the likeliest one. */
const weigh = (logits: ArrayLike<number>, code: number, best: number, temperature: number): number =>
  temperature === 0 ? Number(code === best) : Math.exp((logits[code] - logits[best]) / temperature);

/** The character under the die: they lie side by side from 0 to 1, the likeliest first. */
export function choose(
  logits: ArrayLike<number>,
  die: number,
  temperature: number,
  topK: number,
  order: readonly number[] = rankCodes(logits),
): number {
  const count = topK > 0 ? Math.min(topK, order.length) : order.length;
  let total = 0;
  for (let k = 0; k < count; k++) total += weigh(logits, order[k], order[0], temperature);
  let end = 0;
  let last = order[0];
  for (let k = 0; k < count; k++) {
    const weight = weigh(logits, order[k], order[0], temperature);
    if (weight > 0) last = order[k];
    end += weight / total;
    if (die < end) return order[k];
  }
  // The last end may be a hair below 1; characters without a share are never chosen.
  return last;
}

export interface Settings {
  temperature: number;
  topK: number;
}

export interface Writing {
  /** Prompt and what was written, as numbers. */
  codes: number[];
  /** How many of them are settled. */
  done: number;
  /** Begins anew from a prompt. */
  begin(prompt: number[], length: number, seed: number): void;
  /** Other weights: everything is read again. */
  replace(reading: Reading, head: Head): void;
  set(settings: Settings): void;
  force(place: number, code: number | null): void;
  forced: Map<number, number>;
  /** Writes on until a moment in time, and says whether the end is reached. */
  run(until: number): boolean;
  /** What the model thought would come at a place, before temperature; null at the first. */
  logits(place: number): Float64Array | null;
  die(place: number): number | null;
  /** −log₂ of the probability, at temperature 1, of what stands at a place. */
  surprise(place: number): number;
  value(layer: number, name: string, place: number, unit: number): number;
}

/** What the model thinks of a place, kept because a slider asks again and again. */
interface Score {
  logits: Float64Array;
  order: number[];
  total: number;
}

export function startWriting(first: Reading, firstHead: Head): Writing {
  let [reading, head] = [first, firstHead];
  let settings: Settings = { temperature: 1, topK: 0 };
  let dice: Float64Array = new Float64Array(0);
  let begins = 0;
  let length = 0;
  /** Steps whose states belong to the codes as they are. */
  let read = 0;
  /** Place by place; those beyond `read` are out of date. */
  let scores: (Score | undefined)[] = [];

  /** From this place on, what was computed no longer holds. */
  function forget(place: number): void {
    read = Math.min(read, place);
    // The scores for a place come from the states before it.
    scores.length = Math.min(scores.length, place + 1);
  }

  function readTo(end: number): void {
    if (end <= read) return;
    reading.read(writing.codes, read, end);
    read = end;
  }

  function scoresAt(place: number): Score {
    readTo(place);
    const known = scores[place];
    if (known) return known;
    const logits = readOut(head, vectorAt(reading.block(reading.layers - 1, "hidden"), place - 1, 0));
    const fresh = { logits, order: rankCodes(logits), total: logSumExp(logits) };
    scores[place] = fresh;
    return fresh;
  }

  const writing: Writing = {
    codes: [],
    done: 0,
    forced: new Map(),
    begin(prompt, count, seed) {
      const before = writing.codes;
      const written = prompt.length === begins ? before.slice(begins, begins + count) : [];
      writing.codes = [...prompt, ...written];
      const same = writing.codes.findIndex((code, k) => code !== before[k]);
      forget(same < 0 ? writing.codes.length : same);
      while (writing.codes.length < prompt.length + count) writing.codes.push(-1);
      begins = prompt.length;
      length = count;
      dice = rollDice(seed, count);
      writing.done = begins;
    },
    replace(next, nextHead) {
      [reading, head] = [next, nextHead];
      read = 0;
      scores = [];
      writing.done = begins;
    },
    set(next) {
      settings = next;
      writing.done = begins;
    },
    force(place, code) {
      if (code === null) writing.forced.delete(place);
      else writing.forced.set(place, code);
      writing.done = Math.min(writing.done, Math.max(begins, place));
    },
    run(until) {
      const end = begins + length;
      while (writing.done < end) {
        const place = writing.done;
        let code = writing.forced.get(place);
        if (code === undefined) {
          const { logits, order } = scoresAt(place);
          code = choose(logits, dice[place - begins], settings.temperature, settings.topK, order);
        }
        if (code !== writing.codes[place]) {
          writing.codes[place] = code;
          forget(place);
        }
        writing.done = place + 1;
        if (place % 8 === 0 && performance.now() > until) return false;
      }
      readTo(end);
      return true;
    },
    logits: (place) => (place > 0 && place <= read ? scoresAt(place).logits : null),
    die: (place) => (place >= begins ? (dice[place - begins] ?? null) : null),
    surprise(place) {
      if (place === 0 || place > read) return Number.NaN;
      const { logits, total } = scoresAt(place);
      return (total - logits[writing.codes[place]]) / Math.LN2;
    },
    value: (layer, name, place, unit) =>
      place < read ? valueAt(reading.block(layer, name), place, 0, unit) : Number.NaN,
  };
  return writing;
}
