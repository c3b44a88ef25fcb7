// A ragged batch: how long its sequences are now, and what the layers make of that. No drawing here.
import type { Run } from "../lib/trace/cells";
import type { Feed, Layer, Trace } from "../lib/trace/trace";
import { plural } from "../lib/words/format";
import { packBatch, runPadding, runSequence, sharePadding } from "./lengths";

export class BatchState {
  lengths: number[];
  /** Whether padding is read as if it were data. */
  ignoring = false;
  readonly steps: number;
  readonly sequences: number;
  readonly units: number;
  /** The layers whose outputs can be looked at: of both directions of the last one. */
  readonly tops: number[];
  top: number;
  private runs = new Map<string, Run>();

  constructor(
    readonly trace: Trace,
    private feeds: Feed[],
    readonly given: readonly number[],
  ) {
    const [first] = trace.layers;
    this.steps = first.steps;
    this.sequences = first.sequences;
    this.units = first.units;
    this.tops = trace.layers.map((_, k) => k).slice(trace.layers.at(-1)!.reverse ? -2 : -1);
    this.top = this.tops[0];
    this.lengths = [...given];
  }

  get layer(): Layer {
    return this.trace.layers[this.top];
  }

  get isReverse(): boolean {
    return this.layer.reverse;
  }

  /** Whether no length has been changed. */
  get isAsGiven(): boolean {
    return this.lengths.every((length, k) => length === this.given[k]);
  }

  /** Layers one above the other. */
  get depth(): number {
    return this.trace.layers.filter((layer) => !layer.reverse).length;
  }

  /** Gives a sequence another length, within the batch; false where it has that one. */
  setLength(sequence: number, length: number): boolean {
    const wanted = Math.max(1, Math.min(this.steps, length));
    if (wanted === this.lengths[sequence]) return false;
    this.lengths = this.lengths.map((before, k) => (k === sequence ? wanted : before));
    return true;
  }

  private runOf(sequence: number, forgetful: boolean): Run {
    const length = this.lengths[sequence];
    const key = `${sequence}/${length}/${forgetful}`;
    let run = this.runs.get(key);
    if (!run) {
      run = (forgetful ? runPadding : runSequence)(this.trace, this.feeds, sequence, length);
      this.runs.set(key, run);
    }
    return run;
  }

  isRun(sequence: number, t: number): boolean {
    return this.ignoring || t < this.lengths[sequence];
  }

  /** The step at which the final state is taken. */
  finalStep(sequence: number): number {
    return this.isReverse ? 0 : this.lastStep(sequence);
  }

  /** The last step that is run; the reverse direction starts there. */
  lastStep(sequence: number): number {
    return (this.ignoring ? this.steps : this.lengths[sequence]) - 1;
  }

  finalOf(sequence: number): ArrayLike<number> {
    return this.runOf(sequence, this.ignoring).at(this.top, "hidden", this.finalStep(sequence));
  }

  /** The output of a step, null where none is computed. */
  outputAt(sequence: number, t: number): ArrayLike<number> | null {
    return this.isRun(sequence, t) ? this.runOf(sequence, this.ignoring).at(this.top, "hidden", t) : null;
  }

  /** The same in the packed batch, where the lengths always count. */
  packedAt(sequence: number, t: number): ArrayLike<number> | null {
    return t < this.lengths[sequence] ? this.runOf(sequence, false).at(this.top, "hidden", t) : null;
  }

  inputAt(sequence: number, t: number): ArrayLike<number> | null {
    const { input } = this.trace.layers[0];
    return t < this.lengths[sequence]
      ? input.data.subarray((t * this.sequences + sequence) * input.shape[2])
      : null;
  }

  tell(step: number, chosen: number): string {
    const { ignoring } = this;
    const length = this.lengths[chosen];
    const total = this.lengths.reduce((sum, each) => sum + each, 0);
    const share = Math.round(100 * sharePadding(this.lengths));
    const taken = `Its final state is taken at t = ${this.finalStep(chosen)}`;
    const about = this.isReverse
      ? `Backwards, sequence ${chosen} starts at t = ${this.lastStep(chosen)}. ${taken}.`
      : `Sequence ${chosen} has ${plural(length, "step")}. ${taken}.`;
    const now =
      step < length
        ? `At t = ${step} it is running.`
        : ignoring
          ? `At t = ${step} it has ended, and the layer reads padding: its state drifts on.`
          : `At t = ${step} it has ended: its output is 0, and its state is kept.`;
    const cost = ignoring
      ? "Without lengths every padded step is computed, and final states are those after the padding."
      : `Packed, ${total} steps are computed; ${share} % of the padded batch is padding.`;
    return `${about} ${now} ${cost}`;
  }

  /** What `pack_padded_sequence` is given and makes of it. */
  tellPacked(): string[] {
    const packed = packBatch(this.lengths);
    const list = (numbers: number[]) => `[${numbers.join(", ")}]`;
    const isSorted = packed.sorted.every((sequence, place) => sequence === place);
    return [
      `lengths = ${list(this.lengths)}`,
      `batch_sizes = ${list(packed.batchSizes)}`,
      ...(isSorted
        ? ["sorted already"]
        : [`sorted_indices = ${list(packed.sorted)}`, `unsorted_indices = ${list(packed.unsorted)}`]),
    ];
  }

  tabulate(): string {
    const names = Array.from({ length: this.units }, (_, unit) => `h${unit}`).join(",");
    const lines = [`sequence,step,mask,final,${names}`];
    for (let sequence = 0; sequence < this.sequences; sequence++)
      for (let t = 0; t < this.steps; t++) {
        const values = this.outputAt(sequence, t) ?? new Array(this.units).fill(0);
        const flags = [Number(t < this.lengths[sequence]), Number(t === this.finalStep(sequence))];
        lines.push([sequence, t, ...flags, ...Array.from(values)].join(","));
      }
    return `${lines.join("\n")}\n`;
  }

  writeLines(): string {
    const { input, kind, nonlinearity } = this.trace.layers[0];
    const options = [
      input.shape[2],
      this.units,
      ...(this.depth > 1 ? [`num_layers=${this.depth}`] : []),
      ...(this.tops.length > 1 ? ["bidirectional=True"] : []),
      ...(nonlinearity === "relu" ? ['nonlinearity="relu"'] : []),
    ];
    return [
      "import torch",
      "import rnnviz_widgets as rw",
      "",
      `model = torch.nn.${kind}(${options.join(", ")})  # or your own`,
      `x = torch.randn(${input.shape.join(", ")})  # (time, batch, feature)`,
      `lengths = torch.tensor([${this.lengths.join(", ")}])`,
      "packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)",
      "output, final = model(packed)",
      "output, lengths = torch.nn.utils.rnn.pad_packed_sequence(output)",
      "rw.LengthsExplorer(model, x, lengths.tolist())",
      "",
    ].join("\n");
  }
}
