// A gradient taken apart into what each step adds, whole or cut short. No drawing here.
import type { AnyModel } from "@anywidget/types";
import type { Cursor } from "../lib/page/shared_cursor";
import { type Entry, readFloats } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { writeCode, writeOptions } from "../lib/words/takeaway";
import { addUp, type Cut, cosine, keptByReach, largest, type Parts, runningSums, shares } from "./weight_sum";

const WEIGHTS: Record<string, { symbol: string; words: string }> = {
  weight_hh: { symbol: "Wₕ", words: "recurrent weights" },
  weight_ih: { symbol: "Wₓ", words: "input weights" },
  bias_hh: { symbol: "b", words: "biases" },
};

export class WeightState {
  readonly steps: number;
  readonly reverse: boolean;
  readonly labels: string[];
  /** The parameter whose gradient is shown. */
  name: string;
  cut: Cut;
  /** How many steps gradients may go back. */
  reach: number;
  /** The weight whose numbers are written out. */
  picked = { row: 0, column: 0 };
  // What is computed from the parts: anew when another weight is chosen, or another reach.
  rows = 1;
  columns = 1;
  whole: Float64Array = new Float64Array();
  /** The largest number of the whole gradient, and of what any step adds to it. */
  largest = 0;
  /** The largest number that a step adds, now that gradients are cut. */
  largestPart = 0;
  share: number[] = [];
  /** Which fraction is kept, by reach from 1 on. */
  kept: number[] = [];
  private each: Float64Array = new Float64Array();
  private sums: Float64Array = new Float64Array();
  private parts!: Parts;
  private entries: Record<string, Entry>;
  private gates: string[];
  private take: (entry: Entry) => Float32Array;

  constructor(
    private model: Pick<AnyModel, "get">,
    private cursor: Pick<Cursor, "get">,
  ) {
    this.take = readFloats(model as AnyModel);
    this.entries = model.get("parts");
    this.gates = model.get("gates");
    this.labels = model.get("labels");
    this.reverse = model.get("reverse");
    this.name = model.get("weight");
    this.steps = this.entries[this.name].shape[0];
    this.cut = model.get("cut");
    this.reach = Math.min(this.steps, model.get("truncate"));
    this.load();
  }

  get names(): string[] {
    return Object.keys(this.entries);
  }
  get step(): number {
    return Math.max(0, Math.min(this.cursor.get("step"), this.steps - 1));
  }
  get isCut(): boolean {
    return this.reach < this.steps;
  }

  // ---- what is chosen
  choose(name: string): void {
    this.name = name;
    this.picked = { row: 0, column: 0 };
    this.load();
  }
  chooseCut(cut: Cut): void {
    this.cut = cut;
    this.cutShort();
  }
  goBack(reach: number): void {
    this.reach = Math.max(1, Math.min(this.steps, Math.round(reach)));
    this.cutShort();
  }
  pick(row: number, column: number): void {
    this.picked = { row: clamp(row, this.rows), column: clamp(column, this.columns) };
  }

  private load(): void {
    const entry = this.entries[this.name];
    const { steps, reverse } = this;
    [, , this.rows, this.columns] = entry.shape;
    this.parts = { steps, size: this.rows * this.columns, data: this.take(entry), reverse };
    const each = addUp(this.parts, "every", steps);
    this.whole = this.sumOf(each);
    this.largest = Math.max(largest(this.whole), largest(each));
    this.cutShort();
  }
  private cutShort(): void {
    const { parts, cut, reach, steps, reverse, whole } = this;
    this.each = addUp(parts, cut, reach);
    this.largestPart = largest(this.each);
    this.sums = runningSums(this.each, steps, parts.size, reverse);
    this.share = shares(this.each, whole, steps);
    this.kept = keptByReach(parts, whole, cut);
  }
  private sumOf(values: Float64Array): Float64Array {
    const { size } = this.parts;
    const total = new Float64Array(size);
    for (let k = 0; k < this.steps; k++)
      for (let entry = 0; entry < size; entry++) total[entry] += values[k * size + entry];
    return total;
  }

  // ---- numbers
  /** Whether the backward pass has come to a step. */
  isReached(step: number): boolean {
    return this.reverse ? step <= this.step : step >= this.step;
  }
  /** The step that the backward pass comes to next. */
  after(step: number): number {
    return this.reverse ? step + 1 : step - 1;
  }
  /** What a step adds to a weight, what has been added until then, and what all steps add. */
  adds(step: number, row = this.picked.row, column = this.picked.column): number {
    return this.each[(step * this.rows + row) * this.columns + column];
  }
  sum(step: number, row = this.picked.row, column = this.picked.column): number {
    return this.sums[(step * this.rows + row) * this.columns + column];
  }
  total(row = this.picked.row, column = this.picked.column): number {
    return this.whole[row * this.columns + column];
  }

