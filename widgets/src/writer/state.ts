// What is written from a prompt, how, and what of it is shown. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { isValve } from "../lib/draw/colours";
import { visible } from "../lib/draw/text_layout";
import type { Cursor } from "../lib/page/shared_cursor";
import { copyFloats } from "../lib/trace/floats";
import type { Reading } from "../lib/trace/reading";
import { formatNumber, plural } from "../lib/words/format";
import { article, sayArray } from "../lib/words/sayings";
import { quote } from "../lib/words/takeaway";
import { type Tables, unpack } from "./tables";
import { type Chance, rankChances, startWriting, type Writing } from "./writing";

export const LONGEST = 2000;
/** Characters listed at each place. */
const LISTED = 8;

export class WriterState {
  readonly tokens: string[];
  readonly layers: string[];
  readonly kind: string;
  readonly units: number;
  readonly writing: Writing;
  prompt: string[];
  temperature: number;
  /** How many of the likeliest characters take part; 0 for all. */
  topK: number;
  length: number;
  seed: number;
  /** What colours the text: an array of a layer, or the surprise. */
  array: string;
  layer: number;
  /** What is in sight of the text. */
  symbols: string[] = [];
  /** What is wrong with what was typed as a prompt. */
  complaint = "";
  private tables: Tables;
  private reading: Reading;
  private numbers: Map<string, number>;
  /** While the text is typed out: from where, since when, and how many characters a second. */
  private typing: { from: number; began: number; pace: number } | null = null;

  constructor(
    model: Pick<AnyModel, "get">,
    private cursor: Pick<Cursor, "get">,
  ) {
    this.tokens = model.get("tokens");
    this.numbers = new Map(this.tokens.map((token, number) => [token, number]));
    this.tables = model.get("tables");
    this.layers = this.tables.layers.map(({ name }) => name);
    ({ kind: this.kind, units: this.units } = this.tables.layers[0]);
    this.layer = this.layers.length - 1;
    const [reading, head] = unpack(this.tables, copyFloats(model.get("data")));
    this.reading = reading;
    this.writing = startWriting(reading, head);
    this.prompt = [...(model.get("prompt") as string)];
    this.temperature = model.get("temperature");
    this.topK = model.get("top_k");
    this.length = model.get("length");
    this.seed = model.get("seed");
    this.array = model.get("array");
    this.beginAnew();
  }

  get steps(): number {
    return this.prompt.length + this.length;
  }
  get step(): number {
    return Math.max(0, Math.min(this.cursor.get("step"), this.writing.codes.length - 1));
  }
  get unit(): number {
    return Math.min(this.cursor.get("unit"), this.units - 1);
  }
  get isSurprise(): boolean {
    return this.array === "surprise";
  }
  /** Names of what can colour the text. */
  get arrays(): string[] {
    return ["surprise", ...this.reading.names(this.layer)];
  }

