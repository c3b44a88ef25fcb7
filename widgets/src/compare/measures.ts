// What two or three traces are compared by: one number a step for each, and the difference of two arrays.
import { type Block, type Layer, valueAt, vectorAt } from "../lib/trace/trace";

export const MEASURES = {
  state: "size of the hidden state, ‖hₜ‖",
  gradient: "size of the gradient, ‖∂L/∂hₜ‖",
  unit: "the chosen unit’s value",
} as const;

export type Measure = keyof typeof MEASURES;

/** The measure at each valid step of one sequence; empty where this trace has no such array. */
export function measureOf(
  measure: Measure,
  layer: Layer,
  sequence: number,
  block: Block | undefined,
  unit: number,
): number[] {
  const steps = Array.from({ length: layer.lengths[sequence] }, (_, t) => t);
  if (measure === "unit")
    return block ? steps.map((t) => valueAt(block, t, sequence, Math.min(unit, block.shape[2] - 1))) : [];
  const array = layer.arrays.get(measure === "state" ? "hidden" : "grad_hidden");
  return array ? steps.map((t) => Math.hypot(...vectorAt(array, t, sequence))) : [];
}

/** The second array less the first, value by value; null where they are of different sizes, or one is missing. */
export function subtract(
  first: Block | undefined,
  second: Block | undefined,
): ((step: number, sequence: number, unit: number) => number) | null {
  if (!first || !second || first.shape.some((size, axis) => size !== second.shape[axis])) return null;
  return (step, sequence, unit) =>
    valueAt(second, step, sequence, unit) - valueAt(first, step, sequence, unit);
}

/** Labels for so many steps: blank where a sequence has ended before another. */
export const alignSteps = (labels: string[], steps: number): string[] =>
  Array.from({ length: steps }, (_, t) => labels[t] ?? "");
