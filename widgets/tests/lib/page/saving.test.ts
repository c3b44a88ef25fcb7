// @vitest-environment jsdom
import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { saveAtRest } from "../../../src/lib/page/saving";

const NAMES = ["method", "batch"] as const;

/** A model whose Python answers when the test says so. */
function makeModel() {
  const state: Record<string, unknown> = { method: "batch", batch: 16 };
  const listeners: [string, () => void][] = [];
  const saved: unknown[] = [];
  const model = {
    get: (name: string) => state[name],
    set(name: string, value: unknown) {
      if (Object.is(state[name], value)) return;
      state[name] = value;
      for (const [event, listener] of listeners) if (event === `change:${name}`) listener();
    },
    on: (event: string, listener: () => void) => void listeners.push([event, listener]),
    off(event: string, listener: () => void) {
      const at = listeners.findIndex(([one, other]) => one === event && other === listener);
      listeners.splice(at, 1);
    },
    save_changes: () => void saved.push({ ...state }),
  };
  return { model: model as unknown as AnyModel, state, saved, listeners };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a moving hand is heard at once in the page, and by Python when it rests", () => {
  const { model, state, saved } = makeModel();
  const set = saveAtRest(model, NAMES, new AbortController().signal);
  for (const batch of [17, 18, 19]) {
    set({ batch });
    expect(state.batch).toBe(batch);
    vi.advanceTimersByTime(300);
  }
  expect(saved).toEqual([]);
  vi.advanceTimersByTime(400);
  expect(saved).toEqual([{ method: "batch", batch: 19 }]);
});

test("the echo of an earlier choice does not undo a later one", () => {
  const { model, state, saved } = makeModel();
  const set = saveAtRest(model, NAMES, new AbortController().signal);
  set({ method: "all" });
  vi.advanceTimersByTime(400);
  expect(saved).toHaveLength(1);
  set({ method: "bucketed" });
  // The kernel was busy: only now comes back what it was told first. What the hand did not touch, it may set.
  model.set("method", "all");
  model.set("batch", 4);
  expect(state).toEqual({ method: "bucketed", batch: 4 });
  vi.advanceTimersByTime(400);
  expect(saved[1]).toEqual({ method: "bucketed", batch: 4 });
  // Once told, Python has the last word again.
  model.set("method", "sorted");
  expect(state.method).toBe("sorted");
});

test("what was set last is told when the widget goes, and nothing is heard afterwards", () => {
  const { model, state, saved, listeners } = makeModel();
  const leaving = new AbortController();
  const set = saveAtRest(model, NAMES, leaving.signal);
  set({ batch: 8 });
  leaving.abort();
  expect(saved).toEqual([{ method: "batch", batch: 8 }]);
  expect(listeners).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(saved).toHaveLength(1);
  expect(state.batch).toBe(8);
});
