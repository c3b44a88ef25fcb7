import { describe, expect, it } from "vitest";
import {
  aheadOf,
  everyone,
  type Frame,
  isOver,
  LINEAR,
  linesOf,
  type Scene,
  tellAhead,
} from "../../src/bearing_race/state";

const scene: Scene = {
  nets: ["fast", "slow"],
  updates: 4,
  every: 2,
  piece: 2,
  truth: [1, 2, 3, 4],
  linear: { ahead: [0.02, 0.08], line: [3, 4] },
  noise: 0.01,
};
const net = (updates: number) => ({ updates, history: [1], ahead: [0.5, 0.75], line: [9, 9], seconds: 1 });
const frame: Frame = { fast: net(4), slow: net(3) };

describe("networks that go on with a signal", () => {
  it("is over when both have made their updates", () => {
    expect(isOver(scene, frame)).toBe(false);
    expect(isOver(scene, { ...frame, slow: net(4) })).toBe(true);
  });

  it("draws the linear model last, in a colour of its own", () => {
    expect(everyone(scene)).toEqual(["fast", "slow", LINEAR]);
    expect(aheadOf(scene, frame).map(({ index, values }) => [index, values[1]])).toEqual([
      [0, 0.75],
      [1, 0.75],
      [2, 0.08],
    ]);
    expect(linesOf(scene, frame)[2].values).toEqual([3, 4]);
  });

  it("says the errors of each", () => {
    expect(tellAhead(aheadOf(scene, frame))).toContain(`${LINEAR}: 0.020 one piece ahead, 0.080 after 2`);
  });
});
