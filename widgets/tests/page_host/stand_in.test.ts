// @vitest-environment jsdom
import type { AnyModel, Host } from "@anywidget/types";
import { afterEach, expect, test, vi } from "vitest";
import { h } from "../../src/lib/page/dom";
import { type Output, PageHost, type Snapshot } from "../../src/page_host/host";
import { StandIn } from "../../src/page_host/stand_in";

const OUTPUTS: Output[] = [{ view: "m0" }, { view: "m1" }];
const SNAPSHOT: Snapshot = {
  models: {
    m0: { module: "count", state: { n: 1 } },
    m1: { module: "count", state: { n: 2 } },
  },
  cells: { 1: OUTPUTS },
};
const never = () => Promise.reject(new Error("no such model"));

/** A widget that counts, and no longer does once it has been told to leave. */
const COUNT = {
  async render({ model, el, signal }: { model: AnyModel; el: HTMLElement; signal: AbortSignal }) {
    const root = h("span", {});
    const show = () => void (root.textContent = `n = ${model.get("n")}`);
    el.append(root);
    model.on("change:n", show);
    signal.addEventListener("abort", () => model.off("change:n", show));
    show();
  },
};

function makeLive(n: number) {
  const heard = new Set<() => void>();
  const state = { n };
  const model = {
    get: () => state.n,
    set: (_: string, value: number) => void (state.n = value),
    on: (name: string, listener: () => void) => void (name === "change:n" && heard.add(listener)),
    off() {},
    save_changes() {},
    send() {},
    widget_manager: {},
  } as unknown as AnyModel;
  const hear = (value: number) => {
    state.n = value;
    for (const listener of heard) listener();
  };
  return { model, hear };
}

/** A cell of a page as Voilà lays it out, and the stand-in that is drawn in it. */
async function standIn(outputs: Output[]) {
  const area = h("div", { class: "jp-Cell" });
  const cell = h("div", { "cell-index": "1" }, area);
  document.body.append(cell);
  const page = new PageHost(SNAPSHOT, "starting", async () => ({ default: COUNT }));
  const stand = new StandIn(cell, outputs, page);
  await stand.draw();
  return { area, cell, stand };
}

function arrive(stand: StandIn, area: HTMLElement, n: number) {
  const { model, hear } = makeLive(n);
  const el = h("div", { class: "live", "aria-busy": "true" });
  area.append(el);
  const leaving = new AbortController();
  const draw = vi.fn(async () => void (el.textContent = `fresh ${n}`));
  const host = { getModel: never } as unknown as Host;
  stand.arrive({ props: { model, el, signal: leaving.signal, host } as never, draw });
  return { el, draw, hear, leave: () => leaving.abort() };
}

const isOver = ({ cell }: { cell: HTMLElement }) => !cell.querySelector(".page-stand-in");

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

test("a widget that is adopted lives on beside one that was drawn afresh", async () => {
  vi.useFakeTimers();
  const made = await standIn(OUTPUTS);
  const same = arrive(made.stand, made.area, 1);
  const other = arrive(made.stand, made.area, 7);
  await vi.runAllTimersAsync();
  expect(isOver(made)).toBe(true);
  expect([same.el.textContent, other.el.textContent]).toEqual(["n = 1", "fresh 7"]);
  expect([same.draw.mock.calls.length, other.draw.mock.calls.length]).toEqual([0, 1]);
  // Python moves on, and the adopted one with it, until Jupyter takes it away.
  same.hear(5);
  expect(same.el.textContent).toBe("n = 5");
  same.leave();
  same.hear(6);
  expect(same.el.textContent).toBe("n = 5");
});

test("an adopted widget is no longer busy, as one that is drawn says itself", async () => {
  const made = await standIn([{ view: "m0" }]);
  const { el } = arrive(made.stand, made.area, 1);
  await vi.waitFor(() => expect(isOver(made)).toBe(true));
  expect(el.hasAttribute("aria-busy")).toBe(false);
});

test("nothing moves while a button of the mouse is down", async () => {
  const made = await standIn([{ view: "m0" }]);
  document.dispatchEvent(new Event("pointerdown"));
  const { draw } = arrive(made.stand, made.area, 1);
  await new Promise((done) => setTimeout(done, 20));
  expect(isOver(made)).toBe(false);
  // Whoever gives up waits for the hand as well, and the widget of Python's is drawn once all the same.
  const givenUp = made.stand.giveUp();
  await new Promise((done) => setTimeout(done, 20));
  expect(isOver(made)).toBe(false);
  document.dispatchEvent(new Event("pointerup"));
  await givenUp;
  expect(isOver(made)).toBe(true);
  expect(draw).toHaveBeenCalledTimes(1);
});

test("a widget that Jupyter takes away again makes room for the one that follows", async () => {
  const made = await standIn(OUTPUTS);
  const first = arrive(made.stand, made.area, 1);
  first.leave();
  first.el.remove();
  const [second, third] = [arrive(made.stand, made.area, 1), arrive(made.stand, made.area, 2)];
  await vi.waitFor(() => expect(isOver(made)).toBe(true));
  expect([second.el.textContent, third.el.textContent]).toEqual(["n = 1", "n = 2"]);
  expect(first.el.textContent).toBe("");
});

test("text that is there already takes its place at once", async () => {
  const area = h("div", { class: "jp-Cell" }, h("div", { class: "jp-OutputArea-output" }, "said"));
  const cell = h("div", { "cell-index": "1" }, area);
  document.body.append(cell);
  new StandIn(cell, [{ stream: "stdout", text: "said" }], new PageHost(SNAPSHOT, "starting", never));
  await vi.waitFor(() => expect(isOver({ cell })).toBe(true));
});
