// From which value to which a map's colours run: by what the array is, or by what is in one map, a layer, or all.

import type { Block, Layer, Trace } from "../trace/trace";
import { isValve } from "./colours";

export const RANGES = {
  kind: "by kind",
  map: "each map's own",
  layer: "one for the layer",
  all: "one for all layers",
} as const;

export type RangeChoice = keyof typeof RANGES;

export interface Range {
  low: number;
  high: number;
}

/**
 * A gate runs from 0 to 1 and everything else from −limit to limit, except in a map that has its own range: there a
 * gate's colours run from its lowest to its highest value, so that small movements show.
 *
 * Gradients are measured in another unit than states, so that they share their limit only among themselves.
 */
export function rangeOf(
  choice: RangeChoice,
  trace: Trace,
  layer: Layer,
  name: string,
  sequence: number,
): Range {
  const block = layer.arrays.get(name)!;
  if (isValve(name)) {
    if (choice !== "map") return { low: 0, high: 1 };
    const [low, high] = extent(block, layer.lengths, sequence);
    return low < high ? { low, high } : { low: 0, high: 1 };
  }
  if (choice === "kind" && isBounded(layer, name)) return { low: -1, high: 1 };
  if (choice === "kind" || choice === "map") return around(largest(block, layer.lengths, sequence));
  const layers = choice === "layer" ? [layer] : trace.layers;
  const alike = layers.flatMap((one) =>
    [...one.arrays]
      .filter(([other]) => !isValve(other) && isGradient(other) === isGradient(name))
      .map(([, array]) => largest(array, one.lengths)),
  );
  return around(Math.max(...alike));
}

export const isGradient = (name: string): boolean => name.startsWith("grad_");

/** Whether an array lies between −1 and 1 by its definition. */
export const isBounded = (layer: Layer, name: string): boolean =>
  name === "candidate" || (name === "hidden" && layer.nonlinearity !== "relu");

const around = (limit: number): Range => ({ low: -(limit || 1), high: limit || 1 });

function largest(block: Block, lengths: number[], sequence?: number): number {
  const [low, high] = extent(block, lengths, sequence);
  return low > high ? 0 : Math.max(Math.abs(low), Math.abs(high));
}

/** Lowest and highest finite value over the valid steps of one sequence, or of all. */
export function extent(block: Block, lengths: number[], only?: number): [number, number] {
  const [steps, sequences, units] = block.shape;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let t = 0; t < steps; t++)
    for (let k = only ?? 0; k <= (only ?? sequences - 1); k++) {
      if (t >= lengths[k]) continue;
      const start = (t * sequences + k) * units;
      for (let place = start; place < start + units; place++) {
        const value = block.data[place];
        if (!Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  return [low, high];
}
