// What a sentence picks from a table of words, without a page.
import { formatNumber, plural } from "../lib/words/format";
import { cutWords, type Piece } from "../lib/words/tokens";

/** The word at number 0 stands for all that have no row of their own. */
const UNKNOWN = 0;

export interface Row extends Piece {
  /** Which row of the table it picks. */
  number: number;
  /** What happened to it on the way, in a few words; empty where nothing did. */
  because: string;
}

/** Cuts a sentence and looks its words up; at most `most` of them. */
export function lookUp(
  text: string,
  numbers: ReadonlyMap<string, number>,
  tokens: string[],
  most = 40,
): Row[] {
  const known = new Set(numbers.keys());
  return cutWords(text, known)
    .slice(0, most)
    .map(({ typed, token }) => {
      const number = numbers.get(token) ?? UNKNOWN;
      return { typed, token: tokens[number], number, because: explain(typed, token, numbers.has(token)) };
    });
}

function explain(typed: string, token: string, known: boolean): string {
  if (token === "[NUM]" && typed !== token) return "a number";
  if (token === "[URL]" && typed !== token) return "a web address";
  if (!known) return "not in the vocabulary";
  if (typed !== token && typed.toLowerCase() === token) return "lower case";
  return "";
}

const count = (value: number): string => value.toLocaleString("en");

/** What the two ways of writing the sentence cost. */
export function sayCost(rows: readonly Row[], words: number, size: number): string {
  if (rows.length === 0) return "Type a word.";
  const different = new Set(rows.map(({ number }) => number)).size;
  return (
    `${plural(rows.length, "word")}, ${plural(different, "row")} of ${count(words)}. One-hot: ` +
    `${rows.length} × ${count(words)} = ${count(rows.length * words)} numbers, all but ${rows.length} of them 0. ` +
    `Looked up: ${rows.length} × ${count(size)} = ${count(rows.length * size)} numbers, and no multiplication.`
  );
}

type VectorOf = (row: Row) => Float32Array;

/** Where a scale of colours ends: hardly any value lies beyond. */
export function spread(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return 2 * Math.sqrt(sum / Math.max(1, values.length)) || 1;
}

/** The words and their vectors, as a table. */
export function tabulate(rows: readonly Row[], vectorOf: VectorOf, size: number): string {
  const head = ["typed", "read_as", "row", ...Array.from({ length: size }, (_, k) => `v${k}`)];
  const lines = rows.map((row) =>
    [`"${row.typed.replaceAll('"', '""')}"`, `"${row.token}"`, row.number, ...vectorOf(row)].join(","),
  );
  return `${[head.join(","), ...lines].join("\n")}\n`;
}

/** The lines of PyTorch that look the same words up in the same rows. */
export function writeLookup(rows: readonly Row[], vectorOf: VectorOf, words: number, size: number): string {
  const once = new Map(rows.map((row) => [row.number, row]));
  const write = (value: number) => formatNumber(value, 4).replace("−", "-");
  return [
    "import torch",
    "",
    `table = torch.nn.Embedding(${words}, ${size})`,
    "with torch.no_grad():  # the rows shown here; all others are random",
    ...[...once].map(
      ([number, row]) =>
        `    table.weight[${number}] = torch.tensor([${[...vectorOf(row)].map(write).join(", ")}])`,
    ),
    `numbers = torch.tensor([${rows.map(({ number }) => number).join(", ")}])  # ${rows.map(({ token }) => token).join(" ")}`,
    "print(table(numbers))",
    "",
  ].join("\n");
}
