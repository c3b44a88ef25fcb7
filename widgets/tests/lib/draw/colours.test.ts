import { expect, it } from "vitest";
import { makeRamp } from "../../../src/lib/draw/colours";

const channels = (packed: number) => [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255, packed >>> 24];

it("goes in a straight line from each colour to the next", () => {
  const ramp = makeRamp(["#102030", "#ffffff", "#ff8000"]);
  expect([0, 255].map((k) => channels(ramp[k]))).toEqual([
    [16, 32, 48, 255],
    [255, 128, 0, 255],
  ]);
  // 51 of 255 is two fifths of the way to the middle.
  expect(channels(ramp[51])).toEqual([16 + 0.4 * 239, 32 + 0.4 * 223, 48 + 0.4 * 207, 255].map(Math.round));
});

it("is black where there is no style sheet yet, and stays as it was made", () => {
  expect(channels(makeRamp(["", ""])[100])).toEqual([0, 0, 0, 255]);
  expect(makeRamp(["#102030", "#405060"])).toBe(makeRamp(["#102030", "#405060"]));
});
