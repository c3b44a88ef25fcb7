// How much of every step reaches every other, for one sequence at a time. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { type Entry, readFloats } from "../lib/trace/trace";
import { formatNumber } from "../lib/words/format";
import { writeCode, writeOptions } from "../lib/words/takeaway";

const WORDS = {
  gradient: {
    title: "Gradient flow ‖∂Lₜ/∂hₖ‖",
    row: (t: number) => `how the loss at t = ${t} depends on each state`,
    column: (k: number) => `how each loss depends on the state at k = ${k}`,
  },
  influence: {
    title: "Influence ‖∂hₜ/∂xₖ‖",
    row: (t: number) => `which inputs the state at t = ${t} depends on`,
    column: (k: number) => `how far the input at k = ${k} reaches`,
  },
};

export class FlowState {
  readonly sequences: number;
  readonly words: (typeof WORDS)[keyof typeof WORDS];
  sequence = 0;
  /** The row t that the reader looks at; the column k is the cursor's step. */
  row = 0;
  /** The largest value of the sequence. */
  largest = 0;
  private size: number;
  private values: Float32Array;
  private lengths: number[];
  private labels: string[][];

  constructor(private model: Pick<AnyModel, "get">) {
    const entry = model.get("map") as Entry;
    [this.sequences, this.size] = entry.shape;
    this.values = readFloats(model as AnyModel)(entry);
    this.lengths = model.get("lengths");
    this.labels = model.get("labels");
    this.words = WORDS[model.get("of") as keyof typeof WORDS];
    this.goTo(0);
  }

  /** A cursor beyond the last sequence shows the last. */
  goTo(sequence: number): void {
    this.sequence = Math.min(sequence, this.sequences - 1);
    this.row = this.lastRow();
    this.largest = 0;
    for (let t = 0; t < this.steps; t++)
      for (let k = 0; k < this.steps; k++) {
        const value = this.at(t, k);
        if (Number.isFinite(value) && value > this.largest) this.largest = value;
      }
  }

  get title(): string {
    return `${this.words.title} in layer ${this.model.get("layer")}`;
  }
  get steps(): number {
    return this.lengths[this.sequence];
  }
  at(t: number, k: number): number {
    return this.values[(this.sequence * this.size + t) * this.size + k];
  }
  clamp(step: number): number {
    return Math.max(0, Math.min(step, this.steps - 1));
  }
  labelOf(step: number): string {
    return this.labels[this.sequence] ? ` · ${this.labels[this.sequence][step]}` : "";
  }

  /** The last step at which anything arrives: where a loss on the final output sits. */
  private lastRow(): number {
    for (let t = this.steps - 1; t >= 0; t--) for (let k = 0; k <= t; k++) if (this.at(t, k) > 0) return t;
    return this.steps - 1;
  }

  /** What stands in the row that is looked at, and in a column. */
  alongRow(): Float64Array {
    return Float64Array.from({ length: this.steps }, (_, k) => this.at(this.row, k));
  }
  alongColumn(column: number): Float64Array {
    return Float64Array.from({ length: this.steps }, (_, t) => this.at(t, column));
  }

  sayMap(): string {
    const { steps } = this;
    return `${this.words.title}: ${steps} by ${steps} steps, largest ${formatNumber(this.largest)}.`;
  }

  tell(column: number): string {
    const { row, steps } = this;
    if (steps === 0) return "This sequence has no steps.";
    const [now, own] = [this.at(row, column), this.at(row, row)];
    const ratio =
      own > 0 && now > 0 ? `, ${formatNumber(now / own)} of what stands at t = ${row} itself` : "";
    const where = column > row ? " (a later step: nothing flows there)" : "";
    return `From t = ${row} to k = ${column}: ${formatNumber(now)}${ratio}${where}.`;
  }

  tabulate(): string {
    const steps = Array.from({ length: this.steps }, (_, k) => k);
    const rows = steps.flatMap((t) => steps.slice(0, t + 1).map((k) => `${t},${k},${this.at(t, k)}`));
    return ["t,k,norm", ...rows, ""].join("\n");
  }

  writeCode(file = ""): string {
    const { model, labels } = this;
    const of = model.get("of");
    const module = { ...model.get("module"), backward: of === "gradient" };
    const options = (layer: string) => writeOptions({ layer, of, labels: labels.length ? labels : null });
    return writeCode([module], (rename) => `rw.GradientFlow(trace${options(rename(model.get("layer")))})`, {
      file,
    });
  }
}
