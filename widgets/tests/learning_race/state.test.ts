import { describe, expect, it } from "vitest";
import {
  againstTime,
  againstUpdates,
  type Frame,
  isOver,
  longest,
  type Scene,
  tabulate,
  tellRuns,
} from "../../src/learning_race/state";

const scene: Scene = {
  nets: ["solved", "trained"],
  title: "",
  updates: 40,
  every: 10,
  takes: "",
  score: "error",
  log: true,
  level: { value: 1, name: "the mean" },
  made: "readout_race",
  module: "rnnviz.models",
};
const frame: Frame = {
  solved: { updates: 40, history: [1, 0.002], times: [0, 0.05], seconds: 0.05 },
  trained: { updates: 25, history: [1, 0.1, 0.05], times: [0, 1, 2], seconds: 2.5 },
};

describe("networks that learn one task", () => {
  it("is over when all have made their updates", () => {
    expect(isOver(scene, frame)).toBe(false);
    expect(isOver(scene, { ...frame, trained: frame.solved })).toBe(true);
  });

  it("draws what is solved at once as a level from its first update on", () => {
    expect(againstUpdates(scene, frame.solved)).toEqual([
      { x: 0, y: 1 },
      { x: 1, y: 0.002 },
      { x: 40, y: 0.002 },
    ]);
    expect(againstUpdates(scene, frame.trained).map(({ x }) => x)).toEqual([0, 10, 20]);
  });

  it("holds a curve to the end of the axis of time, and begins it where a logarithm can", () => {
    expect(longest(scene, frame)).toBe(2.5);
    expect(againstTime(frame.solved, 3).map(({ x }) => x)).toEqual([0.01, 0.05, 3]);
    const untrained = { updates: 0, history: [1], times: [0], seconds: 0 };
    expect(againstTime(untrained, 3)).toEqual([{ x: 0.01, y: 1 }]);
  });

  it("says where each is, and gives the numbers", () => {
    expect(tellRuns(scene, frame)).toBe("solved: 0.0020 after 0.05 s; trained: 0.050 after 2.50 s");
    expect(tabulate(scene, frame).split("\n")).toHaveLength(7);
  });
});
