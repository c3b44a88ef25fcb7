// An encoder and a decoder in the page: a sentence read word by word, and its translation said word by word, greedy or
// with a beam; any word can be forced. The equations are those of rnnviz.models.EncoderDecoder.
import { stepLayer } from "../lib/trace/cells";
import { softmax } from "../lib/trace/softmax";
import type { Layer, Matrix } from "../lib/trace/trace";

type Vector = ArrayLike<number>;

export interface Translator {
  encoder: Layer;
  decoder: Layer;
  /** A row a word, of the source and of the target. */
  read: Matrix;
  recall: Matrix;
  /** Attention, where there is some: score (unit, unit), combine (unit, 2·unit). */
  score: Matrix | null;
  combine: { weight: Matrix; bias: Matrix } | null;
  say: { weight: Matrix; bias: Matrix };
  go: number;
  end: number;
}

/** What the decoder knows after so many words: its state, and the next word's chances. */
export interface Said {
  /** The word that was given, and the one chosen after it. */
  given: number;
  chosen: number;
  hidden: Float64Array;
  chances: Float64Array;
  /** Attention to each word read, in the order of reading; null without attention. */
  weights: Float64Array | null;
}

const rowOf = ({ shape, data }: Matrix, row: number): Float32Array =>
  data.subarray(row * shape[1], (row + 1) * shape[1]);

function times({ shape: [rows, columns], data }: Matrix, vector: Vector, bias?: Matrix): Float64Array {
  const out = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = bias ? bias.data[row] : 0;
    for (let column = 0; column < columns; column++, at++) sum += data[at] * vector[column];
    out[row] = sum;
  }
  return out;
}

/** The encoder's state after each word, in the order in which the numbers are given. */
export function readSentence({ encoder, read }: Translator, numbers: number[]): Float64Array[] {
  let hidden: Vector = encoder.initialHidden.data;
  return numbers.map((number) => {
    const named = stepLayer(encoder, rowOf(read, number), hidden, null);
    hidden = named.hidden;
    return named.hidden;
  });
}

function sayNext(
  { decoder, recall, score, combine, say }: Translator,
  given: number,
  before: Vector,
  states: Float64Array[],
): Omit<Said, "chosen"> {
  const { hidden } = stepLayer(decoder, rowOf(recall, given), before, null);
  if (!score || !combine)
    return { given, hidden, chances: softmax(times(say.weight, hidden, say.bias)), weights: null };
  const scores = Float64Array.from(states, (state) => {
    const turned = times(score, state);
    return turned.reduce((sum, value, unit) => sum + value * hidden[unit], 0);
  });
  const weights = softmax(scores);
  const units = hidden.length;
  const both = new Float64Array(2 * units);
  for (const [place, state] of states.entries())
    for (let unit = 0; unit < units; unit++) both[unit] += weights[place] * state[unit];
  both.set(hidden, units);
  const mixed = times(combine.weight, both, combine.bias).map(Math.tanh);
  return { given, hidden, chances: softmax(times(say.weight, mixed, say.bias)), weights };
}

/** The places of the largest chances, the largest first. */
export function topOf(chances: Float64Array, count: number): number[] {
  return Array.from(chances.keys())
    .sort((a, b) => chances[b] - chances[a] || a - b)
    .slice(0, count);
}

/** Says a sentence, each time the likeliest word, except where one is forced; the last chosen word is the end. */
export function sayGreedily(
  machine: Translator,
  states: Float64Array[],
  forced: ReadonlyMap<number, number>,
  longest: number,
): Said[] {
  const said: Said[] = [];
  let given = machine.go;
  let before: Vector = states[states.length - 1];
  while (said.length < longest) {
    const next = sayNext(machine, given, before, states);
    const chosen = forced.get(said.length) ?? topOf(next.chances, 1)[0];
    said.push({ ...next, chosen });
    if (chosen === machine.end) break;
    given = chosen;
    before = next.hidden;
  }
  return said;
}

export interface Hypothesis {
  words: number[];
  logChance: number;
}

/** The likeliest whole sentences that a beam of this width finds, by their chance for each word. */
export function searchBeam(
  machine: Translator,
  states: Float64Array[],
  width: number,
  longest: number,
): Hypothesis[] {
  interface Path extends Hypothesis {
    next: Omit<Said, "chosen">;
  }
  const rate = ({ words, logChance }: Hypothesis) => logChance / words.length;
  const ended = ({ words }: Hypothesis) => words[words.length - 1] === machine.end;
  let open: Path[] = [
    { words: [], logChance: 0, next: sayNext(machine, machine.go, states[states.length - 1], states) },
  ];
  const done: Hypothesis[] = [];
  for (let step = 0; step < longest; step++) {
    const grown = open
      .flatMap((path) =>
        topOf(path.next.chances, width).map((word) => ({
          path,
          words: [...path.words, word],
          logChance: path.logChance + Math.log(path.next.chances[word]),
        })),
      )
      .sort((a, b) => rate(b) - rate(a))
      .slice(0, width);
    done.push(...grown.filter(ended).map(({ words, logChance }) => ({ words, logChance })));
    open = grown
      .filter((path) => !ended(path))
      .map(({ path, words, logChance }) => ({
        words,
        logChance,
        next: sayNext(machine, words[words.length - 1], path.next.hidden, states),
      }));
    if (open.length === 0 || done.length >= width) break;
  }
  return [...done, ...open.map(({ words, logChance }) => ({ words, logChance }))]
    .sort((a, b) => rate(b) - rate(a))
    .slice(0, width);
}

/** Cuts a sentence as `rnnviz.data.split_words` does: lower case, numbers and addresses as one word each. */
export function splitWords(sentence: string): string[] {
  const token =
    /(?<url>(?:https?:\/\/|www\.)\S+?(?=[.,;:!?)]*(?:\s|$)))|(?<number>\d+(?:[.,:]\d+)*%?)|(?<word>\p{L}+(?:['’-]\p{L}+)*)|(?<mark>[.,;:!?])/gu;
  return Array.from(sentence.matchAll(token), ({ 0: text, groups }) =>
    groups?.url ? "[URL]" : groups?.number ? "[NUM]" : text.toLowerCase().replaceAll("’", "'"),
  );
}
