// Masks of dropout, and what gets through them. No drawing here.
import type { Cursor } from "../lib/page/shared_cursor";
import { rollDice } from "../lib/trace/dice";
import { type Block, type Layer, type Trace, valueAt } from "../lib/trace/trace";
import { formatNumber } from "../lib/words/format";

/** For each value, by what it is multiplied: 0 where it is dropped, 1 / keep where it is kept. */
export function drawMask(count: number, keep: number, seed: number): Float64Array {
  return rollDice(seed, count).map((die) => (die < keep ? 1 / keep : 0));
}

/** How many of some values are dropped. */
export const countDropped = (mask: ArrayLike<number>): number =>
  Array.from(mask).reduce((sum, factor) => sum + (factor === 0 ? 1 : 0), 0);

/** Mean of what gets through, and of what was there: on average dropout changes nothing. */
export function compareMeans(values: ArrayLike<number>, mask: ArrayLike<number>): [number, number] {
  let [before, after] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    before += Math.abs(values[k]);
    after += Math.abs(values[k]) * mask[k];
  }
  return [before / values.length, after / values.length];
}

/** Which of the two maps: what the lower layer says, or what the upper one hears. */
export type Side = "says" | "hears";

export class DropoutState {
  readonly layer: Layer;
  /** The probability with which a value is kept. */
  keep: number;
  /** Whether the network is in use, where nothing is dropped. */
  inUse = false;
  private seed = 1;
  private states: Block;
  private mask: ArrayLike<number> = [];
  private drawn = "";

  constructor(
    private trace: Trace,
    layer: string,
    keep: number,
    private cursor: Pick<Cursor, "get">,
  ) {
    this.layer = trace.layers.find(({ name }) => name === layer)!;
    this.states = this.layer.arrays.get("hidden")!;
    this.keep = keep;
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
    return this.trace.labels?.[this.sequence]?.slice(0, this.steps);
  }

  drawAgain(): void {
    this.seed++;
  }
  /** Casts a mask, where something has changed that it depends on. */
  settle(): void {
    const { keep, seed, inUse } = this;
    const count = this.steps * this.layer.units;
    const key = `${count} ${keep} ${seed} ${inUse}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.mask = inUse ? new Float64Array(count).fill(1) : drawMask(count, keep, seed);
  }

  /** The value that has the strongest colour. */
  largest(side: Side): number {
    return side === "says" || this.inUse ? 1 : Math.min(2, 1 / this.keep);
  }
  /** What stands in a map; not a number where it is dropped. */
  at(side: Side, unit: number, step: number): number {
    const factor = side === "says" ? 1 : this.factor(unit, step);
    return factor === 0 ? Number.NaN : this.said(unit, step) * factor;
  }
  private said(unit: number, step: number): number {
    return valueAt(this.states, step, this.sequence, unit);
  }
  private factor(unit: number, step: number): number {
    return this.mask[step * this.layer.units + unit];
  }

  titleOf(side: Side): string {
    return side === "says" ? `What ${this.layer.name} says` : "What the layer above hears";
  }
  describe(side: Side, unit: number, step: number): string {
    const value = this.at(side, unit, step);
    return `unit ${unit}, step ${step}: ${Number.isNaN(value) ? "dropped" : formatNumber(value, 2)}`;
  }
  tell(): string {
    if (this.inUse) return "In use nothing is dropped, and nothing is made larger.";
    const { units } = this.layer;
    const values = Array.from({ length: this.mask.length }, (_, k) =>
      this.said(k % units, Math.floor(k / units)),
    );
    const [before, after] = compareMeans(values, this.mask);
    return (
      `${countDropped(this.mask)} of ${values.length} values are dropped, hatched; what is kept is divided by ${formatNumber(this.keep, 2)}. ` +
      `Mean size before ${formatNumber(before)}, after ${formatNumber(after)}.`
    );
  }
  sayMap(side: Side): string {
    const what = side === "says" ? `Hidden states of ${this.layer.name}` : this.titleOf(side);
    return `${what}. ${this.tell()}`;
  }

  tabulate(): string {
    const lines = ["step,unit,said,heard"];
    for (let step = 0; step < this.steps; step++)
      for (let unit = 0; unit < this.layer.units; unit++) {
        const said = this.said(unit, step);
        lines.push([step, unit, said, said * this.factor(unit, step)].join(","));
      }
    return `${lines.join("\n")}\n`;
  }

  writeCode(): string {
    const { input, units } = this.layer;
    const probability = Number((1 - this.keep).toFixed(3));
    return [
      "import torch",
      "",
      `lstm = torch.nn.LSTM(${input.shape[2]}, ${units}, num_layers=2, dropout=${probability})`,
      "lstm.train()  # values between the layers are dropped, others at every step",
      "lstm.eval()  # nothing is dropped",
      "",
    ].join("\n");
  }
}
