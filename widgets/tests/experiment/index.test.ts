// @vitest-environment jsdom
import type { AnyModel, RenderProps } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import experiment from "../../src/experiment/index";
import { count } from "../../src/lib/words/format";

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("requestAnimationFrame", (paint: () => void) => {
    paint();
    return 1;
  });
  vi.stubGlobal("cancelAnimationFrame", () => {});
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

/** A card whose points are still on their way. */
async function show(high = 40, start = high) {
  const traits: Record<string, unknown> = {
    names: ["miss"],
    low: 1,
    high,
    x: "years",
    unit: "",
    start,
    points: [],
  };
  const heard = new Map<string, (message?: unknown) => void>();
  const sent: unknown[] = [];
  const model = {
    get: (name: string) => traits[name],
    on: (event: string, listener: (message?: unknown) => void) => heard.set(event, listener),
    off: () => {},
    send: (content: unknown) => sent.push(content),
  } as unknown as AnyModel;
  const el = document.body.appendChild(document.createElement("div"));
  await experiment.render({ model, el, signal: new AbortController().signal } as unknown as RenderProps);
  const arrive = (points: number[][]) => {
    traits.points = points;
    heard.get("change:points")!();
  };
  const slider = el.querySelector("input")!;
  const answer = (row: number[]) => heard.get("msg:custom")!({ row });
  return { el, slider, sent, arrive, answer, reading: () => el.querySelector(".rv-reading")!.textContent };
}

/** Every element comes into sight as soon as it is watched, or stays out of it. */
function stubSight(inSight: boolean) {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(private readonly tell: (entries: { isIntersecting: boolean }[]) => void) {}
      observe() {
        this.tell([{ isIntersecting: inSight }]);
      }
      disconnect() {}
    },
  );
}

describe("a curve that is looked at", () => {
  it("fills itself, one place at a time, and the hand goes first", async () => {
    stubSight(true);
    vi.stubGlobal("requestAnimationFrame", (paint: () => void) => {
      queueMicrotask(paint);
      return 1;
    });
    const { slider, sent, answer, reading } = await show(5);
    expect(sent).toEqual([{ place: 5 }]);
    answer([5, 2]);
    answer([1, 9]);
    expect(sent.slice(1)).toEqual([{ place: 1 }, { place: 3 }]);
    slider.value = "2";
    slider.dispatchEvent(new Event("input"));
    answer([3, 4]);
    expect(sent.at(-1)).toEqual({ place: 2 });
    answer([2, 5]);
    await Promise.resolve();
    expect(reading()).toBe("2 years: miss 5.");
    answer([4, 3]);
    await Promise.resolve();
    // All five are there: nothing more is asked, and the reader's place is where it was left.
    expect(sent).toHaveLength(5);
    expect(reading()).toBe("2 years: miss 5.");
  });
  it("is left alone while nobody sees it", async () => {
    stubSight(false);
    expect((await show(5)).sent).toEqual([]);
  });
});

describe("a page that is drawn before the points arrive", () => {
  it("says so, and begins where the last of them will be", async () => {
    const { slider, arrive, reading } = await show(40, 9);
    expect(reading()).toBe("9 years: not measured yet.");
    arrive([
      [1, 3],
      [9, 2],
    ]);
    expect(slider.value).toBe("9");
    expect(reading()).toBe("9 years: miss 2.");
  });
  it("leaves the slider to the reader who has moved it", async () => {
    const { slider, arrive, sent } = await show();
    slider.value = "17";
    slider.dispatchEvent(new Event("input"));
    arrive([[9, 2]]);
    expect(slider.value).toBe("17");
    expect(sent).toContainEqual({ place: 17 });
  });
});

it("counts in the singular where there is one", () => {
  const said = (things: string) => [count(1, things), count(2, things)];
  expect(said("digits")).toEqual(["1 digit", "2 digits"]);
  expect(said("years in the window")).toEqual(["1 year in the window", "2 years in the window"]);
  expect(said("classes")).toEqual(["1 class", "2 classes"]);
  expect(said("n")).toEqual(["1 n", "2 n"]);
  expect(said("bias")).toEqual(["1 bias", "2 bias"]);
});
