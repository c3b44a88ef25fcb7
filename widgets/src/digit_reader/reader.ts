// A classifier that reads rows: its states at every row, and what it would answer if the rows ended there.
import type { AnyModel } from "@anywidget/types";
import { stepLayer } from "../lib/trace/cells";
import { softmax } from "../lib/trace/softmax";
import type { Entry, Layer, Matrix } from "../lib/trace/trace";
import { readFloats } from "../lib/trace/trace";
import type { Ink } from "./ink";

export interface Reader {
  layers: Layer[];
  /** From the topmost state to one logit a class. */
  decide: { weight: Matrix; bias: Matrix };
  classes: number;
}

interface Header {
  name: string;
  kind: string;
  nonlinearity: string;
  units: number;
  gates: string[];
  weights: Record<string, Entry>;
}

/** Everything that happens while an image is read. */
export interface Reading {
  /** `states[layer][row]`: every gate and state of that layer after that row, by name. */
  states: Record<string, Float64Array>[][];
  /** `opinions[row]`: a probability for each class. */
  opinions: Float64Array[];
}

export function readReader(model: AnyModel, rows: number): Reader {
  const take = readFloats(model);
  const matrix = (entry: Entry): Matrix => ({ shape: entry.shape as Matrix["shape"], data: take(entry) });
  const layers = (model.get("layers") as Header[]).map((header): Layer => {
    const weights = new Map(Object.entries(header.weights).map(([name, entry]) => [name, matrix(entry)]));
    const initial: Matrix = { shape: [1, header.units], data: new Float32Array(header.units) };
    return {
      ...header,
      weights,
      reverse: false,
      arrays: new Map(),
      input: { shape: [rows, 1, weights.get("weight_ih")!.shape[1]], data: new Float32Array(0) },
      initialHidden: initial,
      initialCell: header.kind === "LSTM" ? initial : null,
      lengths: [rows],
      steps: rows,
      sequences: 1,
    };
  });
  const { weight, bias } = model.get("decide") as Record<"weight" | "bias", Entry>;
  return {
    layers,
    decide: { weight: matrix(weight), bias: matrix(bias) },
    classes: weight.shape[0],
  };
}

/** Reads an image from its first row to its last. */
export function readInk({ layers, decide, classes }: Reader, { rows, columns, data }: Ink): Reading {
  const states: Reading["states"] = [];
  let inputs: ArrayLike<number>[] = Array.from({ length: rows }, (_, row) =>
    data.subarray(row * columns, (row + 1) * columns),
  );
  for (const layer of layers) {
    let hidden: ArrayLike<number> = layer.initialHidden.data;
    let cell: ArrayLike<number> | null = layer.initialCell?.data ?? null;
    const run = inputs.map((x) => {
      const named = stepLayer(layer, x, hidden, cell);
      hidden = named.hidden;
      cell = named.cell ?? null;
      return named;
    });
    states.push(run);
    inputs = run.map((named) => named.hidden);
  }
  const { weight, bias } = decide;
  const units = weight.shape[1];
  const opinions = inputs.map((hidden) => {
    const logits = new Float64Array(classes);
    for (let k = 0; k < classes; k++) {
      logits[k] = bias.data[k];
      for (let unit = 0; unit < units; unit++) logits[k] += weight.data[k * units + unit] * hidden[unit];
    }
    return softmax(logits);
  });
  return { states, opinions };
}

/** The class with the largest probability; −1 where they are no numbers. */
export function favourite(opinion: ArrayLike<number>): number {
  let best = -1;
  for (let k = 0; k < opinion.length; k++)
    if (opinion[k] >= 0 && (best < 0 || opinion[k] > opinion[best])) best = k;
  return best;
}

/** The rows, counted from 0, after which the favourite is another than the row before; the first is none of them. */
export function changesOfMind(opinions: readonly ArrayLike<number>[]): number[] {
  const favourites = opinions.map(favourite);
  return favourites.flatMap((now, row) => (row > 0 && now !== favourites[row - 1] ? [row] : []));
}

export const percent = (share: number): string =>
  share > 0.995 && share < 1 ? "> 99 %" : `${Math.round(100 * share)} %`;

/** What a reader who does not see the picture needs: the answer, and how it came about. */
export function sayReading(opinions: readonly ArrayLike<number>[], blank: boolean): string {
  const answer = (row: number) => {
    const best = favourite(opinions[row]);
    return `${best} (${percent(opinions[row][best])})`;
  };
  const last = opinions.length - 1;
  if (opinions.some((opinion) => favourite(opinion) < 0))
    return "The network answers with values that are no numbers: its weights or the drawing are not finite.";
  if (blank) return `The pad is empty. To ${last + 1} blank rows the network says ${answer(last)}.`;
  const changes = changesOfMind(opinions);
  if (changes.length === 0) return `From row 1 on it thinks ${answer(last)}, and it never changes its mind.`;
  const told = changes.length > 4 ? changes.slice(-4) : changes;
  const list = told.map((row) => `after row ${row + 1} to ${answer(row)}`);
  const words = list.length > 1 ? `${list.slice(0, -1).join(", ")} and ${list.at(-1)}` : list[0];
  const often =
    changes.length > 4 ? `It changes its mind ${changes.length} times, at last` : "It changes its mind";
  return `After row 1 the network thinks ${answer(0)}. ${often} ${words}. After row ${last + 1} it says ${answer(last)}.`;
}
