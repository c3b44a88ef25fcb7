// What is shown of a network under surgery, what is held of it, and what it answers then. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { between, type Region } from "../lib/draw/region";
import type { Cursor } from "../lib/page/shared_cursor";
import type { Layer, Trace } from "../lib/trace/trace";
import { capital, sayArray } from "../lib/words/sayings";
import { quote } from "../lib/words/takeaway";
import { chooseBars, type Hold, holdable, lossOf, rangeOf, sayAnswer, sayHold, writeHolds } from "./holds";
import { type Outcome, Outcomes } from "./outcomes";

/** Classes that have a bar. */
export const BARS = 5;

export class SurgeryState {
  readonly classes: string[];
  readonly vocabulary: string[];
  readonly outcomes: Outcomes;
  /** The gate or the state that is shown, and held next. */
  array: string;
  holds: Hold[];
  /** The hold whose value the slider sets; −1 for none. */
  chosen: number;
  /** Whether the map shows what the holds have changed. */
  changes = false;
  /** Units and steps that the reader has drawn. */
  drawn: Region | null = null;
  now!: Outcome;
  untouched!: Outcome;
  /** Words put in another's place, by sequence and step. */
  private replaced = new Map<number, Map<number, number>>();
  private targets: number[];
  private own: string;
  /** The sequence whose outcomes are at hand, and whether something has changed since. */
  private computed = -1;
  private stale = true;

  constructor(
    model: Pick<AnyModel, "get">,
    readonly trace: Trace,
    private cursor: Pick<Cursor, "get">,
  ) {
    this.outcomes = new Outcomes(model, trace);
    this.classes = model.get("classes");
    this.vocabulary = model.get("vocabulary");
    this.targets = model.get("targets");
    this.own = model.get("layer");
    this.array = model.get("array");
    this.holds = (model.get("holds") as Hold[]).map((one) => ({ ...one }));
    this.chosen = this.holds.length - 1;
  }

  get index(): number {
    const name = this.cursor.get("layer") || this.own;
    return Math.max(
      0,
      this.trace.layers.findIndex((layer) => layer.name === name),
    );
  }
  get layer(): Layer {
    return this.trace.layers[this.index];
  }
  get sequence(): number {
    return Math.min(this.cursor.get("sequence"), this.layer.sequences - 1);
  }
  get steps(): number {
    return this.layer.lengths[this.sequence];
  }
  get step(): number {
    return Math.min(this.cursor.get("step"), this.steps - 1);
  }
  get unit(): number {
    return Math.min(this.cursor.get("unit"), this.layer.units - 1);
  }
  get labels(): string[] | undefined {
    const row = this.trace.labels?.[this.sequence]?.slice(0, this.steps);
    return row?.map((label, step) => this.vocabulary[this.words.get(step) ?? -1] ?? label);
  }
  /** The right answer; nobody knows it once words of the sequence are others. */
  get target(): number | undefined {
    return this.words.size > 0 ? undefined : this.targets[this.sequence];
  }
  get isTouched(): boolean {
    return this.holds.length > 0 || [...this.replaced.values()].some((words) => words.size > 0);
  }
  private get words(): Map<number, number> {
    return this.replaced.get(this.sequence) ?? new Map();
  }

  /** Shows an array that this layer has. */
  settle(): string[] {
    const names = holdable(this.layer);
    if (!names.includes(this.array)) this.array = names[names.length - 1];
    return names;
  }

  showArray(name: string): void {
    this.array = name;
    if (this.chosenHold?.gate !== name) this.chosen = this.holds.map(({ gate }) => gate).lastIndexOf(name);
  }

  get chosenHold(): Hold | undefined {
    return this.holds[this.chosen];
  }
  get range(): [number, number] {
    return rangeOf(this.array);
  }
  get value(): number {
    return this.chosenHold?.gate === this.array ? this.chosenHold.value : 0;
  }

  // ---- holding
  get region(): Region {
    return this.drawn ?? { top: 0, bottom: this.layer.units, left: this.step, right: this.step + 1 };
  }
  drawSteps(from: number, to: number): void {
    this.drawn = { top: 0, bottom: this.layer.units, left: from, right: to + 1 };
  }
  drawRegion(...corners: Parameters<typeof between>): void {
    this.drawn = between(...corners);
  }
  /** What was chosen holds as long as the cursor stays in it. */
  follow(): void {
    if (this.drawn && (this.step < this.drawn.left || this.step >= this.drawn.right)) this.drawn = null;
  }

