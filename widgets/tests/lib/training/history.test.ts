import { describe, expect, it } from "vitest";
import { History } from "../../../src/lib/training/history";

const steps = (history: History<{ step: number }>) => history.items.map((item) => item.step);

describe("History", () => {
  it("keeps everything while there is room", () => {
    const history = new History<{ step: number }>(10);
    for (const step of [0, 3, 7]) history.add({ step });
    expect(steps(history)).toEqual([0, 3, 7]);
  });
  it("stays within its capacity however long the training, evenly spread, first and latest included", () => {
    const history = new History<{ step: number }>(40);
    for (let step = 0; step <= 100_000; step += 7) {
      history.add({ step });
      expect(history.items.length).toBeLessThanOrEqual(40);
      expect(history.items.at(-1)!.step).toBe(step);
    }
    const kept = steps(history);
    expect(kept[0]).toBe(0);
    expect(kept.length).toBeGreaterThan(15);
    const gaps = kept.slice(1, -1).map((step, index) => step - kept[index]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2.5 * Math.min(...gaps));
  });
  it("replaces the latest when it is told again, and begins anew when training does", () => {
    const history = new History<{ step: number; origin: number }>(10);
    history.add({ step: 5, origin: 1 });
    history.add({ step: 5, origin: 2 });
    expect(history.items).toEqual([{ step: 5, origin: 2 }]);
    history.add({ step: 9, origin: 2 });
    history.add({ step: 0, origin: 2 });
    expect(steps(history as History<{ step: number }>)).toEqual([0]);
  });
  it("finds what was kept at a step or before it", () => {
    const history = new History<{ step: number }>(10);
    for (const step of [0, 10, 20]) history.add({ step });
    expect([-1, 0, 9, 10, 25].map((step) => history.indexAt(step))).toEqual([0, 0, 0, 1, 2]);
  });
});
