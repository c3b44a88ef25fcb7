// The page's arithmetic against torch's: values written by tests/widgets/test_page_cells.py.
import { describe, expect, it } from "vitest";
import { computeRun, recordedRun, sumAt } from "../../../src/lib/trace/cells";
import type { Layer } from "../../../src/lib/trace/trace";
import { cases, loadCase as load } from "./load_case";

const states = (layer: Layer) =>
  layer.arrays.has("cell") ? ["hidden", "cell", ...layer.gates] : ["hidden", ...layer.gates];

describe.each(Object.keys(cases).filter((name) => name !== "two directions"))("%s", (name) => {
  const trace = load(name);
  const feeds = trace.feeds;

  it("finds that each layer feeds the next", () => {
    expect(feeds.map(({ layers }) => layers)).toEqual(trace.layers.map((_, k) => (k ? [k - 1] : [])));
  });

  it.each([0, 1])("computes every state and gate of sequence %i as torch does", (sequence) => {
    const computed = computeRun(trace, sequence, feeds, new Map());
    const recorded = recordedRun(trace, sequence);
    trace.layers.forEach((layer, k) => {
      for (const array of states(layer))
        for (let t = 0; t < layer.steps; t++)
          Array.from(recorded.at(k, array, t)).forEach((value, unit) => {
            expect(computed.at(k, array, t)[unit], `${array} ${unit} at ${t}`).toBeCloseTo(value, 5);
          });
    });
  });

  it("changes no step before a changed input, and every layer from there on", () => {
    const before = computeRun(trace, 0, feeds, new Map());
    const changed = Float64Array.from(before.input(0, 2), (value) => value + 1);
    const after = computeRun(trace, 0, feeds, new Map([["0/2", changed]]));
    trace.layers.forEach((layer, k) => {
      for (let t = 0; t < layer.steps; t++) {
        const moved = Math.max(
          ...Array.from(before.at(k, "hidden", t), (value, unit) =>
            Math.abs(value - after.at(k, "hidden", t)[unit]),
          ),
        );
        if (t < 2) expect(moved).toBe(0);
        else expect(moved).toBeGreaterThan(0);
      }
    });
  });

  it("adds up what the equation adds up", () => {
    const layer = trace.layers[0];
    const gate = layer.gates[0] ?? "hidden";
    const sum = sumAt(
      layer,
      gate,
      1,
      recordedRun(trace, 0).input(0, 1),
      recordedRun(trace, 0).at(0, "hidden", 0),
    );
    const total = sum.fromInput + sum.fromState + sum.inputBias + sum.stateBias;
    const value = recordedRun(trace, 0).at(0, gate, 1)[1];
    const squashed =
      layer.kind !== "RNN"
        ? 1 / (1 + Math.exp(-total))
        : layer.nonlinearity === "relu"
          ? Math.max(0, total)
          : Math.tanh(total);
    expect(squashed).toBeCloseTo(value, 5);
  });
});

it("finds that both directions read the same data, and the layer above both of them", () => {
  const trace = load("two directions");
  expect(trace.layers.map(({ reverse }) => reverse)).toEqual([false, true, false, true]);
  expect(trace.feeds.map(({ layers, data }) => ({ layers, data }))).toEqual([
    { layers: [], data: 0 },
    { layers: [], data: 0 },
    { layers: [0, 1], data: -1 },
    { layers: [0, 1], data: -1 },
  ]);
});

it.each([0, 1])("computes both directions of sequence %i as torch does", (sequence) => {
  const trace = load("two directions");
  const computed = computeRun(trace, sequence, trace.feeds, new Map());
  const recorded = recordedRun(trace, sequence);
  trace.layers.forEach((layer, k) => {
    for (let t = 0; t < layer.lengths[sequence]; t++) {
      const values = Array.from(computed.at(k, "hidden", t));
      Array.from(recorded.at(k, "hidden", t)).forEach((value, unit) => {
        expect(values[unit], `${layer.name} unit ${unit} at ${t}`).toBeCloseTo(value, 5);
      });
    }
    const first = layer.reverse ? layer.lengths[sequence] - 1 : 0;
    expect(Array.from(computed.before(k, "hidden", first))).toEqual(Array.from(recorded.at(k, "hidden", -1)));
  });
});

it("lets a changed input reach both directions", () => {
  const trace = load("two directions");
  const feeds = trace.feeds;
  const before = computeRun(trace, 0, feeds, new Map());
  const changed = Float64Array.from(before.input(0, 1), (value) => value + 1);
  const after = computeRun(trace, 0, feeds, new Map([["0/1", changed]]));
  const moved = (layer: number, t: number) =>
    Array.from(before.at(layer, "hidden", t)).some(
      (value, unit) => value !== after.at(layer, "hidden", t)[unit],
    );
  const last = trace.layers[0].lengths[0] - 1;
  expect([moved(0, 0), moved(0, last)]).toEqual([false, true]);
  expect([moved(1, 0), moved(1, last)]).toEqual([true, false]);
});
