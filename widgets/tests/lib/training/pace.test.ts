import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makePace } from "../../../src/lib/training/pace";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("counts updates a second over half a second and more", () => {
  const pace = makePace();
  pace.note(10);
  vi.advanceTimersByTime(400);
  pace.note(20);
  expect(pace.speed()).toBe(0);
  vi.advanceTimersByTime(200);
  pace.note(40);
  expect(pace.speed()).toBeCloseTo(50);
  vi.advanceTimersByTime(1000);
  pace.note(50);
  expect(pace.speed()).toBeCloseTo(10);
});

it("forgets what was before a training began anew", () => {
  const pace = makePace();
  pace.note(500);
  vi.advanceTimersByTime(1000);
  pace.note(600);
  pace.note(0);
  expect(pace.speed()).toBe(0);
  vi.advanceTimersByTime(1000);
  pace.note(30);
  expect(pace.speed()).toBeCloseTo(30);
  pace.restart();
  expect(pace.speed()).toBe(0);
});
