// Which layer stands where in the unrolled graph, and what the page adds to a recording: readout, hand-over, masks.
import { describe, expect, it } from "vitest";
import { computeRun, recordedRun } from "../../src/lib/trace/cells";
import type { Trace } from "../../src/lib/trace/trace";
import { readsData } from "../../src/lib/trace/trace";
import { placeRows, readPlan } from "../../src/unrolled_graph/plan";
import { loadCase } from "../lib/trace/load_case";

interface Sent {
  [key: string]: unknown;
}

function plan(trace: Trace, floats: number[] = [], sent: Sent = {}) {
  const layers = trace.layers.length;
  const whole = {
    starts: trace.layers.map(({ sequences }) => new Array(sequences).fill(0)),
    readout: null,
    flow: new Array(layers).fill(null),
    in_cost: null,
    inputs_at: null,
    outputs_at: null,
    ...sent,
  };
  const state: Record<string, unknown> = {
    plan: whole,
    data: new DataView(new Float32Array(floats).buffer),
  };
  return readPlan({ get: (key: string) => state[key] } as never, trace);
}

const readout = (activation: string, floats: number[]) => ({
  floats,
  sent: {
    readout: {
      layers: [1],
      activation,
      weight: { shape: [2, 4], offset: 0 },
      bias: { shape: [1, 2], offset: 8 },
    },
  },
});

describe("a readout", () => {
  const trace = loadCase("tanh");
  const { floats, sent } = readout("identity", [1, 0, 0, 0, 0, -2, 0, 1, 0.5, -0.25]);

  it("is a linear layer on top of the last one", () => {
    const { trace: drawn, feeds, rows, readout: at } = plan(trace, floats, sent);
    expect(at).toBe(2);
    expect(feeds[2].layers).toEqual([1]);
    expect(rows.at(-1)).toMatchObject({ what: "y", units: 2 });
    const run = recordedRun(drawn, 1);
    const [a, b, , d] = Array.from(run.at(1, "hidden", 3));
    expect(run.at(2, "hidden", 3)[0]).toBeCloseTo(a + 0.5, 6);
    expect(run.at(2, "hidden", 3)[1]).toBeCloseTo(-2 * b + d - 0.25, 6);
  });

  it("gives probabilities through a softmax", () => {
    const { trace: drawn } = plan(trace, floats, readout("softmax", floats).sent);
    const plain = recordedRun(plan(trace, floats, sent).trace, 0);
    const shares = recordedRun(drawn, 0).at(2, "hidden", 2);
    const [p, q] = Array.from(plain.at(2, "hidden", 2), Math.exp);
    expect(shares[0]).toBeCloseTo(p / (p + q), 6);
    expect(shares[0] + shares[1]).toBeCloseTo(1, 6);
  });

  it("follows a change of the layer below it", () => {
    const { trace: drawn, feeds } = plan(trace, floats, sent);
    const changed = Float64Array.from(recordedRun(drawn, 0).input(0, 1), (value) => value + 1);
    const before = computeRun(drawn, 0, feeds, new Map());
    const after = computeRun(drawn, 0, feeds, new Map([["0/1", changed]]));
    expect(after.at(2, "hidden", 0)).toEqual(before.at(2, "hidden", 0));
    expect(after.at(2, "hidden", 3)[0]).not.toBeCloseTo(before.at(2, "hidden", 3)[0], 8);
  });
});

describe("a layer that continues another", () => {
  // The second layer as the decoder of the first, two columns behind for sequence 1.
  const recorded = loadCase("tanh");
  const [reader, writer] = recorded.feeds;
  const trace = { ...recorded, feeds: [reader, { ...writer, origin: 0, takes: ["hidden"] }] };
  const made = plan(trace, [], {
    starts: [
      [0, 0],
      [4, 2],
    ],
  });

  it("stands behind it and runs from its own first step", () => {
    expect([made.steps(0), made.steps(1)]).toEqual([8, 6]);
    expect([3, 4, 7, 8].map((column) => made.stepOf(1, column, 0))).toEqual([-1, 0, 3, -1]);
    expect([made.stepOf(0, 3, 0), made.stepOf(0, 4, 0), made.stepOf(1, 2, 1)]).toEqual([3, -1, 0]);
  });

  it("starts from the state that the other one ends with, also after a change", () => {
    const changed = Float64Array.from([5, 5, 5]);
    const run = computeRun(made.trace, 0, made.feeds, new Map([["0/3", changed]]));
    expect(run.before(1, "hidden", 0)).toEqual(run.at(0, "hidden", 3));
  });

  it("shares its line", () => {
    const rows = placeRows(trace.layers, [readsData(0), readsData(1)], (k) => k === 1);
    expect(rows.map(({ layer, what, slot }) => [layer, what, slot])).toEqual([
      [0, "x", 0],
      [0, "hidden", 1],
      [1, "x", 0],
      [1, "hidden", 1],
    ]);
  });
});

it("draws inputs and outputs where they are used, and leaves steps out of the cost", () => {
  const { floats, sent } = readout("identity", [1, 0, 0, 0, 0, -2, 0, 1, 0.5, -0.25]);
  const steps = (...on: number[]) => [0, 1].map(() => [0, 1, 2, 3].map((k) => on.includes(k)));
  const made = plan(loadCase("tanh"), floats, {
    ...sent,
    inputs_at: steps(0),
    outputs_at: steps(3),
    in_cost: steps(2, 3),
  });
  const at = (what: string) =>
    [0, 1, 2, 3].filter((k) => made.isAt(made.rows.find((row) => row.what === what)!, k, 0));
  expect([at("x"), at("hidden"), at("y")]).toEqual([[0], [0, 1, 2, 3], [3]]);
  expect([0, 1, 2, 3].map((k) => made.isInCost(k, 1))).toEqual([false, false, true, true]);
  expect(made.hasCost).toBe(true);
});

it("knows the gradient's ways and the largest of them", () => {
  const made = plan(loadCase("tanh"), [0, 0, 1, 0, 2, 0, 3, 9, 0, 0, 0, 0, 0, 0, 0.5, 0], {
    flow: [{ above: { shape: [4, 2], offset: 0 }, hidden: { shape: [4, 2], offset: 8 } }, null],
  });
  const { norm, largest } = made.flow(0);
  expect([norm("above", 0, 2), norm("hidden", 0, 3), norm("cell", 0, 1)]).toEqual([2, 0.5, 0]);
  expect([largest, made.flow(1).largest]).toEqual([3, 9]);
  expect(norm("above", 1, 0)).toBe(0);
  // Of a cell whose formula is unknown only the whole is known.
  const whole = plan(loadCase("tanh"), [0, 0, 1, 0, 2, 0, 3, 9], {
    flow: [{ total: { shape: [4, 2], offset: 0 } }, null],
  });
  expect([whole.flow(0).norm("total", 0, 2), whole.flow(0).norm("above", 0, 2)]).toEqual([2, 0]);
  expect(whole.flow(1).largest).toBe(9);
  expect([whole.tellsOnlyTotal(0), made.tellsOnlyTotal(0), whole.tellsOnlyTotal(1)]).toEqual([
    true,
    false,
    false,
  ]);
});
