// @vitest-environment jsdom
import { expect, test } from "vitest";
import { recordedRun } from "../../../src/lib/trace/cells";
import { describeStep } from "../../../src/lib/words/equations";
import { loadCase } from "../trace/load_case";

const linesOf = (name: string) => {
  const trace = loadCase(name);
  const selection = { layer: trace.layers[0], layerIndex: 0, step: 1, unit: 0 };
  return describeStep(recordedRun(trace, 0), selection).map((line) => line.textContent ?? "");
};

test("a layer with a bias has it in its formula and in its sum", () => {
  const [formula, sum] = linesOf("tanh");
  expect(formula).toMatch(/\+\s*b\)$/);
  expect(sum.match(/\+/g)).toHaveLength(2);
});

test("a layer without a bias has no b, and no 0 in its place", () => {
  const [formula, sum] = linesOf("relu without bias");
  expect(formula).not.toContain("b");
  expect(formula.match(/\+/g)).toHaveLength(1);
  expect(sum.match(/\+/g)).toHaveLength(1);
});
