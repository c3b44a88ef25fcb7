import { describe, expect, it } from "vitest";
import type { Hold } from "../../src/surgery/holds";
import {
  best,
  chooseBars,
  holdable,
  lossOf,
  rangeOf,
  readAnswer,
  sayAnswer,
  sayHold,
  valueHeld,
  writeHolds,
} from "../../src/surgery/holds";

const hold = (more: Partial<Hold> = {}): Hold => ({
  layer: "l0",
  gate: "forget",
  units: null,
  from: 1,
  to: 3,
  value: 0,
  ...more,
});

describe("what is held", () => {
  it("holds where it says, and the later of two that meet", () => {
    const holds = [hold(), hold({ units: [2], value: 0.5 })];
    expect(valueHeld(holds, "l0", "forget", 0, 2)).toBe(0);
    expect(valueHeld(holds, "l0", "forget", 2, 2)).toBe(0.5);
    for (const [layer, gate, unit, step] of [
      ["l1", "forget", 0, 2],
      ["l0", "input", 0, 2],
      ["l0", "forget", 0, 0],
      ["l0", "forget", 0, 4],
    ] as const)
      expect(valueHeld(holds, layer, gate, unit, step)).toBeUndefined();
  });

  it("offers gates and states, each with its range", () => {
    const layer = { gates: ["reset", "update"], arrays: new Map([["hidden", 0]]) };
    expect(holdable(layer as never)).toEqual(["reset", "update", "hidden"]);
    expect(rangeOf("update")).toEqual([0, 1]);
    expect(rangeOf("cell")).toEqual([-3, 3]);
    expect(rangeOf("hidden")).toEqual([-1, 1]);
  });

  it("is told in words", () => {
    const labels = ["I", "grew", "up", "in", "France"];
    expect(sayHold(hold(), labels, 5, false)).toBe(
      "Forget gate at 0.00, all units, from “grew” (1) to “in” (3)",
    );
    expect(sayHold(hold({ units: [4], to: 1 }), undefined, 5, true)).toBe(
      "Forget gate of l0 at 0.00, unit 4, at step 1",
    );
    expect(sayHold(hold({ units: [1, 2, 3], from: 0, to: 9 }), labels, 5, false)).toBe(
      "Forget gate at 0.00, units 1 to 3, at every step",
    );
    expect(sayHold(hold({ units: [1, 4] }), labels, 5, false)).toContain("units 1, 4");
  });

  it("is written as Python", () => {
    const code = writeHolds([hold(), hold({ units: [1, 2], value: 0.5 })], 2);
    expect(code).toContain(
      'stack.enter_context(rv.intervene(model, layer="l0", gate="forget", steps=slice(1, 4), value=0))',
    );
    expect(code).toContain("units=[1, 2], steps=slice(1, 4), value=0.5))");
    expect(code).toContain("print(logits[2].softmax(-1).topk(5))");
  });
});

describe("the answer", () => {
  const weight = { shape: [3, 2] as [number, number], data: new Float32Array([1, 0, 0, 1, -1, -1]) };

  it("is a linear layer's, as probabilities", () => {
    const bias = { shape: [1, 3] as [number, number], data: new Float32Array([0, 0.5, 0]) };
    const shares = readAnswer([2, 1], weight, bias);
    const powers = [Math.exp(2), Math.exp(1.5), Math.exp(-3)];
    const sum = powers.reduce((total, power) => total + power);
    powers.forEach((power, k) => {
      expect(shares[k]).toBeCloseTo(power / sum, 12);
    });
    expect(readAnswer([2, 1], weight, null)[1]).toBeCloseTo(
      Math.E / (Math.exp(2) + Math.E + Math.exp(-3)),
      12,
    );
  });

  it("shows the right one and those that had or have most", () => {
    const before = [0.7, 0.1, 0.05, 0.1, 0.05];
    const now = [0.1, 0.2, 0.01, 0.6, 0.09];
    expect(chooseBars(before, now, 2, 3)).toEqual([3, 0, 2]);
    expect(chooseBars(before, now, undefined, 3)).toEqual([3, 1, 0]);
    expect(best(now)).toBe(3);
    expect(lossOf(now, 3)).toBeCloseTo(0.5108, 4);
  });

  it("is told in words", () => {
    const classes = ["red", "green"];
    expect(sayAnswer(classes, [0.9, 0.1], [0.9, 0.1], 0, 0)).toBe("It answers “red” (0.90), which is right.");
    expect(sayAnswer(classes, [0.9, 0.1], [0.2, 0.8], 0, 1)).toBe(
      "It answers “green” (0.80), which is wrong; untouched it says “red”. Loss 0.11 → 1.61. 1 hold in place.",
    );
    expect(sayAnswer(classes, [0.9, 0.1], [0.8, 0.2], undefined, 2)).toBe(
      "It answers “red” (0.80); the same as untouched. 2 holds in place.",
    );
  });
});
