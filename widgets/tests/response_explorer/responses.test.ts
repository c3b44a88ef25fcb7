// The page's models against torch's: values written by tests/widgets/test_response_explorer.py.
import { describe, expect, it } from "vitest";
import type { Settings } from "../../src/response_explorer/responses";
import {
  countCosts,
  judgeResponse,
  MODELS,
  PRESETS,
  respond,
  sayVerdict,
  writeResponses,
} from "../../src/response_explorer/responses";
import written from "./responses.json";

interface Case {
  settings: Settings;
  steps: number;
  at: number;
  size: number;
  inputs: number[];
  found: Record<string, { influence: number[]; fate: string; says: string }>;
}
const { costs, ...cases } = written as unknown as Record<string, Case> & { costs: unknown };

describe.each(Object.entries(cases))("%s", (_, { settings, steps, at, size, inputs, found }) => {
  const x = Array.from({ length: steps }, (_, t) => inputs[t] ?? 0);
  it.each(MODELS)("%s answers as torch's model does", (name) => {
    const { influence, verdict } = respond(name, x, at, size, settings);
    found[name].influence.forEach((value, t) => {
      expect(Math.abs(influence[t] - value), `step ${t}`).toBeLessThanOrEqual(
        1e-8 * Math.max(1, Math.abs(value)),
      );
    });
    expect(verdict.fate).toBe(found[name].fate);
    expect(sayVerdict(verdict)).toBe(found[name].says);
  });
});

it("counts the costs of torch's models", () => {
  for (const [history, found] of Object.entries(costs as object))
    expect(countCosts(Number(history))).toEqual(found);
});

it("hears nothing before the impulse", () => {
  for (const name of MODELS) {
    const settings = { ...START, activation: "tanh" as const };
    const { influence } = respond(name, [1, -1, 0.5, 0.25, 1, 0, 0, 0, 0, 0], 4, 1, settings);
    expect(Array.from(influence.slice(0, 4))).toEqual([0, 0, 0, 0]);
    expect(influence[4]).not.toBe(0);
  }
});

it("keeps the promises of its examples", () => {
  const silence = new Float64Array(60);
  const fates = Object.fromEntries(
    PRESETS.map(({ name, settings }) => [
      name,
      MODELS.map((model) => respond(model, silence, 0, 1, { ...START, ...settings }).verdict.fate),
    ]),
  );
  expect(fates).toEqual({
    "Stops dead": ["stops", "stops", "stops"],
    Decays: ["stops", "decays", "decays"],
    Rings: ["stops", "decays", "decays"],
    "Never ends": ["stops", "stays", "stays"],
    Explodes: ["stops", "explodes", "explodes"],
    "Tamed by tanh": ["stops", "stays", "stays"],
  });
});

it("judges what is no number as an explosion", () => {
  expect(judgeResponse([1, Number.NaN], [1, 1]).fate).toBe("explodes");
  expect(sayVerdict(judgeResponse([1, Infinity], [1, Infinity]))).toBe("Explodes: beyond all numbers.");
  expect(judgeResponse([], []).fate).toBe("nothing");
});

it("writes code with the settings of the moment", () => {
  const code = writeResponses(START, 60, 3, 2, []);
  expect(code).toContain("feedback=0.9");
  expect(code).toContain("at=3, size=2)");
  expect(code).toContain("torch.zeros(60, 1, 1");
  expect(writeResponses(START, 2, 0, 1, [0.5, 1])).toContain("torch.tensor([0.5, 1]");
});

const START: Settings = {
  history: 8,
  window_weight: 1,
  feedback: 0.9,
  radius: 0.9,
  angle: 0,
  activation: "linear",
};
