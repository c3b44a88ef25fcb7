import { describe, expect, it } from "vitest";
import type { Frame, Scene } from "../../src/recall_race/state";
import { curvesOf, isOver, median, RecallState, reach, tellCurves } from "../../src/recall_race/state";

const scene: Scene = {
  cells: ["c + g", "GRU"],
  learned: [4, 20],
  distances: [4, 20, 80],
  updates: 10,
  every: 5,
  baseline: 1 / 8,
  stored: {
    updates: 20,
    seeds: 3,
    distances: [4, 160],
    recall: {
      "c + g": [
        [1, 0.1],
        [0.9, 0.3],
        [0.8, 0.2],
      ],
      GRU: [],
    },
  },
};
const frame: Frame = {
  "c + g": { updates: 10, recall: [1, 0.8, 0.2], history: [0.1, 0.9], seconds: 1 },
  GRU: { updates: 9, recall: [0.95, 0.91, 0.9], history: [0.1, 0.9], seconds: 1 },
};

describe("recall against distance", () => {
  it("is over when all have made their updates", () => {
    expect(isOver(scene, frame)).toBe(false);
    expect(isOver(scene, { ...frame, GRU: { ...frame.GRU, updates: 10 } })).toBe(true);
  });

  it("has a curve for each cell that is shown", () => {
    const curves = curvesOf(scene, frame, false, new Set(["c + g"]));
    expect(curves.map(({ name, index }) => [name, index])).toEqual([["GRU", 1]]);
    expect(curves[0].points).toEqual([
      [4, 0.95],
      [20, 0.91],
      [80, 0.9],
    ]);
    expect(curves[0].seeds).toEqual([]);
  });

  it("has medians and every seed of what is stored, and nothing of what is not", () => {
    const [curve, ...others] = curvesOf(scene, frame, true, new Set());
    expect(others).toEqual([]);
    expect(curve.points).toEqual([
      [4, 0.9],
      [160, 0.2],
    ]);
    expect(curve.seeds).toHaveLength(3);
    expect(curve.seeds[2]).toEqual([
      [4, 0.8],
      [160, 0.2],
    ]);
    expect(median([1, 2, 3, 10])).toBe(2.5);
  });

  it("tells how far each reaches", () => {
    const curves = curvesOf(scene, frame, false, new Set());
    expect(curves.map(reach)).toEqual([4, 80]);
    expect(tellCurves(curves)).toBe(
      "c + g: 9 in 10 up to 4 words, 0.20 at 80; GRU: 9 in 10 up to 80 words, 0.90 at 80",
    );
  });
});

describe("what the reader has chosen", () => {
  it("hides a cell from curves, words and code alike, and from no table", () => {
    const state = new RecallState(scene);
    state.showCell("GRU", false);
    expect(state.curves(frame).map(({ name }) => name)).toEqual(["c + g"]);
    expect(state.tellGrowth(frame)).toBe(
      "Share of right answers over the distances learned from, against updates. c + g: 0.90.",
    );
    expect(state.writeCode()).toContain('for cell in ["c + g"]:');
    expect(state.tabulate(frame)).toContain("GRU,4,0.95,");
    state.showCell("GRU", true);
    expect(state.curves(frame)).toHaveLength(2);
  });

  it("shows this training or the stored ones, and names both", () => {
    const state = new RecallState(scene);
    expect([false, true].map((stored) => state.nameSource(stored))).toEqual([
      "This training",
      "Stored: 3 seeds, 20 updates",
    ]);
    state.stored = true;
    expect(state.tabulate(frame)).toBe(
      "cell,distance,share,seeds\nc + g,4,0.9,1 0.9 0.8\nc + g,160,0.2,0.1 0.3 0.2\n",
    );
  });

  it("is written as Python that learns from the same distances", () => {
    expect(new RecallState(scene).writeCode()).toContain("task = Recall(range(4, 21))");
  });
});
