import { expect, test } from "vitest";
import { descend, errorAt, makeSurface, project, slopeAt } from "../../src/cliff/descent";

test("the slope is that of the error", () => {
  for (const [w, b, steps] of [
    [5, -2.2, 50],
    [3, -1, 10],
    [6.2, -3.4, 20],
  ]) {
    const slope = slopeAt(w, b, steps);
    const by = (dw: number, db: number) =>
      (errorAt(w + dw, b + db, steps) - errorAt(w - dw, b - db, steps)) / 2e-6;
    expect(slope.error).toBeCloseTo(errorAt(w, b, steps), 12);
    expect(slope.w).toBeCloseTo(by(1e-6, 0), 5);
    expect(slope.b).toBeCloseTo(by(0, 1e-6), 5);
  }
});

test("there is a cliff: a hair's breadth of b decides", () => {
  expect(errorAt(5, -2.2, 50)).toBeLessThan(0.05);
  expect(errorAt(5, -2.6, 50)).toBeGreaterThan(0.3);
});

test("plain descent is thrown off it, clipped descent is not", () => {
  const settings = { steps: 50, rate: 0.3, updates: 80 };
  const free = descend([5, -2.2], { ...settings, clip: null });
  const clipped = descend([5, -2.2], { ...settings, clip: 0.5 });
  expect(free.at(-1)!.at[0]).toBeGreaterThan(8);
  expect(clipped.at(-1)!.error).toBeLessThan(0.01);
  for (const stand of clipped) expect(stand.norm * stand.factor).toBeLessThanOrEqual(0.5 + 1e-12);
  expect(free.every((stand) => stand.factor === 1)).toBe(true);
});

test("the surface has b in rows and w in columns", () => {
  const surface = makeSurface([2, 8], [-4, -1], 4, 3, 50);
  expect(surface).toHaveLength(12);
  expect(surface[3]).toBe(errorAt(8, -4, 50));
  expect(surface[8]).toBe(errorAt(2, -1, 50));
});

test("what is nearer is drawn lower, what is higher further up", () => {
  expect(project(0.5, 0, 0, 0).down).toBeGreaterThan(project(0.5, 1, 0, 0).down);
  expect(project(0.5, 0.5, 1, 0).down).toBeLessThan(project(0.5, 0.5, 0, 0).down);
});
