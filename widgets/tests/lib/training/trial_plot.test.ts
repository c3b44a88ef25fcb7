import { expect, test } from "vitest";
import { placeBadges } from "../../../src/lib/training/trial_plot";

test("badges of curves that end together stand behind one another, each on its own curve", () => {
  const flat = (y: number): [number, number][] => [
    [0, 0],
    [50, y],
    [100, y],
  ];
  const placed = placeBadges([flat(80), flat(80), flat(81), flat(20)], 18);
  expect(placed[0]).toEqual([100, 80]);
  expect(placed[3]).toEqual([100, 20]);
  for (const [k, [x, y]] of placed.entries())
    for (const [a, b] of placed.slice(k + 1)) expect(Math.hypot(a - x, b - y)).toBeGreaterThanOrEqual(18);
  expect(placed[1][1]).toBe(80);
  expect(placed[2][1]).toBe(81);
  // Where there is no room at all, it stops at the beginning.
  expect(
    placeBadges(
      [
        [
          [0, 5],
          [4, 5],
        ],
        [
          [0, 5],
          [4, 5],
        ],
      ],
      18,
    )[1],
  ).toEqual([0, 5]);
});
