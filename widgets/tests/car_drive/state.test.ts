import { describe, expect, it } from "vitest";
import { metres, missOf, readDrives, type Scene, speedOf, typicalMiss } from "../../src/car_drive/state";

const scene: Scene = { models: ["still", "ahead"], steps: 30, horizon: 2, drives: 2, step: 0.5 };

/** The car goes 4 m east at each step; one model thinks that it stays, the other is right. */
function pack(): Float32Array {
  const floats: number[] = [];
  for (let drive = 0; drive < 2; drive++) {
    for (let step = 0; step < 30; step++) floats.push(4 * step, drive);
    for (let step = 0; step < 30; step++) floats.push(4 * step + 1, drive);
    for (let step = 0; step < 30; step++) floats.push(4 * step, drive, 4 * step, drive);
    for (let step = 0; step < 30; step++) floats.push(4 * step + 4, drive, 4 * step + 8, drive);
  }
  return new Float32Array(floats);
}

describe("a car on its way", () => {
  const [first, second] = readDrives(scene, pack());

  it("reads places, measurements and forecasts", () => {
    expect(first.at(3)).toEqual({ x: 12, y: 0 });
    expect(second.measured(3)).toEqual({ x: 13, y: 1 });
    expect(second.forecast(1, 3, 2)).toEqual({ x: 20, y: 1 });
  });

  it("measures how far off a forecast proves to be, and nothing past the end", () => {
    expect(missOf(first, scene, 0, 5)).toBe(8);
    expect(missOf(first, scene, 0, 5, 1)).toBe(4);
    expect(missOf(first, scene, 1, 5)).toBe(0);
    expect(missOf(first, scene, 0, 28)).toBeNaN();
    expect(typicalMiss(first, scene, 0, 29, 2)).toBe(8);
    expect(typicalMiss(first, scene, 0, 10, 2)).toBeNaN();
  });

  it("knows the speed, and writes metres", () => {
    expect(speedOf(first, scene, 4)).toBe(8);
    expect(metres(8)).toBe("8.0 m");
    expect(metres(Number.NaN)).toBe("–");
  });
});
