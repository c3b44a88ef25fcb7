// Eigenvalues, singular values and running products of a layer's Jacobians, one sequence at a time. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { type Complex, sizeOf } from "../lib/draw/complex_plane";
import { type Entry, readFloats } from "../lib/trace/trace";
import { formatNumber } from "../lib/words/format";
import { writeCode } from "../lib/words/takeaway";

export class SpectrumState {
  readonly sequences: number;
  /** Steps of the longest sequence. */
  readonly size: number;
  private units: number;
  private eigenvalues: number;
  private arrays: Record<string, Float32Array>;
  private lengths: number[];
  private wanted = 0;

  constructor(private model: Pick<AnyModel, "get">) {
    const entries = model.get("arrays") as Record<string, Entry>;
    const take = readFloats(model as AnyModel);
    this.arrays = Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, take(entry)]));
    [this.sequences, this.size, this.units] = entries.singular.shape;
    this.eigenvalues = entries.eigenvalues.shape[2];
    this.lengths = model.get("lengths");
  }

  /** A cursor beyond the last sequence shows the last. */
  get sequence(): number {
    return this.wanted;
  }
  set sequence(wanted: number) {
    this.wanted = Math.min(wanted, this.sequences - 1);
  }
  get steps(): number {
    return this.lengths[this.sequence];
  }
  clamp(step: number): number {
    return Math.max(0, Math.min(step, this.steps - 1));
  }

  get title(): string {
    const whole = this.model.get("kind") === "LSTM" ? "of (h, c)" : "of h";
    return `Spectrum of the Jacobian ${whole} in layer ${this.model.get("layer")}`;
  }

  private at(step: number): number {
    return this.sequence * this.size + step;
  }
  eigenvaluesAt(step: number): Complex[] {
    const { eigenvalues: count, arrays } = this;
    const start = this.at(step) * count * 2;
    return Array.from({ length: count }, (_, k) => [
      arrays.eigenvalues[start + 2 * k],
      arrays.eigenvalues[start + 2 * k + 1],
    ]);
  }
  radiusAt(step: number): number {
    return Math.max(...this.eigenvaluesAt(step).map(sizeOf));
  }
  private outsideAt(step: number): number {
    return this.eigenvaluesAt(step).filter((value) => sizeOf(value) > 1).length;
  }
  /** The largest singular value has rank 0. */
  singularAt(step: number, rank: number): number {
    return this.arrays.singular[this.at(step) * this.units + rank];
  }
  normAt(step: number): number {
    return this.arrays.norm[this.at(step)];
  }

  /** The largest, the median and the smallest singular value at every step. */
  get singularValues(): Record<"largest" | "median" | "smallest", Float64Array> {
    const { units } = this;
    return {
      largest: this.series((t) => this.singularAt(t, 0)),
      median: this.series((t) => this.singularAt(t, units >> 1)),
      smallest: this.series((t) => this.singularAt(t, units - 1)),
    };
  }
  /** Norm of the running product, its bound, and the product of the spectral radii. */
  product(name: "norm" | "bound" | "radius"): Float64Array {
    return this.series((t) => this.arrays[name][this.at(t)]);
  }
  private series(pick: (step: number) => number): Float64Array {
    return Float64Array.from({ length: this.steps }, (_, t) => pick(t));
  }

  sayPlane(step: number): string {
    const radius = formatNumber(this.radiusAt(step));
    return `${this.eigenvalues} eigenvalues at t = ${step}, the largest ${radius} from the origin, ${this.outsideAt(step)} outside the unit circle.`;
  }
  saySingular(step: number): string {
    const [least, most] = [this.units - 1, 0].map((rank) => formatNumber(this.singularAt(step, rank)));
    return `Singular values at t = ${step}: from ${least} to ${most}.`;
  }
  sayProduct(step: number): string {
    return `Norm of the running product at t = ${step}: ${formatNumber(this.normAt(step))}.`;
  }
  tell(step: number): string {
    return (
      `t = ${step}: spectral radius ${formatNumber(this.radiusAt(step))}, ${this.outsideAt(step)} of ${this.eigenvalues} eigenvalues outside the circle. ` +
      `A small change in the first state has been multiplied by ${formatNumber(this.normAt(step))} so far.`
    );
  }

  tabulate(): string {
    const lines = ["step,quantity,index,value,imaginary"];
    for (let t = 0; t < this.steps; t++) {
      lines.push(...this.eigenvaluesAt(t).map(([re, im], k) => `${t},eigenvalue,${k},${re},${im}`));
      for (let k = 0; k < this.units; k++) lines.push(`${t},singular value,${k},${this.singularAt(t, k)},`);
      for (const name of ["norm", "bound", "radius"])
        lines.push(`${t},product ${name},0,${this.arrays[name][this.at(t)]},`);
    }
    return `${lines.join("\n")}\n`;
  }

  writeCode(file = ""): string {
    const module = { ...this.model.get("module"), backward: false };
    return writeCode([module], (rename) => `rw.Spectrum(trace, layer="${rename(this.model.get("layer"))}")`, {
      file,
    });
  }
}
