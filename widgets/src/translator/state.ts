// A sentence, what was read of it, and what is said of it, freely or by force. No drawing here.
import type { AnyModel } from "@anywidget/types";
import type { Cursor } from "../lib/page/shared_cursor";
import { quote, write } from "../lib/words/takeaway";
import { readMachine } from "./machine";
import {
  type Hypothesis,
  readSentence,
  type Said,
  sayGreedily,
  searchBeam,
  splitWords,
  type Translator,
  topOf,
} from "./translation";

const LONGEST = 20;
const MOST_WORDS = 30;
const TOP = 5;

/** Which of the two networks: the one that reads, or the one that says. */
export type Part = "encoder" | "decoder";

export class TranslatorState {
  readonly machine: Translator;
  readonly examples: [string, string][];
  /** As typed; the first word first. */
  words: string[] = [];
  /** The encoder's state after each word, in the order of reading. */
  states: Float64Array[] = [];
  said: Said[] = [];
  beams: Hypothesis[] = [];
  /** The width of the beam. */
  width = 3;
  complaint = "";
  readonly forced = new Map<number, number>();
  private reverse: boolean;
  private target: string[];
  private numberOf: Map<string, number>;
  private known: Map<string, string>;

  constructor(
    model: Pick<AnyModel, "get">,
    private cursor: Pick<Cursor, "get">,
  ) {
    this.machine = readMachine(model);
    this.reverse = model.get("reverse");
    this.target = model.get("target");
    const source: string[] = model.get("source");
    this.numberOf = new Map(source.map((word, number) => [word, number]));
    this.examples = model.get("examples");
    this.known = new Map(this.examples);
  }

  get units(): number {
    return this.machine.encoder.units;
  }
  get attends(): boolean {
    return this.machine.score !== null;
  }
  get title(): string {
    return this.attends
      ? "Translator with attention"
      : "Translator without attention: one state carries the sentence";
  }
  get steps(): number {
    return this.words.length + this.said.length;
  }
  get step(): number {
    return Math.max(0, Math.min(this.cursor.get("step"), this.steps - 1));
  }
  get unit(): number {
    return Math.max(0, Math.min(this.cursor.get("unit"), this.units - 1));
  }
  /** The place in the translation that the cursor is at; negative while the sentence is still being read. */
  get place(): number {
    return this.step - this.words.length;
  }
  /** The step at which a word of the translation is said. */
  stepOf(place: number): number {
    return this.words.length + place;
  }
  /** The word that the encoder reads at a step. */
  wordRead(step: number): string {
    return this.words[this.reverse ? this.words.length - 1 - step : step];
  }
  wordOf(number: number): string {
    return this.target[number];
  }
  wordSaid(place: number): string {
    return this.wordOf(this.said[place].chosen);
  }

  // ---- reading and saying
  read(text: string): void {
    const all = splitWords(text);
    this.words = all.slice(0, MOST_WORDS);
    this.forced.clear();
    this.complaint = this.complain(all.length);
    const numbers = this.words.map((word) => this.numberOf.get(word) ?? 0);
    const order = this.reverse ? numbers.reverse() : numbers;
    this.states = order.length ? readSentence(this.machine, order) : [];
    this.say();
    this.search();
  }

  private complain(typed: number): string {
    const { words, known } = this;
    if (words.length === 0) return "Type a sentence: it is translated as you type.";
    const strange = [...new Set(words.filter((word) => !this.numberOf.has(word)))];
    const pair = known.get(words.join(" "));
    return [
      strange.length > 0 &&
        `It does not know ${strange.map((word) => `“${word}”`).join(", ")}, and reads [UNK].`,
      typed > MOST_WORDS && `Only the first ${MOST_WORDS} words are read.`,
      pair !== undefined && `In the corpus: ${pair}`,
    ]
      .filter(Boolean)
      .join(" ");
  }

  private say(): void {
    this.said = this.states.length ? sayGreedily(this.machine, this.states, this.forced, LONGEST) : [];
  }

  force(place: number, word: number): void {
    // What was forced later belonged to a sentence that has changed.
    for (const later of [...this.forced.keys()]) if (later > place) this.forced.delete(later);
    this.forced.set(place, word);
    this.say();
  }
  /** Says one of the sentences that the beam found, word for word. */
  forceAll(words: number[]): void {
    this.forced.clear();
    for (const [place, word] of words.entries()) this.forced.set(place, word);
    this.say();
  }
  letGo(): void {
    this.forced.clear();
    this.say();
  }
  search(): void {
    this.beams = this.states.length ? searchBeam(this.machine, this.states, this.width, LONGEST) : [];
  }