  /** What would be held at a value. */
  draft(value: number): Hold {
    const { top, bottom, left, right } = this.region;
    const all = top === 0 && bottom >= this.layer.units;
    return {
      layer: this.layer.name,
      gate: this.array,
      units: all ? null : Array.from({ length: bottom - top }, (_, k) => top + k),
      from: left,
      to: Math.min(right, this.steps) - 1,
      value,
    };
  }
  hold(value: number): void {
    this.holds.push(this.draft(value));
    this.chosen = this.holds.length - 1;
    this.drawn = null;
    this.forget();
  }
  /** Gives the chosen hold another value; whether that changed anything. */
  setValue(value: number): boolean {
    const { chosenHold } = this;
    if (chosenHold?.gate !== this.array) return false;
    chosenHold.value = value;
    this.forget();
    return true;
  }
  /** Chooses a hold, or none where it was chosen before. */
  choose(place: number): Hold | undefined {
    this.chosen = this.chosen === place ? -1 : place;
    return this.chosenHold;
  }
  release(place: number): void {
    this.holds.splice(place, 1);
    this.chosen = this.holds.length - 1;
    this.forget();
  }
  releaseAll(): void {
    this.holds = [];
    this.chosen = -1;
    this.drawn = null;
    this.replaced.clear();
    this.forget();
  }
  replaceWord(word: number): void {
    const words = new Map(this.words);
    if (this.vocabulary[word] === this.trace.labels?.[this.sequence]?.[this.step]) words.delete(this.step);
    else words.set(this.step, word);
    this.replaced.set(this.sequence, words);
    this.forget();
  }
  /** The number of the word at the cursor; −1 for one that is not in the vocabulary. */
  get word(): number {
    return this.vocabulary.indexOf(this.labels?.[this.step] ?? "");
  }
  /** Whether a step has another word, or something held. */
  isMarked(step: number): boolean {
    return this.words.has(step) || this.holds.some(({ from, to }) => step >= from && step <= to);
  }
  private forget(): void {
    this.stale = true;
  }

  // ---- running
  /** Brings the outcomes up to date; what to ask Python, where the page cannot run the network. */
  refresh(): { sequence: number; holds: Hold[] } | null {
    const { sequence, holds, outcomes } = this;
    const other = this.computed !== sequence;
    if (!other && !this.stale) return null;
    [this.computed, this.stale] = [sequence, false];
    if (outcomes.inPage) {
      this.untouched = outcomes.run(sequence, [], this.words);
      this.now = holds.length ? outcomes.run(sequence, holds, this.words) : this.untouched;
      return null;
    }
    this.untouched = outcomes.recorded(sequence);
    // Until Python has answered, what it said before stands, unless that was of another sequence.
    if (other || holds.length === 0) this.now = this.untouched;
    return holds.length ? { sequence, holds } : null;
  }
  /** Takes over what Python has answered. */
  takeAnswer(): void {
    if (this.holds.length) this.now = this.outcomes.answered(this.sequence) ?? this.now;
  }

  // ---- what there is to see
  at(unit: number, step: number): number {
    const value = this.now.at(this.index, this.array, step, unit);
    return this.changes ? value - this.untouched.at(this.index, this.array, step, unit) : value;
  }
  /** The value that has the strongest colour. */
  get largest(): number {
    if (this.array !== "cell" && !this.changes) return 1;
    let largest = 0.1;
    for (let t = 0; t < this.steps; t++)
      for (let k = 0; k < this.layer.units; k++) largest = Math.max(largest, Math.abs(this.at(k, t)) || 0);
    return largest;
  }
  /** The part of the map that the chosen hold holds. */
  get held(): Region | null {
    const hold = this.chosenHold;
    if (hold?.layer !== this.layer.name) return null;
    const { units, from, to } = hold;
    return {
      top: units ? units[0] : 0,
      bottom: 1 + (units ? units[units.length - 1] : this.layer.units - 1),
      left: from,
      right: 1 + Math.min(to, this.steps - 1),
    };
  }
  get bars(): number[] {
    return chooseBars(this.untouched.shares, this.now.shares, this.target, BARS);
  }
  /** The loss untouched and now; null where nobody knows the right answer. */
  get losses(): [number, number] | null {
    const { target } = this;
    return target === undefined
      ? null
      : [lossOf(this.untouched.shares, target), lossOf(this.now.shares, target)];
  }

  // ---- words
  sayWhere(step: number, steps: number): string {
    const label = this.labels?.[step];
    return label === undefined ? `step ${step + 1} of ${steps}` : `“${label}” · ${step + 1} of ${steps}`;
  }
  sayTitle(): string {
    return `${capital(sayArray(this.array))}${this.changes ? ", change by what is held" : ""}`;
  }
  sayMap(): string {
    return `${capital(sayArray(this.array))} of ${this.layer.units} units over ${this.steps} steps. ${this.sayAnswer()}`;
  }
  sayDraft(value: number): string {
    const which = this.drawn ? "Chosen" : "At the cursor";
    return `${which}: ${this.sayHold(this.draft(value))}. Draw along the text or over the map to choose more.`;
  }
  sayHolds(): string[] {
    return this.holds.map((hold) => this.sayHold(hold));
  }
  sayAnswer(): string {
    const { untouched, now, target, holds } = this;
    return sayAnswer(this.classes, untouched.shares, now.shares, target, holds.length);
  }
  private sayHold(hold: Hold): string {
    return sayHold(hold, this.labels, this.steps, this.trace.layers.length > 1);
  }

  tabulate(): string {
    const { untouched, now } = this;
    const rows = this.classes.map((name, k) => `${quote(name)},${untouched.shares[k]},${now.shares[k]}`);
    return `${["class,untouched,now", ...rows].join("\n")}\n`;
  }
  writeCode(): string {
    return writeHolds(this.holds, this.sequence);
  }
}
