// Which words there are, where they stand now and stood before, which one is chosen, and what follows. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { copyFloats } from "../lib/trace/floats";
import { History } from "../lib/training/history";
import type { Progress } from "../lib/training/training_bar";
import { formatNumber, plural } from "../lib/words/format";
import { quote } from "../lib/words/takeaway";
import { type Near, nearest, solveAnalogy } from "./word_space";

const NEIGHBOURS = 8;
const ANSWERS = 3;
/** Frames kept for looking back take at most this much of the page's memory. */
const MEMORY = 12_000_000;

export interface Moment extends Progress {
  vectors: Float32Array;
  /** Two numbers a word: where it stands on the plane. */
  places: Float32Array;
}

export interface Traits {
  words: string[];
  size: number;
  groups: Record<string, string[]>;
  word: string;
  analogy: string[];
  start: Moment;
}

export const readTraits = (model: Pick<AnyModel, "get">): Traits => ({
  words: model.get("words"),
  size: model.get("size"),
  groups: model.get("groups"),
  word: model.get("word"),
  analogy: model.get("analogy"),
  start: {
    step: 0,
    loss: null,
    ...(model.get("frame") as Partial<Progress>),
    vectors: copyFloats(model.get("vectors")),
    places: copyFloats(model.get("places")),
  },
});

export class WordsState {
  readonly words: string[];
  readonly size: number;
  readonly groups: [string, string[]][];
  /** The group a word belongs to, by its place among the groups. */
  readonly groupOf: Map<number, number>;
  readonly past: History<Moment>;
  /** The moment looked back at; null for the latest. */
  looking: number | null = null;
  /** The word chosen; −1 for none. */
  picked: number;
  /** a, b and c of a − b + c; empty unless all three are words. */
  analogy: number[];
  neighbours: Near[] = [];
  answers: Near[] = [];
  private numbers: Map<string, number>;
  private moment: Moment;

  constructor({ words, size, groups, word, analogy, start }: Traits) {
    this.words = words;
    this.size = size;
    this.numbers = new Map(words.map((one, number) => [one, number]));
    this.groups = Object.entries(groups);
    this.groupOf = new Map(
      this.groups.flatMap(([, members], k) => members.map((one) => [this.numbers.get(one)!, k])),
    );
    this.past = new History(Math.max(8, Math.min(200, Math.floor(MEMORY / (4 * words.length * (size + 2))))));
    this.moment = start;
    this.past.add(start);
    this.picked = this.numbers.get(word) ?? -1;
    this.analogy = analogy.length === 3 ? analogy.map((one) => this.numbers.get(one)!) : [];
    this.relate();
  }

  get vectors(): Float32Array {
    return this.moment.vectors;
  }
  get places(): Float32Array {
    return this.moment.places;
  }
  get step(): number {
    return this.moment.step;
  }

  isPlaced(word: number): boolean {
    return Number.isFinite(this.places[2 * word]) && Number.isFinite(this.places[2 * word + 1]);
  }

  has(text: string): boolean {
    return this.numbers.has(this.clean(text));
  }

  private clean(text: string): string {
    return this.numbers.has(text.trim()) ? text.trim() : text.trim().toLowerCase();
  }

  /** The word typed; after Enter also the first that begins so. */
  find(text: string, begins = false): number {
    const wanted = this.clean(text);
    const exact = this.numbers.get(wanted);
    if (exact !== undefined || !begins || !wanted) return exact ?? -1;
    return this.words.findIndex((word) => word.toLowerCase().startsWith(wanted));
  }

  choose(word: number): void {
    this.picked = word;
    this.relate();
  }

  readAnalogy(typed: string[]): void {
    const found = typed.map((text) => this.numbers.get(this.clean(text)));
    this.analogy = found.every((word) => word !== undefined) ? found : [];
    this.relate();
  }

  /** A moment of the training: whether what is shown has changed, and whether the training has begun anew. */
  take(moment: Moment): { shown: boolean; anew: boolean } {
    if (moment.vectors.length !== this.words.length * this.size) return { shown: false, anew: false };
    const last = this.past.items.at(-1);
    const anew = last !== undefined && moment.step < last.step;
    if (anew) this.looking = null;
    this.past.add(moment);
    if (this.looking === null) this.show(moment);
    return { shown: this.looking === null, anew };
  }

  lookAt(place: number | null): void {
    const { items } = this.past;
    this.looking = place === null || place >= items.length - 1 ? null : place;
    this.show(items[this.looking ?? items.length - 1]);
  }

  private show(moment: Moment): void {
    this.moment = moment;
    this.relate();
  }

  private relate(): void {
    const { picked, analogy } = this;
    this.neighbours = picked >= 0 ? nearest(this, picked, NEIGHBOURS) : [];
    this.answers =
      analogy.length === 3 ? solveAnalogy(this, analogy[0], analogy[1], analogy[2], ANSWERS) : [];
  }

  /** What can be seen, in words. */
  tell(): string {
    const { words, picked, answers, analogy } = this;
    const list = (found: Near[]) =>
      found.map(({ word, cosine }) => `${words[word]} (${formatNumber(cosine, 2)})`).join(", ");
    const broken = words.filter((_, word) => !this.isPlaced(word)).length;
    const [a, b, c] = analogy.map((word) => words[word]);
    return [
      picked >= 0 && `Nearest to “${words[picked]}”: ${list(this.neighbours.slice(0, 5))}.`,
      answers.length > 0 && `${a} − ${b} + ${c} ≈ ${list(answers.slice(0, 1))}.`,
      broken > 0 && `${plural(broken, "word")} cannot be drawn: their vectors are not finite.`,
      picked < 0 &&
        answers.length === 0 &&
        "The map shows the two directions in which the vectors differ most.",
    ]
      .filter(Boolean)
      .join(" ");
  }

  tabulate(): string {
    const { words, size, places, vectors } = this;
    const head = ["word", "x", "y", ...Array.from({ length: size }, (_, k) => `v${k}`)];
    const lines = words.map((word, k) =>
      [quote(word), places[2 * k], places[2 * k + 1], ...vectors.subarray(k * size, (k + 1) * size)].join(
        ",",
      ),
    );
    return `${[head.join(","), ...lines].join("\n")}\n`;
  }

  writeLines(): string {
    const { words, picked, analogy } = this;
    const options = [
      picked >= 0 && `word=${JSON.stringify(words[picked])}`,
      analogy.length === 3 && `analogy=(${analogy.map((word) => JSON.stringify(words[word])).join(", ")})`,
    ].filter(Boolean);
    return [
      "import rnnviz_widgets as rw",
      "from rnnviz.data import Words, everyday_sentences",
      "from rnnviz.models import WordLearning",
      "",
      "sentences = everyday_sentences()  # or your own, as a list of strings",
      `learning = WordLearning.skip_gram(Words(sentences), sentences, size=${this.size})  # torch underneath: learning.training.model`,
      `rw.EmbeddingMap(${["learning", ...options].join(", ")})`,
      "",
    ].join("\n");
  }
}
