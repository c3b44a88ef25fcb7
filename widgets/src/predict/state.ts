// What was predicted, with how much confidence, and how it compares with the truth. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { shuffle } from "../lib/controls/order";
import { calibrate, compareNumbers, shortNumber } from "../lib/words/prediction";

export type Guess = string | number;

/** What is kept in this browser. */
export interface Committed {
  guess: Guess;
  confidence: string;
}

export class PredictState {
  readonly isNumber: boolean;
  readonly truth: Guess;
  readonly unit: string;
  readonly tolerance: number;
  /** The ends of the axis, where there are any. */
  readonly low: number | null;
  readonly high: number | null;
  readonly lesson: string;
  readonly name: string;
  /** The options in the order in which they are read. */
  readonly options: string[];
  committed: Committed | null = null;
  private replies: Map<string, string>;

  /** `student` tells this browser's student from others. */
  constructor(model: Pick<AnyModel, "get">, student: number) {
    this.isNumber = model.get("kind") === "number";
    this.truth = model.get("truth");
    this.unit = model.get("unit");
    this.tolerance = model.get("tolerance");
    this.low = model.get("low");
    this.high = model.get("high");
    this.lesson = model.get("lesson");
    this.name = model.get("name");
    const [told, answers]: [string[], string[]] = [model.get("options"), model.get("answers")];
    this.replies = new Map(told.map((text, place) => [text, answers[place]]));
    // What goes from little to much is read in that order; all else in an order of the student's own.
    this.options = model.get("ordered") ? told : shuffle(told, student, this.lesson, this.name);
  }

  /** Takes what was kept, if it answers this question. */
  recall(kept: Committed | null): void {
    this.committed = null;
    if (kept === null) return;
    const { guess, confidence } = kept;
    const fits = this.isNumber ? Number.isFinite(guess) : this.options.includes(String(guess));
    if (fits) this.committed = { guess, confidence: String(confidence ?? "") };
  }

  get isRight(): boolean {
    const { committed, truth, tolerance } = this;
    if (committed === null) return false;
    if (!this.isNumber) return committed.guess === truth;
    return Math.abs(Number(committed.guess) - Number(truth)) <= tolerance * Math.abs(Number(truth));
  }

  /** What came of it, in words: of the prediction, and of the confidence in it. */
  tell(): { verdict: string; calibration: string; reply: string } | null {
    if (this.committed === null) return null;
    const { guess, confidence } = this.committed;
    const right = this.isRight;
    const verdict = this.isNumber
      ? compareNumbers(Number(guess), Number(this.truth), this.tolerance)
      : right
        ? "You saw it coming."
        : "It comes out differently.";
    const reply = right || this.isNumber ? "" : (this.replies.get(String(guess)) ?? "");
    return { verdict, calibration: calibrate(right, confidence), reply };
  }

  /** How an option is marked, and with which words. */
  markOf(option: string): [mark: "" | "right" | "mine" | "other", words: string] {
    if (this.committed === null) return ["", ""];
    const mine = option === this.committed.guess;
    if (option === this.truth) return ["right", mine ? "you, and the truth" : "the truth"];
    return mine ? ["mine", "you"] : ["other", ""];
  }

  withUnit(value: number): string {
    return this.unit ? `${shortNumber(value)} ${this.unit}` : shortNumber(value);
  }
}
