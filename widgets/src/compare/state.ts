// Two or three traces under one cursor: which layer and array of each is looked at, and what they say. No drawing here.
import { extent, isBounded, type Range, rangeOf } from "../lib/draw/map_range";
import { fitRange } from "../lib/draw/plot";
import { capDecades } from "../lib/draw/step_curves";
import { type Block, type Layer, type Trace, valueAt } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray } from "../lib/words/sayings";
import {
  labelsFor,
  moduleOf,
  quote,
  tabulateLayers,
  write,
  writeOptions,
  writeProgram,
  writeRecordings,
} from "../lib/words/takeaway";
import { MEASURES, type Measure, measureOf, subtract } from "./measures";

const LABELS = ["A", "B", "C"];

export interface Side {
  /** Its name as the reader gave it, and with its letter. */
  name: string;
  title: string;
  trace: Trace;
  layer: Layer;
  place: number;
}

export class CompareState {
  readonly sides: Side[];
  measure: Measure = "state";
  /** Whether all maps have the same colours. */
  common = true;
  wantsDifference = false;
  /** Where the shared cursor is. */
  private wanted = 0;

  constructor(
    traces: Trace[],
    names: string[],
    layers: string[],
    public array: string,
  ) {
    this.sides = traces.map((trace, place) => ({
      name: names[place],
      title: `${LABELS[place]}: ${names[place]}`,
      trace,
      layer: trace.layers.find((one) => one.name === layers[place])!,
      place,
    }));
  }

  get sequences(): number {
    return Math.max(...this.sides.map(({ layer }) => layer.sequences));
  }
  get sequence(): number {
    return Math.min(this.wanted, this.sequences - 1);
  }
  set sequence(wanted: number) {
    this.wanted = wanted;
  }

  /** One with fewer sequences shows its last. */
  sequenceOf({ layer }: Side): number {
    return Math.min(this.wanted, layer.sequences - 1);
  }
  lengthOf(side: Side): number {
    return side.layer.lengths[this.sequenceOf(side)];
  }
  blockOf({ layer }: Side): Block | undefined {
    return layer.arrays.get(this.array);
  }
  labelsOf(side: Side): string[] | undefined {
    return side.trace.labels?.[this.sequenceOf(side)];
  }
  get steps(): number {
    return Math.max(...this.sides.map((side) => this.lengthOf(side)));
  }
  get units(): number {
    return Math.max(...this.sides.map((side) => this.blockOf(side)?.shape[2] ?? 1));
  }
  clampStep(step: number): number {
    return Math.max(0, Math.min(this.steps - 1, step));
  }

  chooseLayer(side: Side, name: string): void {
    side.layer = side.trace.layers.find((one) => one.name === name)!;
    this.settle();
  }

  /** Gives up an array or a measure that none of the layers has. */
  settle(): void {
    if (!this.arrays.includes(this.array)) this.array = "hidden";
    if (!this.measures.includes(this.measure)) this.measure = "state";
  }

  get arrays(): string[] {
    return [...new Set(this.sides.flatMap(({ layer }) => [...layer.arrays.keys()]))];
  }
  get measures(): Measure[] {
    const gradients = this.sides.some(({ layer }) => layer.arrays.has("grad_hidden"));
    return (Object.keys(MEASURES) as Measure[]).filter((measure) => measure !== "gradient" || gradients);
  }

  /** The value of a side's map; steps that only a longer one has hold none. */
  valueOf(side: Side, step: number, unit: number): number {
    return step < this.lengthOf(side)
      ? valueAt(this.blockOf(side)!, step, this.sequenceOf(side), unit)
      : Number.NaN;
  }

  /** From where to where the colours of a side run. */
  rangeOf(side: Side): Range {
    const range = (choice: "kind" | "map", one: Side) =>
      rangeOf(choice, one.trace, one.layer, this.array, this.sequenceOf(one));
    if (!this.common) return range("map", side);
    const all = this.sides.filter((one) => this.blockOf(one)).map((one) => range("kind", one));
    return {
      low: Math.min(...all.map(({ low }) => low)),
      high: Math.max(...all.map(({ high }) => high)),
    };
  }

  /** B − A of a step and a unit; null where the two are not of one size. */
  get difference(): ((step: number, unit: number) => number) | null {
    const [a, b] = this.sides;
    const less = this.sides.length === 2 ? subtract(this.blockOf(a), this.blockOf(b)) : null;
    return less && ((step, unit) => less(step, this.sequenceOf(a), unit));
  }

