// What the network makes of a sequence: as it was recorded, run again in the page, or as Python answered.
import type { AnyModel } from "@anywidget/types";
import { computeRun, type Run, recordedRun } from "../lib/trace/cells";
import { copyFloats } from "../lib/trace/floats";
import { softmax } from "../lib/trace/softmax";
import { type Entry, type Matrix, readFloats, type Trace } from "../lib/trace/trace";
import { type Hold, readAnswer, valueHeld } from "./holds";

/** A run of one sequence: any array of any layer, and the probabilities it ends with. */
export interface Outcome {
  at(layer: number, name: string, step: number, unit: number): number;
  shares: Float64Array;
}

/** What Python says of a sequence in which something is held. */
interface Answer {
  sequence: number;
  /** By layer and array; what is not there is as it was recorded. */
  arrays: Record<string, Record<string, Entry>>;
  logits: Entry;
}

const sizeOf = ({ shape }: Entry) => shape.reduce((product, n) => product * n, 1);

export class Outcomes {
  /** Whether the page can run the network itself. */
  readonly inPage: boolean;
  /** Whether a word can be put in another's place. */
  readonly replaces: boolean;
  private logits: Matrix;
  private weight: Matrix | null;
  private bias: Matrix | null;
  private embedding: Matrix | null;

  constructor(
    private model: Pick<AnyModel, "get">,
    private trace: Trace,
  ) {
    const take = readFloats(model as AnyModel);
    const tables: Record<string, Entry> = model.get("tables");
    const table = (name: string): Matrix | null =>
      tables[name] ? { shape: tables[name].shape as Matrix["shape"], data: take(tables[name]) } : null;
    this.logits = table("logits")!;
    [this.weight, this.bias, this.embedding] = ["weight", "bias", "embedding"].map(table);
    this.inPage = model.get("by_page");
    this.replaces = this.embedding !== null;
  }

  /** With what is held, and with other words at some steps. */
  run(sequence: number, held: readonly Hold[], words: ReadonlyMap<number, number>): Outcome {
    const { layers, feeds } = this.trace;
    const inputs = new Map([...words].map(([step, word]) => [`0/${step}`, this.embed(word)]));
    const run =
      held.length === 0 && inputs.size === 0
        ? recordedRun(this.trace, sequence)
        : computeRun(this.trace, sequence, feeds, inputs, (layer, gate, unit, step) =>
            valueHeld(held, layers[layer].name, gate, unit, step),
          );
    const top = layers.length - 1;
    const hidden = run.at(top, "hidden", layers[top].lengths[sequence] - 1);
    return { at: readRun(run), shares: readAnswer(hidden, this.weight!, this.bias) };
  }

  recorded(sequence: number): Outcome {
    const classes = this.logits.shape[1];
    const row = this.logits.data.subarray(sequence * classes, (sequence + 1) * classes);
    return { at: readRun(recordedRun(this.trace, sequence)), shares: softmax(Float64Array.from(row)) };
  }

  /** What Python answered last, where it speaks of this sequence. */
  answered(sequence: number): Outcome | null {
    const answer: Answer | null = this.model.get("answer");
    if (answer?.sequence !== sequence) return null;
    const floats = copyFloats(this.model.get("answer_data"));
    const part = (entry: Entry) => floats.subarray(entry.offset, entry.offset + sizeOf(entry));
    const recorded = readRun(recordedRun(this.trace, sequence));
    return {
      at: (layer, name, step, unit) => {
        const entry = answer.arrays[this.trace.layers[layer].name]?.[name];
        return entry ? part(entry)[step * entry.shape[1] + unit] : recorded(layer, name, step, unit);
      },
      shares: softmax(Float64Array.from(part(answer.logits))),
    };
  }

  private embed(word: number): Float64Array {
    const { shape, data } = this.embedding!;
    return Float64Array.from(data.subarray(word * shape[1], (word + 1) * shape[1]));
  }
}

const readRun =
  (run: Run): Outcome["at"] =>
  (layer, name, step, unit) =>
    run.at(layer, name, step)[unit];
