// What lengths do to a batch: which steps are run, where a final state is taken, and how torch packs what is left.
import type { Run } from "../lib/trace/cells";
import { computeRun } from "../lib/trace/cells";
import type { Feed, Trace } from "../lib/trace/trace";

/** One sequence, run for `length` of its steps; the layers see nothing else of it. */
export function runSequence(trace: Trace, feeds: Feed[], sequence: number, length: number): Run {
  return computeRun(cut(trace, sequence, length), sequence, feeds, new Map());
}

/** The same without lengths: every step is run, and the padding is read as a row of zeros. */
export function runPadding(trace: Trace, feeds: Feed[], sequence: number, length: number): Run {
  const { steps } = trace.layers[0];
  const zeros = new Map<string, Float64Array>();
  trace.layers.forEach((layer, index) => {
    if (feeds[index].layers.length === 0)
      for (let t = length; t < steps; t++)
        zeros.set(`${feeds[index].data}/${t}`, new Float64Array(layer.input.shape[2]));
  });
  return computeRun(cut(trace, sequence, steps), sequence, feeds, zeros);
}

function cut(trace: Trace, sequence: number, length: number): Trace {
  return {
    ...trace,
    layers: trace.layers.map((layer) => ({
      ...layer,
      lengths: layer.lengths.map((whole, k) => (k === sequence ? length : whole)),
    })),
  };
}

/** What `pack_padded_sequence(…, enforce_sorted=False)` makes of a batch. */
export interface Packed {
  /** Sequences from the longest to the shortest; equally long ones in their order. */
  sorted: number[];
  /** At which place of that order each sequence stands. */
  unsorted: number[];
  /** How many sequences are still running at each step. */
  batchSizes: number[];
}

export function packBatch(lengths: number[]): Packed {
  const sorted = lengths.map((_, k) => k).sort((a, b) => lengths[b] - lengths[a]);
  const unsorted = new Array<number>(lengths.length);
  sorted.forEach((sequence, place) => {
    unsorted[sequence] = place;
  });
  const longest = Math.max(...lengths);
  const batchSizes = Array.from({ length: longest }, (_, t) => lengths.filter((length) => length > t).length);
  return { sorted, unsorted, batchSizes };
}

/** Size of the type on the board, and the least that can be read; a letter is about this share of it wide. */
const TYPE = { usual: 12.5, least: 9, letter: 0.6 };

/** A word in so many pixels: smaller where it would run into its neighbour, and cut where that would be too small. */
export function fitWord(word: string, room: number): { text: string; size: number } {
  const size = Math.min(TYPE.usual, room / (TYPE.letter * word.length));
  if (size >= TYPE.least) return { text: word, size };
  const letters = Math.max(1, Math.floor(room / (TYPE.letter * TYPE.least)) - 1);
  return { text: `${word.slice(0, letters)}…`, size: TYPE.least };
}

/** Share of a padded batch that is padding; the batch is as long as its longest sequence. */
export function sharePadding(lengths: number[]): number {
  const all = lengths.length * Math.max(...lengths);
  return 1 - lengths.reduce((sum, length) => sum + length, 0) / all;
}
