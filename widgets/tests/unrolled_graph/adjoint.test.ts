// The gradient's way back against torch's: networks changed by hand, written by tests/widgets/test_page_adjoint.py.
import { describe, expect, it } from "vitest";
import { computeRun } from "../../src/lib/trace/cells";
import { flowAfterEdit } from "../../src/unrolled_graph/adjoint";
import type { Way } from "../../src/unrolled_graph/plan";
import { type Case, readCase } from "../lib/trace/load_case";
import written from "./adjoint.json";

/** One list a step, with one norm a sequence. */
type Norms = Partial<Record<Way, number[][]>>;

interface Changed extends Case {
  edit: { layer: number; weight: string; index: number; value: number; step: number; by: number };
  before: Norms[];
  after: Norms[];
}

const changes = written as unknown as Record<string, Changed>;

describe.each(Object.keys(changes))("%s", (name) => {
  const { edit, before, after, ...sent } = changes[name];
  const recorded = readCase(sent);
  const { feeds } = recorded;
  const unchanged = (sequence: number) => computeRun(recorded, sequence, feeds, new Map());

  function compare(flow: ReturnType<typeof flowAfterEdit>, expected: Norms[], sequence: number) {
    let largest = 0;
    recorded.layers.forEach((layer, k) => {
      for (const [way, norms] of Object.entries(expected[k]) as [Way, number[][]][])
        for (let t = 0; t < layer.lengths[sequence]; t++) {
          const told = `${way} of ${layer.name} at ${t}`;
          expect(flow.norm(way, k, t), told).toBeCloseTo(norms[t][sequence], 4);
          largest = Math.max(largest, norms[t][sequence]);
        }
    });
    expect(flow.largest).toBeCloseTo(largest, 4);
  }

  it.each([0, 1])(
    "finds the recorded gradients of sequence %i again where nothing was changed",
    (sequence) => {
      const run = unchanged(sequence);
      compare(flowAfterEdit(recorded, recorded, sequence, feeds, run, run), before, sequence);
    },
  );

  it.each([0, 1])(
    "finds torch's gradients of sequence %i after a weight and an input were changed",
    (sequence) => {
      const trace = readCase(sent);
      trace.layers[edit.layer].weights.get(edit.weight)!.data[edit.index] = edit.value;
      const run = unchanged(sequence);
      const input = Float64Array.from(run.input(0, edit.step), (value, k) =>
        k === 0 ? value + edit.by : value,
      );
      const changed = computeRun(trace, sequence, feeds, new Map([[`0/${edit.step}`, input]]));
      const flow = flowAfterEdit(recorded, trace, sequence, feeds, run, changed);
      compare(flow, after, sequence);
      // The change is one that a reader would see.
      const moved = Math.abs(flow.norm("hidden", 0, 0) - (before[0].hidden?.[0][sequence] ?? 0));
      if (!recorded.layers[0].reverse) expect(moved).toBeGreaterThan(1e-3);
    },
  );
});