  // ---- writing
  beginAnew(): void {
    const codes = this.prompt.map((symbol) => this.numbers.get(symbol)!);
    this.writing.begin(codes, this.length, this.seed);
    this.settle();
  }
  /** The text as it is with these settings. */
  private settle(): void {
    this.writing.set({ temperature: this.temperature, topK: this.topK });
  }
  setTemperature(temperature: number): void {
    this.temperature = temperature;
    this.settle();
  }
  /** As many as there are is all of them. */
  chooseAmong(count: number): void {
    this.topK = count >= this.tokens.length ? 0 : count;
    this.settle();
  }
  setLength(wanted: number): void {
    const length = Math.round(wanted);
    if (Number.isFinite(length)) this.length = Math.max(1, Math.min(LONGEST, length));
    this.beginAnew();
  }
  setSeed(seed: number): void {
    this.seed = seed;
    this.beginAnew();
  }
  /** Takes over the characters that the model knows; whether there are any. */
  setPrompt(text: string): boolean {
    const wanted = [...text];
    const known = wanted.filter((symbol) => this.numbers.has(symbol));
    const strangers = [...new Set(wanted.filter((symbol) => !this.numbers.has(symbol)))];
    this.complaint = [
      strangers.length > 0 && `It does not know ${strangers.map(visible).join(" ")}, and reads on without.`,
      known.length === 0 && "It needs at least one character to begin with, and keeps the last prompt.",
    ]
      .filter(Boolean)
      .join(" ");
    if (known.length === 0) return false;
    if (known.length !== this.prompt.length) this.writing.forced.clear();
    this.prompt = known;
    this.beginAnew();
    return true;
  }
  /** Other dice, and nothing by hand; typed out at a pace, or at once. */
  castAgain(pace: number, now: number): void {
    this.seed = (this.seed + 1) | 0;
    this.writing.forced.clear();
    this.beginAnew();
    this.typing = pace > 0 ? { from: this.prompt.length, began: now, pace } : null;
  }
  replaceWeights(data: Float32Array): void {
    const [reading, head] = unpack(this.tables, data);
    this.reading = reading;
    this.writing.replace(reading, head);
    this.settle();
  }
  knows(symbol: string): boolean {
    return this.numbers.has(symbol);
  }
  numberOf(symbol: string): number {
    return this.numbers.get(symbol)!;
  }
  /** Puts a character in by hand, or lets the die decide again; nothing can be put into the prompt. */
  putIn(place: number, code: number | null): boolean {
    if (place < this.prompt.length) return false;
    this.writing.force(place, code);
    this.settle();
    return true;
  }
  freeEverything(): void {
    for (const place of [...this.writing.forced.keys()]) this.writing.force(place, null);
    this.settle();
  }

  /** Brings what is in sight up to date; whether it has changed. */
  reveal(now: number): boolean {
    const { codes } = this.writing;
    const end = this.typing
      ? Math.floor(this.typing.from + ((now - this.typing.began) * this.typing.pace) / 1000)
      : codes.length;
    if (end >= codes.length) this.typing = null;
    const next = codes.slice(0, end).map((code) => this.tokens[code] ?? " ");
    if (next.length === this.symbols.length && next.every((symbol, k) => symbol === this.symbols[k]))
      return false;
    this.symbols = next;
    return true;
  }
  get isTyping(): boolean {
    return this.typing !== null;
  }

  // ---- what there is to see
  at(place: number): number {
    return this.isSurprise
      ? this.writing.surprise(place)
      : this.writing.value(this.layer, this.array, place, this.unit);
  }
  valueOf(place: number, unit: number): number {
    return this.writing.value(this.layer, this.array, place, unit);
  }
  /** The value that has the strongest colour. */
  largest(): number {
    if (this.isSurprise) return Math.max(4, Math.log2(this.tokens.length));
    const { nonlinearity } = this.tables.layers[this.layer];
    const bounded = (this.array === "hidden" && nonlinearity !== "relu") || this.array === "candidate";
    let largest = 1;
    if (isValve(this.array) || bounded) return largest;
    for (let t = 0; t < this.writing.codes.length; t++)
      for (let unit = 0; unit < this.units; unit++) {
        const size = Math.abs(this.valueOf(t, unit));
        if (size > largest && Number.isFinite(size)) largest = size;
      }
    return largest;
  }
  /** All characters at a place and what they share, the likeliest first; null where nothing was read before. */
  chancesAt(place: number): Chance[] | null {
    const logits = this.writing.logits(place);
    return logits && rankChances(logits, this.temperature, this.topK);
  }
  /** The first of them, and in any case the one that stands there. */
  listed(chances: Chance[], place: number): Chance[] {
    const code = this.writing.codes[place];
    const listed = chances.slice(0, LISTED);
    if (code < 0 || listed.some((chance) => chance.code === code)) return listed;
    const own = chances.find((chance) => chance.code === code) ?? { code, share: 0 };
    return [...listed.slice(0, LISTED - 1), own];
  }
  isWritten(place: number): boolean {
    return place >= this.prompt.length;
  }
  isForced(place: number): boolean {
    return this.writing.forced.has(place);
  }
  /** Where the die fell that decided a place; null where none did. */
  dieAt(place: number): number | null {
    return this.isWritten(place) && !this.isForced(place) ? this.writing.die(place) : null;
  }

