import { describe, expect, it } from "vitest";
import {
  type Frame,
  isOver,
  markWords,
  pointsOf,
  type Scene,
  tellRace,
  tellShare,
} from "../../src/translator_race/state";

const scene: Scene = {
  translators: ["forwards", "attention"],
  updates: 40,
  every: 20,
  learned: 9,
  tested: 8,
  shown: [["we eat", "nous mangeons"]],
};
const net = (updates: number, exact: number[]) => ({ updates, exact, shown: ["nous"], seconds: 1 });
const frame: Frame = { forwards: net(40, [0, 0.25, 0.5]), attention: net(39, [0, 1]) };

describe("translators side by side", () => {
  it("is over when all have made their updates", () => {
    expect(isOver(scene, frame)).toBe(false);
    expect(isOver(scene, { ...frame, attention: net(40, [0, 1, 1]) })).toBe(true);
  });

  it("draws a point for each measurement", () => {
    expect(pointsOf(scene, frame.forwards)).toEqual([
      [0, 0],
      [20, 0.25],
      [40, 0.5],
    ]);
  });

  it("marks each word that does not stand where it should", () => {
    expect(markWords("nous buvons mangeons", "nous mangeons")).toEqual([
      { text: "nous", right: true },
      { text: "buvons", right: false },
      { text: "mangeons", right: false },
    ]);
    expect(markWords("", "nous")).toEqual([]);
  });

  it("says what the plot shows", () => {
    expect(tellRace(scene, frame)).toBe(
      "Of 8 unseen sentences without a fault: forwards 50 %, attention 100 %.",
    );
    expect([1, 0.5, 0].map(tellShare)).toEqual(["always", "50 % of the time", "never, always its own"]);
  });
});
