import { describe, expect, it } from "vitest";
import { countFaults, tellCurve, tellCurves, tellRatio } from "../../../src/lib/words/gradient_story";

describe("tellCurve", () => {
  it("says how much is left at the first step", () => {
    expect(tellCurve([1e-12, 1e-6, 1])).toBe("falls to 10⁻¹² of its last value");
    expect(tellCurve([250, 1])).toBe("grows by a factor of 250");
    expect(tellCurve([3e11, 1])).toBe("grows by a factor of 3·10¹¹");
    expect(tellCurve([0.9, 0.2, 1])).toBe("keeps its size, within a factor of two");
  });
  it("says where nothing arrives", () => {
    expect(tellCurve([0, 0, 1e-5, 1])).toContain("exactly zero at step 1 and before it");
    expect(tellCurve([1, 0, 1])).toBe("is exactly zero at 1 step");
    expect(tellCurve([0, 0])).toContain("exactly zero everywhere");
  });
  it("does not calculate with what is no number", () => {
    expect(tellCurve([Number.POSITIVE_INFINITY, 1])).toContain("no finite number at 1 step");
    expect(tellCurve([Number.NaN, Number.NaN])).toContain("no finite number at 2 steps");
    expect(tellCurve([])).toBe("has no steps");
  });
});

it("tells all curves in one sentence", () => {
  expect(tellCurves([{ name: "RNN", values: [0.001, 1] }], "h")).toBe(
    "‖∂L/∂hₜ‖ over 2 steps, from the last one back to the first: RNN falls to 10⁻³ of its last value.",
  );
  expect(tellCurves([], "h")).toBe("No curve is shown.");
});

it("counts what has no height", () => {
  expect(countFaults([0, 1, Number.NaN, Number.NEGATIVE_INFINITY, 0])).toEqual({
    zero: 2,
    infinite: 1,
    missing: 1,
  });
});

it("gives a ratio the digits it deserves", () => {
  expect([0.25, 4.26, 37.4, 2e-7, 0, 9.96e-5].map(tellRatio)).toEqual([
    "0.25",
    "4.3",
    "37",
    "2·10⁻⁷",
    "0",
    "10⁻⁴",
  ]);
});
