// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { DIAGRAMS, STAGES } from "../../src/cell_anatomy/diagram";
import { valuesOnWires } from "../../src/cell_anatomy/values";
import { computeRun, recordedRun } from "../../src/lib/trace/cells";
import { describeStep } from "../../src/lib/words/equations";
import { loadCase } from "../lib/trace/load_case";

const select = (name: string, step: number, unit: number) => {
  const trace = loadCase(name);
  return { trace, selection: { layer: trace.layers[0], layerIndex: 0, step, unit } };
};

describe("valuesOnWires", () => {
  it.each([0, 1, 3])("an LSTM's cell state is what was kept plus what was written, at step %i", (step) => {
    const { trace, selection } = select("LSTM", step, 2);
    const v = valuesOnWires(recordedRun(trace, 1), selection);
    expect(v.kept + v.written).toBeCloseTo(v.cell, 5);
    expect(v.output * v.squashed).toBeCloseTo(v.hidden, 5);
  });
  it("a GRU's hidden state is what was kept plus what was written", () => {
    const { trace, selection } = select("GRU", 2, 4);
    const v = valuesOnWires(recordedRun(trace, 0), selection);
    expect(v.kept + v.written).toBeCloseTo(v.hidden, 5);
    expect(v.rest + v.update).toBeCloseTo(1, 6);
  });
  it("a plain unit's two sums add up to what is squashed", () => {
    const { trace, selection } = select("tanh", 1, 0);
    const v = valuesOnWires(recordedRun(trace, 0), selection);
    expect(v.squashed).toBeCloseTo(v.hidden, 5);
  });
  it.each(Object.entries(DIAGRAMS))("has a number for every chip of the %s", (kind, diagram) => {
    const { trace, selection } = select(kind === "RNN" ? "tanh" : kind, 1, 0);
    const values = valuesOnWires(recordedRun(trace, 0), selection);
    for (const wire of diagram.wires) if (wire.at) expect(values, wire.value).toHaveProperty(wire.value!);
  });
});

describe("holding gates", () => {
  const trace = loadCase("LSTM");
  const feeds = trace.feeds;

  it("with every gate open and nothing forgotten the cell adds up its candidates", () => {
    const live = STAGES[0].live;
    const run = computeRun(trace, 0, feeds, new Map(), (_layer, gate) =>
      trace.layers[0].gates.includes(gate) && !live.includes(gate) ? 1 : undefined,
    );
    let sum = recordedRun(trace, 0).at(0, "cell", -1)[1];
    for (let t = 0; t < trace.layers[0].steps; t++) {
      sum += run.at(0, "candidate", t)[1];
      expect(run.at(0, "cell", t)[1]).toBeCloseTo(sum, 10);
    }
  });

  it("states are held like gates, and what follows from them follows", () => {
    const run = computeRun(trace, 0, feeds, new Map(), (layer, name, unit, step) =>
      layer === 0 && name === "cell" && unit === 1 && step === 1 ? 0.5 : undefined,
    );
    const recorded = recordedRun(trace, 0);
    expect(run.at(0, "cell", 1)[1]).toBe(0.5);
    expect(run.at(0, "hidden", 1)[1]).toBeCloseTo(recorded.at(0, "output", 1)[1] * Math.tanh(0.5), 5);
    expect(run.at(0, "cell", 1)[0]).toBeCloseTo(recorded.at(0, "cell", 1)[0], 5);
    expect(run.at(0, "forget", 2)[0]).not.toBeCloseTo(recorded.at(0, "forget", 2)[0], 5);
  });

  it("a forget gate held shut wipes the cell at every step", () => {
    const run = computeRun(trace, 0, feeds, new Map(), (layer, gate) =>
      layer === 0 && gate === "forget" ? 0 : undefined,
    );
    for (let t = 0; t < trace.layers[0].steps; t++)
      expect(run.at(0, "cell", t)[0]).toBeCloseTo(
        run.at(0, "input", t)[0] * run.at(0, "candidate", t)[0],
        12,
      );
  });

  it("the last stage is the network itself", () => {
    expect(STAGES[STAGES.length - 1].live).toEqual(
      expect.arrayContaining(["input", "forget", "candidate", "output"]),
    );
  });

  it("a held gate shows no sum that it does not have", () => {
    const selection = { layer: trace.layers[0], layerIndex: 0, step: 1, unit: 0 };
    const lines = describeStep(recordedRun(trace, 0), selection, (gate) => gate === "forget");
    const forget = lines[1].textContent!;
    expect(forget).toContain("held");
    expect(forget).not.toContain("σ");
    expect(lines[0].textContent).toContain("σ");
  });
});
