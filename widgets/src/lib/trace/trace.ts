// Reads what a TraceModel carries: the arrays of a recorded trace, as one binary buffer sent once.

import type { AnyModel } from "@anywidget/types";
import { copyFloats } from "./floats";

/** One array, (step, sequence, unit) in C order. */
export interface Block {
  shape: [number, number, number];
  data: Float32Array;
}

/** One matrix or vector of weights, (rows, columns) in C order. */
export interface Matrix {
  shape: [number, number];
  data: Float32Array;
}

export interface Layer {
  name: string;
  kind: string;
  nonlinearity: string;
  /** Whether it runs from the last step to the first. */
  reverse: boolean;
  /** hidden, cell, every gate and, after a backward pass, grad_hidden and grad_cell; in this order. */
  arrays: Map<string, Block>;
  gates: string[];
  input: Block;
  initialHidden: Matrix;
  initialCell: Matrix | null;
  weights: Map<string, Matrix>;
  /** Valid steps of each sequence. */
  lengths: number[];
  steps: number;
  sequences: number;
  /** Units of the hidden state; an LSTM with a projection has more in its gates and its cell state. */
  units: number;
}

/** What a layer reads and goes on from; other layers by their place in the trace. */
export interface Feed {
  /** The layers whose hidden states it reads, side by side; none where it reads data, or what is made of them unknown. */
  layers: number[];
  /** What dropout multiplied these with, where it did. */
  mask: Block | null;
  /** For a layer that reads data: the first layer that reads the same data. −1 for one that reads layers. */
  data: number;
  /** The layers from which what it reads was computed, in a way that is not known; empty where not even they are. */
  unknown: number[] | null;
  /** The layer from whose final state this one starts, where it continues another. */
  origin?: number;
  /** Which states it takes over from there. */
  takes: string[];
  /** The layers from whose final states its own start was computed, in a way that is not known. */
  unknownOrigins: number[];
}

export interface Trace {
  layers: Layer[];
  /** What stands under each step of each sequence (characters, words, dates), where the author gave it. */
  labels: string[][] | null;
  modules: Module[];
  /** For each layer what it reads and goes on from, as it was recorded. */
  feeds: Feed[];
}

/** One of the modules that were recorded: enough to make another like it. */
export interface Module {
  path: string;
  layers: string[];
  /** What the layers are called where the module is recorded alone. */
  alone: string[];
  kind: string;
  /** Features that it reads; or how Python names their number. */
  inputs: number | string;
  /** The other arguments of its constructor, as Python writes them. */
  options: string[];
  /** Of what it read: time, batch, feature. */
  shape: [number, number, number];
  lengths: number[];
  backward: boolean;
  /** The modules that it reads, by their place, and the rate of dropout between; null where it reads data. */
  reads?: { modules: number[]; dropout: number } | null;
}

/** Where one array lies in a widget's buffer. */
export interface Entry {
  shape: number[];
  offset: number;
}

/** A model's binary buffer as floats, and a function that takes one array out of it, without copying. */
export function readFloats(model: AnyModel): (entry: Entry) => Float32Array {
  const floats = copyFloats(model.get("data"));
  return ({ shape, offset }) =>
    floats.subarray(offset, offset + shape.reduce((product, n) => product * n, 1));
}

interface LayerHeader {
  name: string;
  kind: string;
  nonlinearity: string;
  reverse: boolean;
  gates: string[];
  lengths: number[];
  arrays: Record<string, Entry>;
  input: Entry;
  initial_hidden: Entry;
  initial_cell: Entry | null;
  weights: Record<string, Entry>;
  reads: { layers: number[]; mask: Entry | null; data: number; unknown: number[] | null };
  start: { layer: number; states: string[]; unknown: number[] };
}

/** What a layer reads that nothing recorded lies under. */
export const readsData = (data: number): Feed => ({
  layers: [],
  mask: null,
  data,
  unknown: null,
  takes: [],
  unknownOrigins: [],
});

export function readTrace(model: AnyModel): Trace {
  const take = readFloats(model);
  const block = (entry: Entry): Block => ({ shape: entry.shape as Block["shape"], data: take(entry) });
  const matrix = (entry: Entry): Matrix => ({ shape: entry.shape as Matrix["shape"], data: take(entry) });

  const headers = model.get("layers") as LayerHeader[];
  const layers = headers.map((header): Layer => {
    const arrays = new Map(Object.entries(header.arrays).map(([name, entry]) => [name, block(entry)]));
    const [steps, sequences, units] = arrays.get("hidden")!.shape;
    return {
      name: header.name,
      kind: header.kind,
      nonlinearity: header.nonlinearity,
      reverse: header.reverse,
      arrays,
      gates: header.gates,
      input: block(header.input),
      initialHidden: matrix(header.initial_hidden),
      initialCell: header.initial_cell ? matrix(header.initial_cell) : null,
      weights: new Map(Object.entries(header.weights).map(([name, entry]) => [name, matrix(entry)])),
      lengths: header.lengths,
      steps,
      sequences,
      units,
    };
  });
  return {
    layers,
    labels: (model.get("labels") as string[][]).length ? model.get("labels") : null,
    modules: model.get("modules"),
    feeds: headers.map((header) => readFeed(header, block)),
  };
}

function readFeed({ reads, start }: LayerHeader, block: (entry: Entry) => Block): Feed {
  return {
    layers: reads.layers,
    mask: reads.mask ? block(reads.mask) : null,
    data: reads.data,
    unknown: reads.unknown,
    ...(start.layer < 0 ? {} : { origin: start.layer }),
    takes: start.states,
    unknownOrigins: start.unknown,
  };
}

/** The vector of one step of one sequence, as a view, not a copy. */
export function vectorAt(block: Block, step: number, sequence: number): Float32Array {
  const [, sequences, units] = block.shape;
  const start = (step * sequences + sequence) * units;
  return block.data.subarray(start, start + units);
}

export function valueAt(block: Block, step: number, sequence: number, unit: number): number {
  const [, sequences, units] = block.shape;
  return block.data[(step * sequences + sequence) * units + unit];
}
