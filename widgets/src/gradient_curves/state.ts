// What the curves are, for a quantity, an axis and a sequence. No drawing here.
import { type Axis, fitRange } from "../lib/draw/plot";
import { countFaults } from "../lib/words/gradient_story";
import { quote } from "../lib/words/takeaway";

export interface CurveHeader {
  name: string;
  steps: number;
  sequences: number;
  lengths: number[];
  /** Where its numbers begin, of each quantity; null where the model has none such. */
  hidden: number;
  cell: number | null;
  growth: number | null;
}

export interface Curve {
  name: string;
  /** Its place among all curves, by which it gets its colour. */
  place: number;
  /** Of one sequence, as long as that is; null where the model has no such gradient. */
  values: Float64Array | null;
  /** What no step back can exceed, where that is known. */
  bound: Float64Array | null;
}

/** A curve that there is. */
export type Drawn = Curve & { values: Float64Array };

export type Quantity = "hidden" | "cell";

type Range = [number, number];

export class CurvesState {
  bounds = true;
  sequence = 0;
  /** Names of the curves that the reader has put away. */
  hidden = new Set<string>();
  curves: Curve[] = [];
  range: Range = [0, 1];
  /** Where the reader has zoomed to in plotly, if anywhere. */
  zoom: { x: Range; y: Range } | null = null;
  private headers: CurveHeader[] = [];

  constructor(
    public quantity: Quantity,
    public log: boolean,
  ) {}

  /** Takes the curves of a sequence; a shared cursor may stand beyond the last sequence of these. */
  read(headers: CurveHeader[], data: DataView, sequence: number): void {
    const numbers = new Float64Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    this.headers = headers;
    this.sequence = Math.min(sequence, countSequences(headers) - 1);
    this.curves = headers.map((header, place) => {
      const offset = header[this.quantity];
      const values = offset === null ? null : takeColumn(numbers, header, offset, this.sequence);
      const limited = this.quantity === "hidden" && this.bounds && values;
      return { name: header.name, place, values, bound: limited ? boundOf(values, header.growth) : null };
    });
    this.range = fitRange(this.everyValue(), this.log);
  }

  private *everyValue(): Iterable<number> {
    for (const curve of this.shown()) yield* curve.values;
  }

  shown(): Drawn[] {
    return this.curves.filter(
      (curve): curve is Drawn => curve.values !== null && !this.hidden.has(curve.name),
    );
  }

  toggle(name: string): boolean {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    return !this.hidden.has(name);
  }

  /** Steps of the longest curve, as the axis has them. */
  get steps(): number {
    return Math.max(
      2,
      ...this.headers.map(({ lengths, sequences }) => lengths[Math.min(this.sequence, sequences - 1)]),
    );
  }

  get hasCell(): boolean {
    return this.headers.some((header) => header.cell !== null);
  }

  /** Whether any curve has a known upper bound. */
  get hasBound(): boolean {
    return this.quantity === "hidden" && this.headers.some((header) => header.growth !== null);
  }

  get symbol(): "h" | "c" {
    return this.quantity === "hidden" ? "h" : "c";
  }

  clampStep(step: number): number {
    return Math.max(0, Math.min(this.steps - 1, step));
  }

  axes(): { x: Axis; y: Axis } {
    return {
      x: { range: this.zoom?.x ?? [0, this.steps - 1], log: false },
      y: { range: this.zoom?.y ?? this.range, log: this.log },
    };
  }

  /** What has no place on the axes, and by which mark it is shown instead. */
  trouble(): string {
    const shown = this.shown();
    if (shown.length === 0) return "Choose a curve above to show it.";
    const faults = shown.map(({ name, values }) => ({ name, ...countFaults(values) }));
    const names = (kind: "zero" | "infinite" | "missing") =>
      faults
        .filter((fault) => fault[kind] > 0)
        .map((fault) => fault.name)
        .join(", ");
    const parts: string[] = [];
    if (this.log && names("zero"))
      parts.push(
        `▽ on the lower edge: exactly zero, which has no place on a logarithmic axis (${names("zero")}).`,
      );
    if (names("infinite")) parts.push(`△ on the upper edge: infinite (${names("infinite")}).`);
    if (names("missing")) parts.push(`× on the upper edge: not a number (${names("missing")}).`);
    return parts.join(" ");
  }

  tabulate(): string {
    const visible = this.curves.filter((curve) => curve.values);
    const lines = [["step", ...visible.map((curve) => quote(curve.name))].join(",")];
    for (let t = 0; t < this.steps; t++)
      lines.push([t, ...visible.map((curve) => curve.values![t] ?? "")].join(","));
    return `${lines.join("\n")}\n`;
  }
}

export const countSequences = (headers: CurveHeader[]): number =>
  Math.max(...headers.map((header) => header.sequences));

function takeColumn(
  numbers: Float64Array,
  header: CurveHeader,
  offset: number,
  sequence: number,
): Float64Array {
  const column = Math.min(sequence, header.sequences - 1);
  return Float64Array.from(
    { length: header.lengths[column] },
    (_, t) => numbers[offset + t * header.sequences + column],
  );
}

function boundOf(values: Float64Array, growth: number | null): Float64Array | null {
  if (growth === null) return null;
  const last = values.length - 1;
  return values.map((_, t) => values[last] * growth ** (last - t));
}
