import { describe, expect, it } from "vitest";
import type { Block } from "../../src/lib/trace/trace";
import { findSimilar } from "../../src/text_states/similar";

describe("like states", () => {
  const states = (steps: number[][]): Block => ({
    shape: [steps.length, 1, steps[0].length],
    data: Float32Array.from(steps.flat()),
  });
  const [a, b, c] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  it("finds the same states elsewhere, whatever their size, best first", () => {
    const doubled = a.map((value) => 2 * value);
    const found = findSimilar(states([a, b, c, b, c, doubled, b]), 0, 7, 0, 1, 2);
    expect(found[0]).toEqual({ from: 5, cosine: 1 });
    expect(found[1]).toEqual({ from: 2, cosine: 0.5 });
  });
  it("returns none that overlap the stretch or each other", () => {
    const found = findSimilar(states(Array.from({ length: 12 }, () => a)), 0, 12, 4, 6, 9);
    const places = [4, ...found.map(({ from }) => from)].sort((x, y) => x - y);
    for (let k = 1; k < places.length; k++) expect(places[k] - places[k - 1]).toBeGreaterThanOrEqual(3);
    expect(found.length).toBeGreaterThan(1);
  });
  it("finds nothing where nothing fits, and a state of zeros is like none", () => {
    expect(findSimilar(states([a, b]), 0, 2, 0, 1, 5)).toEqual([]);
    expect(findSimilar(states([a, [0, 0, 0], a]), 0, 3, 1, 1, 5).every(({ cosine }) => cosine === 0)).toBe(
      true,
    );
  });
  it("searches ten thousand steps of a hundred units in a moment", () => {
    const data = Float32Array.from({ length: 10_000 * 100 }, (_, k) => Math.sin(k * k));
    const begin = performance.now(); // after the sines
    findSimilar({ shape: [10_000, 1, 100], data }, 0, 10_000, 50, 69, 6);
    expect(performance.now() - begin).toBeLessThan(1500);
  });
});
