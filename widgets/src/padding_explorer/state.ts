// Sequences in batches: how they are cut, what is padding, and where each is drawn. No drawing here.
import { plural } from "../lib/words/format";
import {
  binWidth,
  changeBin,
  computedSteps,
  countBins,
  METHODS,
  type Method,
  makeBatches,
  measurePadding,
  type Padding,
  tellPadding,
  writePadding,
} from "./padding";

export const LEFT = 66;
export const TOP = 24;
const GAP = 7;
/** What a picture may be high, in pixels, before batches are left out. */
const MOST = 560;
export const MOST_IN_BIN = 40;

export interface Settings {
  lengths: number[];
  method: Method;
  batch: number;
  buckets: number;
  seed: number;
}

/** Where a sequence is drawn, and how many steps of it are computed. */
export interface Row {
  y: number;
  until: number;
}

export interface Arrangement {
  rows: Map<number, Row>;
  /** Height of a sequence. */
  thick: number;
  height: number;
  /** Batches for which there is no room. */
  left: number;
}

export class PaddingState {
  /** How many lengths a bar of the histogram holds. */
  bin: number;
  batches: number[][] = [];
  found!: Record<Method, Padding>;
  arrangement!: Arrangement;

  constructor(public settings: Settings) {
    this.bin = binWidth(settings.lengths);
    this.take(settings);
  }

  get lengths(): number[] {
    return this.settings.lengths;
  }

  take(settings: Settings): void {
    this.settings = settings;
    const { lengths, batch, buckets, seed, method } = settings;
    // A bar that is being dragged must not change the bins under the hand.
    this.bin = Math.max(this.bin, binWidth(lengths));
    const made = (wanted: Method) => makeBatches(lengths, batch, wanted, buckets, seed);
    this.found = Object.fromEntries(
      METHODS.map((wanted) => [wanted, measurePadding(lengths, made(wanted), wanted)]),
    ) as Record<Method, Padding>;
    this.batches = made(method);
    // In a packed batch the longest comes first, and whoever ends leaves.
    if (method === "packed")
      this.batches = this.batches.map((one) => [...one].sort((a, b) => lengths[b] - lengths[a] || a - b));
    this.arrangement = this.arrange();
  }

  /** Gives every sequence its row. */
  private arrange(): Arrangement {
    const { lengths, batches } = this;
    const thick = Math.max(2, Math.min(13, (MOST - TOP - GAP * batches.length) / lengths.length));
    const rows = new Map<number, Row>();
    let [y, left] = [TOP, 0];
    for (const batch of batches) {
      if (y + thick * batch.length > MOST + 40) {
        left++;
        continue;
      }
      const until = computedSteps(lengths, batch, this.settings.method);
      for (const place of batch) {
        rows.set(place, { y, until: until(place) });
        y += thick;
      }
      y += GAP;
    }
    return { rows, thick, height: Math.max(80, y), left };
  }

  /** The most that any of the methods computes, in steps. */
  get mostComputed(): number {
    return Math.max(...METHODS.map((wanted) => this.found[wanted].computed));
  }

  get counts(): number[] {
    return countBins(this.lengths, this.bin);
  }

  /** What the histogram's bars reach up to. */
  get ceiling(): number {
    return Math.max(16, ...this.counts) * 1.15;
  }

  nameBin(k: number): string {
    const { bin } = this;
    return bin === 1 ? `${k + 1} steps` : `${bin * k + 1} to ${bin * (k + 1)} steps`;
  }

  /** The lengths with so many in a bin: at least one sequence must be left, and one bin does not hold all too many. */
  withCount(k: number, count: number): number[] {
    const now = this.counts[k];
    const least = this.lengths.length > now ? 0 : 1;
    const most = Math.max(MOST_IN_BIN, now);
    return changeBin(this.lengths, this.bin, k, Math.max(least, Math.min(most, Math.round(count))));
  }

  sayPlace(place: number): string {
    const row = this.arrangement.rows.get(place);
    if (!row) return `sequence ${place}`;
    const batch = this.batches.findIndex((one) => one.includes(place)) + 1;
    const more = row.until - this.lengths[place];
    const steps = plural(this.lengths[place], "step");
    return `sequence ${place}, batch ${batch}: ${steps}${more > 0 ? ` and ${more} of padding` : ""}`;
  }

  /** What is left out of the picture. */
  get note(): string {
    const { left } = this.arrangement;
    const all = this.batches.length;
    return left > 0 ? `The first ${all - left} of ${all} batches are drawn; the numbers count all.` : "";
  }

  tell(): string {
    return tellPadding(this.found, this.settings.method);
  }

  tabulate(): string {
    const { lengths } = this;
    const lines = ["batch,sequence,steps,padding"];
    for (const [number, batch] of this.batches.entries()) {
      const until = computedSteps(lengths, batch, this.settings.method);
      for (const place of batch)
        lines.push([number + 1, place, lengths[place], until(place) - lengths[place]].join(","));
    }
    return `${lines.join("\n")}\n`;
  }

  writeCode(): string {
    const { lengths, batch, buckets, seed, method } = this.settings;
    return writePadding(lengths, batch, buckets, seed, method);
  }
}
