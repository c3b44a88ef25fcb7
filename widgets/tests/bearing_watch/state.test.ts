import { describe, expect, it } from "vitest";
import { judge, readRuns, type Scene, smooth, spanOf, tellVerdict } from "../../src/bearing_watch/state";

const scene: Scene = {
  rate: 100,
  piece: 2,
  pieces: 5,
  unit: 0.5,
  severities: [0.1, 1],
  begins: [3, 2],
  medians: [1, 3],
  chosen: [2, 1],
};
const surprise = new Float32Array([Number.NaN, 1, 8, 3, 1]);

describe("a machine that is listened to", () => {
  it("reads signal, expectation and surprise of each run", () => {
    const bytes = new Int8Array(40).map((_, k) => k);
    const floats = new Float32Array(10).map((_, k) => k);
    const runs = readRuns(scene, new DataView(bytes.buffer), new DataView(floats.buffer));
    expect(runs.map(({ heard, expected }) => [heard[0], expected[0]])).toEqual([
      [0, 10],
      [20, 30],
    ]);
    expect([...runs[1].surprise]).toEqual([5, 6, 7, 8, 9]);
  });

  it("counts alarms against the truth, and leaves out what was not measured", () => {
    const verdict = judge(surprise, 3, 2);
    expect(verdict).toMatchObject({ hits: 1, misses: 1, falseAlarms: 1, quiet: 1, first: 2, found: 3 });
    expect([verdict.precision, verdict.recall]).toEqual([0.5, 0.5]);
    expect(judge(surprise, 3, 9)).toMatchObject({ hits: 0, first: -1, found: -1, precision: Number.NaN });
  });

  it("takes the median of the last pieces, where there are as many", () => {
    expect([...smooth(surprise, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN, 3, 3]);
    expect([...smooth(surprise, 1)]).toEqual([...surprise]);
  });

  it("says where the defect is only when it is shown", () => {
    const verdict = judge(surprise, 3, 2);
    expect(tellVerdict(verdict, scene, 3, false)).toBe(
      "2 pieces of 5 are above the threshold, the first at 0.04 s.",
    );
    const told = tellVerdict(verdict, scene, 3, true);
    expect(told).toContain("The defect begins at 0.06 s. It is found within 20 ms.");
    expect(told).toContain("Precision 0.50: 1 of 2 alarms are right. Recall 0.50: 1 of 2 pieces");
    const none = judge(surprise, 3, 9);
    expect(tellVerdict(none, scene, 3, false)).toContain("no alarm");
    expect(tellVerdict(none, scene, 3, true)).toContain("never found. Precision none");
  });

  it("spans all surprises", () => {
    const [low, high] = spanOf([{ heard: new Int8Array(), expected: new Int8Array(), surprise }]);
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(Math.log10(8));
  });
});
