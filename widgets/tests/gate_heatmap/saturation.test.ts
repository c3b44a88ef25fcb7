import { describe, expect, it } from "vitest";
import { saturationOf, saySaturation } from "../../src/gate_heatmap/saturation";
import { low } from "../lib/trace/small_trace";

describe("saturation", () => {
  it("is counted unit by unit over the valid steps", () => {
    expect(saturationOf(low)).toEqual([
      { gate: "forget", unit: 0, closed: 1 / 3, open: 0 },
      { gate: "forget", unit: 1, closed: 0, open: 1 },
    ]);
    expect(saySaturation("forget", saturationOf(low))).toBe(
      "forget gate: of 2 units, 0 mostly closed, 1 mostly open.",
    );
  });
});