  /** The largest difference there is. */
  get largestDifference(): number {
    const less = this.difference!;
    let limit = 0;
    for (let t = 0; t < this.steps; t++)
      for (let unit = 0; unit < this.units; unit++) {
        const size = Math.abs(less(t, unit));
        if (Number.isFinite(size)) limit = Math.max(limit, size);
      }
    return limit;
  }

  curves(unit: number): number[][] {
    return this.sides.map((side) =>
      measureOf(this.measure, side.layer, this.sequenceOf(side), this.blockOf(side), unit),
    );
  }

  /** From where to where the plot of the curves reaches, as powers of ten for gradients. */
  reachOf(lines: number[][]): [number, number] {
    const log = this.measure === "gradient";
    const [low, high] = fitRange(lines.flat(), log);
    if (log) return capDecades([low, high]);
    const bounded = this.measure === "unit" && this.sides.some(({ layer }) => isBounded(layer, this.array));
    return bounded ? [Math.min(low, -1), Math.max(high, 1)] : [low, high];
  }

  sayMap(side: Side): string {
    const block = this.blockOf(side)!;
    const [low, high] = extent(block, side.layer.lengths, this.sequenceOf(side)).map((value) =>
      formatNumber(value, 2),
    );
    const size = `${plural(block.shape[2], "unit")} over ${plural(this.lengthOf(side), "step")}`;
    return `${side.name}: ${sayArray(this.array)}, ${size}, from ${low} to ${high}.`;
  }

  sayDifference(): string {
    const size = `${plural(this.units, "unit")} over ${plural(this.steps, "step")}`;
    return `Difference of the two, ${size}: at most ${formatNumber(this.largestDifference)}.`;
  }

  sayCurves(unit: number): string {
    const told = this.curves(unit).map((values, place) => {
      const [least, most] = fitRange(values, false).map((value) => formatNumber(value));
      return `${this.sides[place].name}: ${values.length ? `between ${least} and ${most}` : "none"}.`;
    });
    return `${capital(MEASURES[this.measure])} at every step. ${told.join(" ")}`;
  }

  /** What one reads of a side's map at the cursor. */
  read(side: Side, step: number, unit: number): string {
    if (step >= this.lengthOf(side)) return "ended";
    return formatNumber(this.valueOf(side, step, Math.min(unit, this.blockOf(side)!.shape[2] - 1)));
  }

  tell(step: number, unit: number): string {
    const read = this.sides
      .filter((side) => this.blockOf(side))
      .map((side) => `${side.name} ${this.read(side, step, unit).replace(/^ended$/, "has ended")}`);
    const told = this.curves(unit)
      .map((values, place) =>
        values[step] === undefined ? "" : `${this.sides[place].name} ${formatNumber(values[step])}`,
      )
      .filter(Boolean);
    const head = `t = ${step}, unit ${unit}, ${sayArray(this.array)}: ${read.join("; ")}.`;
    return `${head} ${capital(MEASURES[this.measure])}: ${told.join("; ")}.`;
  }

  tabulate(): string {
    const tables = this.sides.map((side) => {
      const table = tabulateLayers([side.layer], this.sequenceOf(side), this.labelsOf(side)).trimEnd();
      const name = quote(side.name);
      return table.split("\n").map((line, row) => `${row === 0 ? "trace" : name},${line}`);
    });
    // Traces with other arrays have other columns, so that each keeps the line that names them.
    return `${tables.map((lines) => lines.join("\n")).join("\n\n")}\n`;
  }

  writeCode(): string {
    const { sides, array } = this;
    const names = sides.map(({ name }) => name);
    const chosen = sides.map(({ trace, layer }) => moduleOf(trace.modules, layer.name));
    const { lines, renames } = writeRecordings(names, chosen);
    const layers = sides.map(({ name, layer }, k) => `${write(name)}: ${write(renames[k](layer.name))}`);
    const own = sides[0].trace.labels;
    const labels = chosen.every((one) => labelsFor(own, one)) ? own : null;
    return writeProgram(
      lines,
      `rw.Compare(traces${writeOptions({ array, labels })}, layers={${layers.join(", ")}})`,
    );
  }
}