  // ---- words
  get symbol(): string {
    return WEIGHTS[this.name].symbol;
  }
  sayParameter(name: string): string {
    return `${WEIGHTS[name].symbol} · ${WEIGHTS[name].words}`;
  }
  sayTitle(): string {
    return `Where the gradient of ${this.symbol} comes from, layer ${this.model.get("layer")}`;
  }
  sayStep(step: number): string {
    return `back to t = ${step}${this.labels[step] === undefined ? "" : ` · ${this.labels[step]}`}`;
  }
  saySum(): string {
    return `sum of ${this.reverse ? `t = 0 … ${this.step}` : `t = ${this.step} … ${this.steps - 1}`}`;
  }
  sayWhole(): string {
    return this.isCut ? ".grad, not truncated" : ".grad";
  }
  sayReach(reach: number): string {
    return `${plural(reach, "step")}${reach === this.steps ? ": all of them" : ""}`;
  }
  sayTile(step: number): string {
    return `t = ${step} adds ${percent(this.share[step])}; ${this.nameWeight()}: ${formatNumber(this.adds(step))}`;
  }
  sayPartScale(): string {
    const limit = formatNumber(this.largestPart || 1);
    return `each step adds, coloured from −${limit} to ${limit}`;
  }
  /** A weight's place, as torch writes it. */
  nameWeight(row = this.picked.row, column = this.picked.column): string {
    return `${this.symbol}[${this.name === "bias_hh" ? row : `${row}, ${column}`}]`;
  }
  sayPicked(): string {
    const { gates, rows, name } = this;
    const { row, column } = this.picked;
    const units = gates.length ? rows / gates.length : rows;
    const gate = gates.length ? `${gates[Math.floor(row / units)]} of ` : "";
    const to = `${gate}unit ${row % units}`;
    if (name === "bias_hh") return to;
    return `${name === "weight_ih" ? "input" : "unit"} ${column} → ${to}`;
  }
  sayNumbers(): [string, string][] {
    const { step } = this;
    return [
      [this.nameWeight(), this.sayPicked()],
      [`t = ${step} adds`, formatNumber(this.adds(step), 4)],
      ["sum so far", formatNumber(this.sum(step), 4)],
      [".grad", formatNumber(this.total(), 4)],
    ];
  }
  sayShares(): string {
    const order = this.share.map((value, k) => ({ value, k })).sort((a, b) => b.value - a.value);
    const top = order.slice(0, 3).map(({ value, k }) => `t = ${k} ${percent(value)}`);
    return `Shares of the gradient of ${this.symbol} by step. The largest: ${top.join(", ")}.`;
  }
  sayKept(): string {
    const { kept, steps } = this;
    const some = [1, 2, 5, 10, 20].filter((r) => r < steps).map((r) => `${r}: ${percent(kept[r - 1])}`);
    const all = `${steps}: ${percent(kept[steps - 1])}`;
    return `Part of the gradient that is kept, by steps back. ${[...some, all].join(", ")}.`;
  }
  sayTruncation(): string {
    const { reach, cut, kept } = this;
    if (!this.isCut) return "Nothing is cut: all of the gradient is kept.";
    const how = cut === "every" ? `Cut every ${plural(reach, "step")}` : `With ${plural(reach, "step")} back`;
    const angle = cosine(this.sumOf(this.each), this.whole);
    const where = Number.isNaN(angle)
      ? "; nothing is left to point anywhere"
      : `. The cosine between the two is ${formatNumber(angle, 2)}`;
    return `${how}, ${percent(kept[reach - 1])} of the gradient is kept, measured along its own direction${where}.`;
  }
  tell(): string {
    const { whole, step, steps, share } = this;
    const broken = whole.filter((value) => !Number.isFinite(value)).length;
    if (broken > 0) return `Of the ${whole.length} numbers of this gradient, ${broken} are not finite.`;
    if (largest(whole) === 0) return "This gradient is zero: no loss depends on these weights.";
    const sofar = percent(share.reduce((sum, value, k) => sum + (this.isReached(k) ? value : 0), 0));
    const own = `Step ${step} itself adds ${percent(share[step])}.`;
    if (step !== (this.reverse ? steps - 1 : 0))
      return `The backward pass has come to t = ${step}: ${sofar} of the gradient. ${own}`;
    const result = this.isCut ? "this is all that truncation leaves" : "this is .grad";
    return `All steps are added: ${sofar} of the gradient, ${result}. ${own}`;
  }

  tabulate(): string {
    const lines = ["step,row,column,adds,sum_so_far,grad"];
    for (let k = 0; k < this.steps; k++)
      for (let row = 0; row < this.rows; row++)
        for (let column = 0; column < this.columns; column++) {
          const numbers = [this.adds(k, row, column), this.sum(k, row, column), this.total(row, column)];
          lines.push([k, row, column, ...numbers].join(","));
        }
    return `${lines.join("\n")}\n`;
  }

  /** The same in Python, of a recording that lies in a file, or recorded anew. */
  writeCode(file = ""): string {
    const { model, name, labels, reach, cut } = this;
    const options = (layer: string) =>
      writeOptions({
        layer,
        weight: name,
        ...(this.isCut ? { truncate: reach, cut } : {}),
        labels: labels.length ? [labels] : null,
      });
    return writeCode(
      [model.get("module")],
      (rename) => `rw.WeightGradient(trace${options(rename(model.get("layer")))})`,
      { file },
    );
  }
}

const clamp = (value: number, end: number) => Math.max(0, Math.min(end - 1, value));

export function percent(fraction: number): string {
  if (!Number.isFinite(fraction)) return "no number";
  const value = 100 * fraction;
  const text = Math.abs(value) >= 9.95 || value === 0 ? value.toFixed(0) : value.toFixed(1);
  return `${text.replace(/^-(?=0\.?0*$)/, "").replace("-", "−")} %`;
}
