import { describe, expect, it } from "vitest";
import type { Parts } from "../../src/weight_gradient/weight_sum";
import {
  addUp,
  backwardOrder,
  cosine,
  keptByReach,
  largest,
  reaches,
  runningSums,
  shares,
} from "../../src/weight_gradient/weight_sum";

const STEPS = 5;
const SIZE = 2;

/** Parts that are nothing but numbers of their own, and zero where nothing flows. */
function makeParts(reverse = false): Parts {
  const data = new Float32Array(STEPS * STEPS * SIZE);
  for (let t = 0; t < STEPS; t++)
    for (let k = 0; k < STEPS; k++)
      for (let entry = 0; entry < SIZE; entry++)
        if (reverse ? k >= t : k <= t)
          data[(t * STEPS + k) * SIZE + entry] = Math.fround(Math.sin(1 + 7 * t + 3 * k + 5 * entry));
  return { steps: STEPS, size: SIZE, data, reverse };
}

function total(values: ArrayLike<number>, steps = STEPS): number[] {
  return Array.from({ length: SIZE }, (_, entry) =>
    Array.from({ length: steps }, (_, k) => values[k * SIZE + entry]).reduce((a, b) => a + b, 0),
  );
}

describe("the sum over time steps", () => {
  it("holds every part once when gradients reach all the way", () => {
    for (const reverse of [false, true])
      for (const cut of ["every", "back"] as const) {
        const parts = makeParts(reverse);
        const all = total(parts.data, STEPS * STEPS);
        for (const [entry, value] of total(addUp(parts, cut, STEPS)).entries())
          expect(value).toBeCloseTo(all[entry], 6);
      }
  });

  it("is complete where the backward pass ends, and one step where it begins", () => {
    for (const reverse of [false, true]) {
      const each = addUp(makeParts(reverse), "every", STEPS);
      const sums = runningSums(each, STEPS, SIZE, reverse);
      const [first, last] = reverse ? [0, STEPS - 1] : [STEPS - 1, 0];
      expect(sums[first * SIZE]).toBeCloseTo(each[first * SIZE], 12);
      expect(sums[last * SIZE]).toBeCloseTo(total(each)[0], 12);
      expect(backwardOrder(STEPS, reverse)[0]).toBe(first);
    }
  });

  it("gives shares that add up to one, negative where a step pulls the other way", () => {
    const each = Float64Array.from([3, 0, -1, 0]);
    expect(shares(each, Float64Array.from([2, 0]), 2)).toEqual([1.5, -0.5]);
    const parts = makeParts();
    const found = addUp(parts, "every", STEPS);
    const sum = shares(found, Float64Array.from(total(found)), STEPS).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 12);
    expect(shares(each, new Float64Array(2), 2)).toEqual([0, 0]);
  });
});

describe("truncation", () => {
  it("cuts between pieces, or so many steps behind each loss", () => {
    const kept = (cut: "every" | "back", reach: number, reverse = false) =>
      Array.from({ length: 4 }, (_, t) =>
        Array.from({ length: 4 }, (_, k) => (reaches(cut, reach, t, k, 4, reverse) ? 1 : 0)).join(""),
      ).join(" ");
    expect(kept("every", 2)).toBe("1000 1100 0010 0011");
    expect(kept("back", 2)).toBe("1000 1100 0110 0011");
    expect(kept("every", 3)).toBe("1000 1100 1110 0001");
    expect(kept("every", 3, true)).toBe("1000 0111 0011 0001");
    expect(kept("back", 4)).toBe("1000 1100 1110 1111");
  });

  it("keeps what the truncated sum holds along the whole one", () => {
    for (const cut of ["every", "back"] as const) {
      const parts = makeParts();
      const whole = Float64Array.from(total(addUp(parts, cut, STEPS)));
      const kept = keptByReach(parts, whole, cut);
      expect(kept[STEPS - 1]).toBeCloseTo(1, 10);
      for (const reach of [1, 2, 3]) {
        const cutSum = total(addUp(parts, cut, reach));
        const along = cutSum[0] * whole[0] + cutSum[1] * whole[1];
        expect(kept[reach - 1]).toBeCloseTo(along / (whole[0] ** 2 + whole[1] ** 2), 10);
      }
    }
    const nothing = { ...makeParts(), data: new Float32Array(STEPS * STEPS * SIZE) };
    expect(keptByReach(nothing, new Float64Array(SIZE), "every")).toEqual([1, 1, 1, 1, 1]);
  });
});

it("cosine and largest do not stumble over zeros and holes", () => {
  expect(cosine([1, 0], [0, 2])).toBe(0);
  expect(cosine([1, 1], [2, 2])).toBeCloseTo(1, 12);
  expect(cosine([0, 0], [1, 1])).toBeNaN();
  expect(largest([1, -3, Number.NaN, Number.POSITIVE_INFINITY])).toBe(3);
  expect(largest([])).toBe(0);
});