  // ---- what there is to see
  vectorsOf(part: Part): Float64Array[] {
    return part === "encoder" ? this.states : this.said.map(({ hidden }) => hidden);
  }
  labelsOf(part: Part): string[] {
    return part === "encoder"
      ? this.words.map((_, step) => this.wordRead(step))
      : this.said.map((_, place) => this.wordSaid(place));
  }
  /** The likeliest words at a place, and the one that was chosen. */
  likeliest({ chances, chosen }: Said): number[] {
    const top = topOf(chances, TOP);
    return top.includes(chosen) ? top : [...top, chosen];
  }
  /** How far a said word looked at each word of the sentence, in the sentence's order. */
  attention({ weights }: Said): number[] {
    const last = this.words.length - 1;
    return this.words.map((_, k) => weights?.[this.reverse ? last - k : k] ?? 0);
  }

  // ---- words
  sayWhere(step: number, steps: number): string {
    if (step < this.words.length) return `reading “${this.wordRead(step)}”`;
    const place = step - this.words.length;
    return place < this.said.length ? `saying “${this.wordSaid(place)}”` : `step ${step + 1} of ${steps}`;
  }
  sayHanding(): string {
    if (this.states.length === 0) return "";
    const rest = this.attends
      ? ", and looks back at all the others."
      : ". It sees nothing else of the sentence.";
    return `The decoder begins with the encoder’s last state, after “${this.wordRead(this.words.length - 1)}”${rest}`;
  }
  sayWord(place: number): string {
    const { chances, chosen } = this.said[place];
    return `word ${place + 1}: ${this.wordOf(chosen)}, ${percent(chances[chosen])}${this.sayForced(place)}`;
  }
  sayBeam({ words }: Hypothesis): string {
    return this.join(words) || "(nothing)";
  }
  tell(): string {
    const { words, step, place, said } = this;
    if (words.length === 0) return "There is no sentence.";
    if (place < 0) return `Word ${step + 1} of ${words.length} is read: “${this.wordRead(step)}”.`;
    const { chosen, chances, weights } = said[place];
    const looked = weights
      ? ` It looked most at “${this.wordRead(topOf(weights, 1)[0])}” (${percent(Math.max(...weights))}).`
      : "";
    const whole = this.join(said.map((one) => one.chosen));
    const word = `Word ${place + 1}: “${this.wordOf(chosen)}”, ${percent(chances[chosen])}${this.sayForced(place)}.`;
    return `${word}${looked} The whole: ${whole}.`;
  }
  private sayForced(place: number): string {
    return this.forced.has(place) ? ", forced" : "";
  }
  private join(words: number[]): string {
    return joinFrench(words.filter((word) => word !== this.machine.end).map((word) => this.wordOf(word)));
  }

  tabulate(): string {
    const columns = this.attends ? this.labelsOf("encoder").map((word) => `attention to ${word}`) : [];
    const rows = this.said.map(({ chosen, chances, weights }, place) =>
      [place, quote(this.wordOf(chosen)), chances[chosen], this.forced.has(place), ...(weights ?? [])].join(
        ",",
      ),
    );
    const head = ["place", "word", "probability", "forced", ...columns].map(quote).join(",");
    return `${[head, ...rows].join("\n")}\n`;
  }

  writeCode(): string {
    const { machine, reverse, words } = this;
    return [
      "import torch",
      "import rnnviz_widgets as rw",
      "from rnnviz.data import made_up_pairs, stack_pairs",
      "from rnnviz.models import EncoderDecoder, translate, translation_loss",
      "from rnnviz.training import train",
      "",
      "pairs = made_up_pairs()  # or your own, see rnnviz.data.Pairs",
      "source, target = pairs.vocabularies()",
      `options = dict(embedding=${machine.read.shape[1]}, units=${this.units}, attention=${write(this.attends)}, reverse=${write(reverse)})`,
      "model = EncoderDecoder(len(source), len(target), **options)",
      "inputs, wanted = stack_pairs(pairs, source, target)",
      "def draw(generator):",
      "    rows = torch.randint(inputs.shape[1], (32,), generator=generator)",
      "    return inputs[:, rows], wanted[:, rows]",
      "for step in train(model, draw, loss=translation_loss, learning_rate=0.005, steps=350, clip_norm=1.0):",
      "    pass",
      `sentence = ${write(words.join(" ") || "i drink milk")}`,
      `print(translate(model, sentence, source, target${this.writeForced()}))`,
      "rw.Translator(model, source, target, sentence=sentence, examples=pairs)",
      "",
    ].join("\n");
  }
  private writeForced(): string {
    if (this.forced.size === 0) return "";
    const last = Math.max(...this.forced.keys());
    return `, forced=${JSON.stringify(this.said.slice(0, last + 1).map(({ chosen }) => this.wordOf(chosen)))}`;
  }
}

/** Words as they are written: no blank after an apostrophe. */
const joinFrench = (words: string[]): string => words.join(" ").replaceAll("' ", "'");

/** A share in words short enough for a button. */
export const percent = (share: number): string =>
  share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
