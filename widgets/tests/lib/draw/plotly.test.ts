// @vitest-environment jsdom
import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadPlotly } from "../../../src/lib/draw/plotly";

const page = globalThis as Record<string, unknown>;
const PLOTLY = { name: "plotly" };

/** A widget whose Python hears what it asks and never answers. */
function silent(): AnyModel & { asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    get: () => "6",
    on() {},
    off() {},
    send: (content: unknown) => asked.push(content),
  } as unknown as AnyModel & { asked: unknown[] };
}

/** The page has the script from now on, as after the network came back. */
function bringScript(): void {
  page.Plotly = PLOTLY;
  page.rnnvizPage = { load: async () => ({ default: () => null }) };
}

beforeEach(() => {
  page.rnnvizPlotly = undefined;
  page.Plotly = undefined;
  page.rnnvizPage = { load: async () => ({ default: null }) };
});
afterEach(() => {
  page.rnnvizPage = undefined;
});

test("whoever asks second asks for itself once the first has left the page", async () => {
  const first = silent();
  const leaving = new AbortController();
  const abandoned = loadPlotly(first, leaving.signal);
  await vi.waitFor(() => expect(first.asked).toHaveLength(1));
  const second = silent();
  const waiting = loadPlotly(second, new AbortController().signal);
  bringScript();
  leaving.abort();
  await expect(abandoned).rejects.toThrow("the widget was removed");
  expect((await waiting).Plotly).toBe(PLOTLY);
});

test("two that wait for one that left ask once between them", async () => {
  const leaving = new AbortController();
  const first = loadPlotly(silent(), leaving.signal);
  const others = [silent(), silent()];
  const waiting = others.map((model) => loadPlotly(model, new AbortController().signal));
  for (const one of waiting) one.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve));
  leaving.abort();
  await expect(first).rejects.toThrow();
  await vi.waitFor(() => expect(others.flatMap(({ asked }) => asked)).toHaveLength(1));
});

test("one that Python stands behind does not wait for one of a snapshot that still waits for Python", async () => {
  const asleep = Object.assign(silent(), { kernel: "starting", onKernel() {} });
  const leaving = new AbortController();
  const stranded = loadPlotly(asleep, leaving.signal);
  await vi.waitFor(() => expect(asleep.asked).toHaveLength(1));
  bringScript();
  expect((await loadPlotly(silent(), new AbortController().signal)).Plotly).toBe(PLOTLY);
  leaving.abort();
  await expect(stranded).rejects.toThrow("the widget was removed");
  // What is there stays there.
  page.rnnvizPage = undefined;
  expect((await loadPlotly(silent(), new AbortController().signal)).Plotly).toBe(PLOTLY);
});

test("one that was removed before it could ask says so at once", async () => {
  const gone = new AbortController();
  gone.abort();
  await expect(loadPlotly(silent(), gone.signal)).rejects.toThrow("the widget was removed");
});
