// Which sequences go into one batch, and what the padding costs. The same as rnnviz.data, which decides whether this is right.
import { rollDice } from "../lib/trace/dice";

export type Method = "all" | "batch" | "bucketed" | "sorted" | "packed";
export const METHODS: Method[] = ["all", "batch", "bucketed", "sorted", "packed"];

/** The numbers 0 … count−1, shuffled after Fisher and Yates. */
export function shuffle(count: number, seed: number): number[] {
  const order = Array.from({ length: count }, (_, k) => k);
  const dice = rollDice(seed, Math.max(0, count - 1));
  for (let place = count - 1; place > 0; place--) {
    const other = Math.floor(dice[count - 1 - place] * (place + 1));
    [order[place], order[other]] = [order[other], order[place]];
  }
  return order;
}

/** The places of each batch's sequences. */
export function makeBatches(
  lengths: number[],
  size: number,
  method: Method,
  buckets: number,
  seed: number,
): number[][] {
  const shuffled = shuffle(lengths.length, seed);
  let groups = [shuffled];
  if (method === "sorted" || method === "bucketed") {
    const byLength = shuffled.map((_, k) => k).sort((a, b) => lengths[a] - lengths[b] || a - b);
    groups = [byLength];
    if (method === "bucketed") {
      const count = Math.min(buckets, lengths.length);
      const cut = (k: number) => Math.floor((lengths.length * k) / count);
      const rank = new Array<number>(lengths.length);
      shuffled.forEach((place, number) => {
        rank[place] = number;
      });
      groups = Array.from({ length: count }, (_, k) =>
        byLength.slice(cut(k), cut(k + 1)).sort((a, b) => rank[a] - rank[b]),
      );
    }
  }
  return groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / size) }, (_, k) => group.slice(k * size, (k + 1) * size)),
  );
}

/** How far each of a batch's sequences is computed. */
export function computedSteps(lengths: number[], batch: number[], method: Method): (place: number) => number {
  if (method === "packed") return (place) => lengths[place];
  const end = longest(method === "all" ? lengths : batch.map((place) => lengths[place]));
  return () => end;
}

export interface Padding {
  real: number;
  computed: number;
  share: number;
}

export function measurePadding(lengths: number[], batches: number[][], method: Method): Padding {
  let [real, computed] = [0, 0];
  for (const batch of batches) {
    const until = computedSteps(lengths, batch, method);
    for (const place of batch) {
      real += lengths[place];
      computed += until(place);
    }
  }
  return { real, computed, share: computed > 0 ? 1 - real / computed : 0 };
}

export const longest = (lengths: number[]): number =>
  lengths.reduce((most, length) => Math.max(most, length), 0);

// ---- shaping the lengths

export const BINS = 12;

/** How wide the bins of a histogram have to be, so that twelve of them hold all lengths. */
export const binWidth = (lengths: number[]): number => Math.max(1, Math.ceil(longest(lengths) / BINS));

export function countBins(lengths: number[], width: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const length of lengths) counts[Math.min(BINS - 1, Math.floor((length - 1) / width))]++;
  return counts;
}

/** Lengths from a histogram: those of a bin spread evenly over its width. */
export const spreadLengths = (counts: number[], width: number): number[] =>
  counts.flatMap((count, place) =>
    Array.from(
      { length: count },
      (_, number) => width * place + 1 + Math.floor(((2 * number + 1) * width) / (2 * count)),
    ),
  );

/** Lengths after one bar of the histogram has changed: all that were in other bins stay as they are. */
export function changeBin(lengths: number[], width: number, bin: number, count: number): number[] {
  const others = lengths.filter((length) => Math.min(BINS - 1, Math.floor((length - 1) / width)) !== bin);
  const counts = new Array<number>(BINS).fill(0);
  counts[bin] = count;
  return [...others, ...spreadLengths(counts, width)];
}

export interface Shape {
  name: string;
  counts: number[];
}

/** Sixty-four sequences each, in bins of five steps. */
export const SHAPES: Shape[] = [
  { name: "All alike", counts: [0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0] },
  { name: "Around a middle", counts: [0, 1, 3, 7, 12, 15, 12, 8, 4, 1, 1, 0] },
  { name: "A long tail", counts: [22, 14, 9, 6, 4, 3, 2, 1, 1, 1, 0, 1] },
  { name: "Two kinds", counts: [20, 12, 0, 0, 0, 0, 0, 0, 0, 0, 12, 20] },
];
export const SHAPE_BIN = 5;

// ---- words

export const percent = (share: number): string => `${Math.round(100 * share)} %`;

const NOTES: Record<Method, string> = {
  all: "Every batch has the same shape, whatever is in it.",
  batch: "Each batch is as long as its longest sequence, and one long sequence stretches all its neighbours.",
  bucketed: "Like lengths meet, and within a bucket chance still mixes them.",
  sorted:
    "Neighbours are alike, but the batches are no longer mixed: the short sequences come first, the long ones last.",
  packed:
    "At each step only the sequences still running are computed. The layers have to know the format; torch's recurrent layers do.",
};

/** What is lost, whether that is much, and what would be better. */
export function tellPadding(found: Record<Method, Padding>, method: Method): string {
  const { share } = found[method];
  const lost = `${percent(share)} of the computation is spent on padding.`;
  if (method === "packed") return `${lost} ${NOTES.packed}`;
  const better = (["batch", "bucketed", "sorted"] as Method[]).filter(
    (other) => found[other].share < share - 0.05,
  );
  const best = better.reduce<Method | null>(
    (least, other) => (least === null || found[other].share < found[least].share ? other : least),
    null,
  );
  const advice =
    share < 0.1
      ? "Padding is a good idea here: it costs little, and a batch stays one block of numbers."
      : share < 0.35
        ? "That can be borne."
        : "Padding like this is a bad idea.";
  const names: Record<string, string> = {
    batch: "Padded only to the longest of each batch",
    bucketed: "With batches from buckets",
    sorted: "In the order of length",
  };
  const instead = best && share >= 0.1 ? ` ${names[best]} it would be ${percent(found[best].share)}.` : "";
  return `${lost} ${advice}${instead} ${NOTES[method]}`;
}

export function writePadding(
  lengths: number[],
  batch: number,
  buckets: number,
  seed: number,
  method: Method,
): string {
  const order = method === "bucketed" || method === "sorted" ? method : "random";
  const to = { all: "all", packed: "own" }[method as string] ?? "batch";
  return [
    "import torch",
    "from torch.nn.utils.rnn import pack_sequence, pad_sequence",
    "from rnnviz.data import make_batches, measure_padding",
    "",
    `lengths = [${lengths.join(", ")}]`,
    "sequences = [torch.randn(length, 3) for length in lengths]  # (time, feature) each",
    `batches = make_batches(lengths, ${batch}, order="${order}", buckets=${buckets}, seed=${seed})`,
    `print(f"{measure_padding(lengths, batches, to='${to}').share:.0%} of the computation is padding")`,
    "for places in batches:",
    method === "packed"
      ? "    block = pack_sequence([sequences[k] for k in places], enforce_sorted=False)"
      : "    block = pad_sequence([sequences[k] for k in places])  # (time, batch, feature), zeros after each end",
    ...(method === "all"
      ? ["    block = torch.nn.functional.pad(block, (0, 0, 0, 0, 0, max(lengths) - len(block)))"]
      : []),
    "",
  ].join("\n");
}
