import { describe, expect, it } from "vitest";
import { recordedRun, sumAt } from "../../src/lib/trace/cells";
import { chooseTerms, isBias, listTerms, productOf } from "../../src/unrolled_graph/terms";
import { loadCase } from "../lib/trace/load_case";

describe.each(["tanh", "LSTM", "GRU", "relu without bias"])("the terms of %s", (name) => {
  const trace = loadCase(name);
  const [layer] = trace.layers;
  const run = recordedRun(trace, 0);
  const gate = layer.gates[0] ?? "hidden";
  const groups = listTerms({ layer, layerIndex: 0, step: 2, unit: 1 } as never, gate, () => run);
  const terms = groups.flatMap((group) => group.terms);

  it("add up to what the gate adds up", () => {
    const sum = sumAt(layer, gate, 1, run.input(0, 2), run.before(0, "hidden", 2));
    const total = terms.reduce((all, term) => all + productOf(layer, term), 0);
    expect(total).toBeCloseTo(sum.fromInput + sum.fromState + sum.inputBias + sum.stateBias, 5);
  });

  it("come from the input, the state and, where there is one, the bias", () => {
    const biases = layer.weights.has("bias_ih") ? ["the bias"] : [];
    expect(groups.map(({ heading }) => heading)).toEqual([
      "from the input x at this step",
      "from the state h one step before",
      ...biases,
    ]);
    expect(terms.filter(isBias).map((term) => term.name)).toEqual(
      biases.length ? ["bias (input)", "bias (state)"] : [],
    );
  });

  it("are cut to the largest, or left in their order", () => {
    const [{ terms: inputs }] = groups;
    expect(chooseTerms(layer, inputs, inputs.length)).toBe(inputs);
    const sizes = (list: typeof inputs) => list.map((term) => Math.abs(productOf(layer, term)));
    const chosen = chooseTerms(layer, inputs, 1);
    expect(sizes(chosen)).toEqual(
      sizes(inputs)
        .sort((a, b) => b - a)
        .slice(0, 1),
    );
  });
});
