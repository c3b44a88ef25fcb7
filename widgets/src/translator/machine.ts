// The trained encoder and decoder, out of what Python sent.
import type { AnyModel } from "@anywidget/types";
import { type Entry, type Layer, type Matrix, readFloats } from "../lib/trace/trace";
import type { Translator } from "./translation";

interface Header {
  units: number;
  weights: Record<string, Entry>;
}

export function readMachine(model: Pick<AnyModel, "get">): Translator {
  const take = readFloats(model as AnyModel);
  const matrix = (entry: Entry): Matrix => ({ shape: entry.shape as Matrix["shape"], data: take(entry) });
  const parts = model.get("parts") as Record<string, Entry>;
  const layer = (header: Header, name: string): Layer => ({
    name,
    kind: "GRU",
    nonlinearity: "tanh",
    reverse: false,
    arrays: new Map(),
    gates: ["reset", "update", "candidate"],
    input: { shape: [1, 1, parts.read.shape[1]], data: new Float32Array(0) },
    initialHidden: { shape: [1, header.units], data: new Float32Array(header.units) },
    initialCell: null,
    weights: new Map(Object.entries(header.weights).map(([key, entry]) => [key, matrix(entry)])),
    lengths: [1],
    steps: 1,
    sequences: 1,
    units: header.units,
  });
  return {
    encoder: layer(model.get("encoder"), "encoder"),
    decoder: layer(model.get("decoder"), "decoder"),
    read: matrix(parts.read),
    recall: matrix(parts.recall),
    score: parts.score ? matrix(parts.score) : null,
    combine: parts.combine_weight
      ? { weight: matrix(parts.combine_weight), bias: matrix(parts.combine_bias) }
      : null,
    say: { weight: matrix(parts.say_weight), bias: matrix(parts.say_bias) },
    go: model.get("go"),
    end: model.get("end"),
  };
}
