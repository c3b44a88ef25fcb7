// What has been measured, where the slider is, and which measurement is under way. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { count } from "../lib/words/format";
import { shortNumber } from "../lib/words/prediction";
import { quote, write, writeOptions } from "../lib/words/takeaway";
import { describeSeries, insertRow, nextPlace, type Row } from "./chart";

/** As it arrives: what JSON cannot hold is written out, "NaN" and "Infinity". */
export type SentRow = (number | string)[];
const readRows = (sent: SentRow[]): Row[] => sent.map((row) => row.map(Number));

export class ExperimentState {
  readonly names: string[];
  readonly low: number;
  readonly high: number;
  /** What is varied, in the plural, and the unit of what is measured. */
  readonly x: string;
  /** The unit of what is varied, where `x` names it and is not counted: a threshold, in cm. */
  readonly xUnit: string;
  readonly unit: string;
  rows: Row[];
  /** The place whose measurement is shown. */
  place: number;
  /** The place that the slider is at. */
  wanted: number;
  /** Whether Python is there, whether anybody sees the chart, and whether the last measurement failed. */
  live = false;
  inSight = false;
  failed = false;
  /** What Python is measuring now: what the hand asked for, or a place of the curve that is still missing. */
  private waiting: "asked" | "filling" | null = null;

  constructor(private model: Pick<AnyModel, "get">) {
    this.names = model.get("names");
    [this.low, this.high] = [model.get("low"), model.get("high")];
    this.x = model.get("x");
    this.xUnit = model.get("x_unit");
    this.unit = model.get("unit");
    this.rows = readRows(model.get("points"));
    this.place = this.wanted = model.get("start");
  }

  /** What has been measured by now; a page may be drawn before there is any of it. */
  takePoints(points: SentRow[]): void {
    this.rows = readRows(points);
  }

  slideTo(place: number): void {
    this.wanted = place;
  }

  /**
   * The place to measure now, null for none. One at a time: a held slider asks for where it is now, not for all it has
   * passed. While the hand rests, the places are measured that are still missing, if somebody looks at them.
   */
  ask(): number | null {
    if (this.waiting !== null) return null;
    if (this.wanted !== this.place) {
      this.waiting = "asked";
      return this.wanted;
    }
    const fills = this.live && this.inSight && !this.failed;
    const missing = fills ? nextPlace(this.rows, this.low, this.high) : null;
    if (missing !== null) this.waiting = "filling";
    return missing;
  }

  /** An answer, with a row or without; false where none was asked for. */
  hear(sent: SentRow | undefined, failed: boolean): boolean {
    if (this.waiting === null) return false;
    const asked = this.waiting === "asked";
    this.waiting = null;
    this.failed = failed;
    if (sent === undefined) return true;
    const [row] = readRows([sent]);
    if (asked || row[0] === this.wanted) this.place = row[0];
    this.rows = insertRow(this.rows, row);
    return true;
  }

  withUnit(value: number): string {
    return this.unit && Number.isFinite(value) ? `${shortNumber(value)} ${this.unit}` : shortNumber(value);
  }

  /** Where the slider is, in words: "20 steps", "N = 20", "threshold 20 cm". */
  private get here(): string {
    const { x, xUnit, place } = this;
    if (xUnit) return `${x} ${shortNumber(place)} ${xUnit}`;
    return [...x].length === 1 ? `${x} = ${shortNumber(place)}` : count(place, x, shortNumber);
  }

  /** What stands under the horizontal axis. */
  get across(): string {
    return this.xUnit ? `${this.x}, ${this.xUnit}` : this.x;
  }

  /** What stands over the vertical axis. */
  get axis(): string {
    return [this.names.length === 1 && this.names[0], this.unit].filter(Boolean).join(", ");
  }

  tell(): string {
    const row = this.rows.find(([at]) => at === this.place);
    const here = this.here;
    if (!row) return `${here}: not measured yet.`;
    const values = this.names.map((name, at) => `${name} ${this.withUnit(row[at + 1])}`);
    return `${here}: ${values.join(", ")}.`;
  }

  sayChart(): string {
    const words = this.names.map((name, at) =>
      describeSeries(name, this.rows, at + 1, (value) => this.withUnit(value)),
    );
    return `Measured against ${this.x}. ${words.join(" ")}`;
  }

  tabulate(): string {
    const head = [this.across, ...this.names].map(quote).join(",");
    return [head, ...this.rows.map((row) => row.join(",")), ""].join("\n");
  }

  /** The measurements themselves, at the places that have been measured. */
  writeCode(): string {
    const { lines, expressions } = this.model.get("code") as { lines: string[]; expressions: string[] };
    const measures = this.names.map((name, at) => `${write(name)}: ${expressions[at]}`);
    const { low, high, x, xUnit, unit, rows } = this;
    const options = {
      low,
      high,
      x,
      x_unit: xUnit || null,
      unit: unit || null,
      first: rows.map(([at]) => at),
    };
    return [
      "import rnnviz_widgets as rw",
      ...lines,
      "",
      `rw.Experiment({${measures.join(", ")}}${writeOptions(options)})`,
      "",
    ].join("\n");
  }
}