  // ---- words
  sayTitle(): string {
    const who = `${article(this.kind)} ${this.kind}`;
    return this.isSurprise
      ? `${who} of ${plural(this.units, "unit")} writes`
      : `${who} writes: ${sayArray(this.array)} of unit ${this.unit}`;
  }
  sayWhere(step: number, steps: number): string {
    return `t = ${step} of ${steps} · ${visible(this.symbols[step] ?? "")}`;
  }
  sayScale(largest: number): string {
    if (this.isSurprise) return `0 to ${formatNumber(largest, 1)} bits of surprise`;
    if (isValve(this.array)) return "closed 0 to open 1";
    return `−${formatNumber(largest, 1)} to ${formatNumber(largest, 1)}`;
  }
  describe(place: number): string {
    const value = this.at(place);
    const what = this.isSurprise ? "surprise" : `unit ${this.unit}`;
    const number = Number.isNaN(value) ? "no value" : formatNumber(value, 2);
    const hand = this.isForced(place) ? ", put in by hand" : "";
    return `t = ${place} ${visible(this.symbols[place] ?? "")}: ${what} ${number}${this.isSurprise ? " bits" : ""}${hand}`;
  }
  sayPlace(place: number): string {
    if (!this.writing.logits(place))
      return "Nothing was read before the first character, so nothing was expected.";
    const before = this.symbols.slice(Math.max(0, place - 12), place);
    const after = before.map((symbol) => (symbol === "\n" ? "⏎" : symbol)).join("");
    return this.isWritten(place)
      ? `What comes after “${after}”?`
      : `What it expected after “${after}”, in the prompt`;
  }
  sayChance({ code, share }: Chance, place: number): string {
    const symbol = this.tokens[code];
    const name = symbol === " " ? "blank" : symbol === "\n" ? "line end" : symbol;
    return `${name}, ${percent(share)}${this.isWritten(place) ? ": put it here" : ""}`;
  }
  summarise(): string {
    const { symbols, prompt, writing } = this;
    const count = symbols.length - prompt.length;
    const written = symbols.slice(prompt.length).join("");
    let bits = 0;
    for (let t = prompt.length; t < symbols.length; t++) bits += writing.surprise(t) / count;
    const hand = writing.forced.size ? `, ${writing.forced.size} of them put in by hand` : "";
    const text = `${written.slice(0, 80).replaceAll("\n", " ")}${written.length > 80 ? "…" : ""}`;
    const blind = formatNumber(Math.log2(this.tokens.length), 1);
    return `It wrote ${plural(count, "character")}${hand}: “${text}”. On average ${formatNumber(bits, 1)} bits of surprise a character, of ${blind} if it guessed blindly.`;
  }

  tabulate(): string {
    const { writing, symbols } = this;
    const rows = writing.codes.map((code, t) => {
      const logits = writing.logits(t);
      const chance = logits && rankChances(logits, 1, 0).find((one) => one.code === code);
      const by = !this.isWritten(t) ? "prompt" : this.isForced(t) ? "hand" : "die";
      const surprise = logits ? writing.surprise(t) : "";
      return [t, quote(symbols[t]), by, logits ? (chance?.share ?? 0) : "", surprise].join(",");
    });
    return `${["step,character,by,probability,surprise in bits", ...rows].join("\n")}\n`;
  }

  writeCode(): string {
    const prompt = JSON.stringify(this.prompt.join(""));
    return [
      "import rnnviz_widgets as rw",
      "from rnnviz.data import manual",
      "from rnnviz.models import CharacterLearning, write_text",
      "",
      `learning = CharacterLearning(manual().text, ${JSON.stringify(this.kind.toLowerCase())}, ${this.units})  # or your own text`,
      "for frame in learning.frames(1000):",
      "    print(frame.step, frame.loss, frame.sample)",
      `settings = dict(temperature=${this.temperature}, top_k=${this.topK || "None"}, seed=${this.seed})`,
      `print(write_text(learning.model, learning.alphabet, ${prompt}, ${this.length}, **settings))`,
      `rw.Writer(learning, prompt=${prompt}, length=${this.length}, **settings)`,
      "",
    ].join("\n");
  }
}

/** A share in words short enough for a button. */
export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
