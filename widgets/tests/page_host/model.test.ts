// @vitest-environment jsdom
import type { AnyModel, Host } from "@anywidget/types";
import { expect, test, vi } from "vitest";
import { describeKernel, watchKernel } from "../../src/lib/page/kernel";
import { layOutputs, PageHost, type Snapshot } from "../../src/page_host/host";
import { PageModel, sameValue } from "../../src/page_host/model";

const never = () => Promise.reject(new Error("no such model"));

/** A kernel's model, as anywidget hands it to a widget. */
function makeLive(state: Record<string, unknown>, kernel?: object) {
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>();
  const emit = (name: string, ...args: unknown[]) => {
    for (const listener of listeners.get(name) ?? []) listener(...args);
  };
  const sent: unknown[] = [];
  const model = {
    get: (key: string) => state[key],
    /** As Backbone does it: every value of one message first, then the events, one by one. */
    set(key: string | Record<string, unknown>, value?: unknown) {
      const given = Object.entries(typeof key === "string" ? { [key]: value } : key);
      const changed = given.filter(([name, next]) => !Object.is(state[name], next));
      for (const [name, next] of changed) state[name] = next;
      for (const [name] of changed) emit(`change:${name}`);
    },
    on(name: string, listener: () => void) {
      listeners.set(name, (listeners.get(name) ?? new Set()).add(listener));
    },
    off: (name: string, listener: () => void) => void listeners.get(name)?.delete(listener),
    save_changes: vi.fn(),
    send: (content: unknown) => void sent.push(content),
    widget_manager: { kernel },
  };
  return {
    model: model as unknown as AnyModel,
    state,
    sent,
    emit,
    hear: model.set,
    saved: model.save_changes,
  };
}

const { signal } = new AbortController();

test("a model of the page tells of a change once, and of none where nothing changes", () => {
  const model = new PageModel({ step: 0, unit: 1 }, "none", never);
  const heard: string[] = [];
  model.on("change:step change:unit", () => heard.push("moved"));
  model.set("step", 0);
  model.set({ step: 4, unit: 1 });
  expect(heard).toEqual(["moved"]);
  model.off("change:step change:unit");
  model.set("step", 5);
  expect(heard).toEqual(["moved"]);
  expect([model.get("step"), model.initial.step]).toEqual([5, 0]);
});

test("what was asked while Python was starting reaches it once it is there, in order", () => {
  const model = new PageModel({ answered: 0, text: "" }, "starting", never);
  const told: string[] = [];
  model.onKernel(() => told.push(`${model.kernel} ${model.asking}`), signal);
  model.send({ kind: "hello" });
  expect(told).toEqual([]);
  model.send({ kind: "compute", number: 1 });
  model.set("text", "mine");
  model.save_changes();
  const live = makeLive({ answered: 0, text: "" });
  model.connect(live.model, signal);
  expect(live.sent).toEqual([{ kind: "hello" }, { kind: "compute", number: 1 }]);
  expect(live.state.text).toBe("mine");
  expect(live.saved).toHaveBeenCalledOnce();
  expect(told).toEqual(["starting true", "live false"]);

  let answers = 0;
  model.on("change:answered", () => answers++);
  live.model.set("answered", 1);
  expect([model.get("answered"), answers]).toEqual([1, 1]);
  const messages: unknown[] = [];
  model.on("msg:custom", (content: unknown) => messages.push(content));
  live.emit("msg:custom", { kind: "frame" }, []);
  expect(messages).toEqual([{ kind: "frame" }]);
  model.set("text", "again");
  expect(live.state.text).toBe("again");
});

test("who hears of one trait of a message reads the others as they are in it", () => {
  const model = new PageModel({ scene: "sunspots", truth: [1], cursor: "anywidget:m0" }, "starting", never);
  // Equal, but not the same objects; and a reference of the kernel's own.
  const live = makeLive({ scene: "sunspots", truth: [1], cursor: "anywidget:c" });
  model.connect(live.model, signal);
  const heard: unknown[] = [];
  for (const name of ["scene", "truth", "cursor"])
    model.on(`change:${name}`, () => heard.push([name, model.get("scene"), model.get("truth")]));
  let changes = 0;
  model.on("change", () => changes++);
  live.hear({ scene: "CO₂", truth: [2] });
  expect(heard).toEqual([
    ["scene", "CO₂", [2]],
    ["truth", "CO₂", [2]],
  ]);
  expect(changes).toBe(1);
  expect(model.get("cursor")).toBe("anywidget:m0");
  live.hear("truth", [3]);
  expect(heard).toHaveLength(3);
});

test("a page without Python answers for a plot's state, keeps nothing to send and says so", async () => {
  const model = new PageModel({}, "none", never);
  const messages: unknown[] = [];
  model.on("msg:custom", (content: unknown) => messages.push(content));
  model.send({ kind: "state" });
  await Promise.resolve();
  expect([messages, model.asking]).toEqual([[{ kind: "state" }], false]);
  model.send({ kind: "compute" });
  expect(describeKernel(model.kernel, model.asking, true)).toContain("saved without Python");
});

test("a kernel that ended stays so, and a lost connection comes back", () => {
  const slots: (() => void)[] = [];
  const event = { connect: (slot: () => void) => void slots.push(slot), disconnect: () => {} };
  const kernel = {
    status: "idle",
    connectionStatus: "connected",
    statusChanged: event,
    connectionStatusChanged: event,
  };
  const told: string[] = [];
  watchKernel(makeLive({}, kernel).model, signal, (now) => told.push(now));
  const becomes = (change: Partial<typeof kernel>) => {
    Object.assign(kernel, change);
    for (const slot of slots) slot();
  };
  becomes({ status: "busy" });
  becomes({ connectionStatus: "connecting" });
  becomes({ connectionStatus: "connected" });
  becomes({ status: "autorestarting" });
  becomes({ status: "idle" });
  expect(told).toEqual(["live", "lost", "live", "ended"]);
  expect(describeKernel("ended", false, true)).toContain("Reload the page");
  expect(describeKernel("ended", false, false)).toContain("Run the lesson's cells again");
  expect(describeKernel("live", true, false)).toBe("");
});

test("values are compared down to the bytes", () => {
  const bytes = (...numbers: number[]) => new DataView(new Uint8Array(numbers).buffer);
  expect(sameValue({ a: [1, { b: bytes(1, 2) }] }, { a: [1, { b: bytes(1, 2) }] })).toBe(true);
  expect(sameValue({ a: [1, { b: bytes(1, 2) }] }, { a: [1, { b: bytes(1, 3) }] })).toBe(false);
  expect(sameValue(bytes(1), bytes(1, 2))).toBe(false);
  expect(sameValue(bytes(1), {})).toBe(false);
  expect(sameValue([1], { 0: 1 })).toBe(false);
  expect(sameValue({ a: undefined }, { b: undefined })).toBe(false);
  expect(sameValue(null, {})).toBe(false);
  expect(sameValue(Number.NaN, Number.NaN)).toBe(true);
});

test("what only another processor's rounding tells apart is the same", () => {
  const floats = (...numbers: number[]) => new DataView(new Float32Array(numbers).buffer);
  expect(sameValue(floats(1, -0.5, 0), floats(1.00001, -0.50001, 1e-6))).toBe(true);
  expect(sameValue(floats(1, -0.5), floats(1, -0.51))).toBe(false);
  expect(sameValue(floats(Number.NaN, 1), floats(Number.NaN, 1.00001))).toBe(true);
  expect(sameValue(floats(Number.NaN, 1), floats(0, 1))).toBe(false);
  expect(sameValue([0.5, "a"], [0.500001, "a"])).toBe(true);
  expect(sameValue(0.5, 0.51)).toBe(false);
  // What counts is the same or not: a number, and bytes that are no floats.
  expect(sameValue(100_000, 100_001)).toBe(false);
  const counts = (...numbers: number[]) => new DataView(new Int32Array(numbers).buffer);
  expect(sameValue(counts(7, 8), counts(7, 9))).toBe(false);
  const shades = (...numbers: number[]) => new DataView(new Uint8Array(numbers).buffer);
  expect(sameValue(shades(0, 255, 200, 120), shades(1, 255, 200, 120))).toBe(false);
});

const SNAPSHOT: Snapshot = {
  models: {
    m0: { module: "cursor", state: { step: 0 } },
    m1: {
      module: "trace_model",
      state: { labels: [] },
      buffers: [[["data"], btoa("\u0001\u0002\u0003\u0004")]],
    },
    m2: { module: "gate_heatmap", state: { cursor: "anywidget:m0", trace: "anywidget:m1", gate: "forget" } },
  },
  cells: { 1: [{ view: "m2" }] },
};

function makeHost(models: Record<string, AnyModel>): Host {
  return { getModel: async (reference: string) => models[reference.slice(10)] } as unknown as Host;
}

function makeKernel(last: number, gate = "forget") {
  const data = new DataView(new Uint8Array([1, 2, 3, last]).buffer);
  const cursor = makeLive({ step: 0 });
  const host = makeHost({ c: cursor.model, t: makeLive({ labels: [], data }).model });
  return { cursor, host, view: makeLive({ cursor: "anywidget:c", trace: "anywidget:t", gate }).model };
}

test("a kernel that has the same takes over, and the cursor stays where the reader has put it", async () => {
  const page = new PageHost(SNAPSHOT, "starting", never);
  page.model("m0").set("step", 7);
  const { cursor, host, view } = makeKernel(4);
  expect(await page.match("m2", view, host, signal)).toBe(true);
  expect(cursor.state.step).toBe(7);
  cursor.model.set("step", 9);
  expect(page.model("m0").get("step")).toBe(9);
  page.model("m0").set("step", 2);
  expect(cursor.state.step).toBe(2);
  expect(page.model("m2").kernel).toBe("live");
});

test.each([
  ["another trace", 5, "forget"],
  ["another trait", 4, "input"],
])("a kernel with %s does not, but the cursor is shared all the same", async (_, last, gate) => {
  const page = new PageHost(SNAPSHOT, "starting", never);
  page.model("m0").set("step", 7);
  const { cursor, host, view } = makeKernel(last, gate);
  expect(await page.match("m2", view, host, signal)).toBe(false);
  expect(cursor.state.step).toBe(7);
  expect(page.model("m2").kernel).toBe("starting");
});

test("a widget is drawn from the snapshot, with the widgets it refers to", async () => {
  const page = new PageHost(SNAPSHOT, "none", async (module) => ({
    default: () => ({
      async render({ model, el, host }: { model: AnyModel; el: HTMLElement; host: Host }) {
        const trace = await host.getModel(model.get("trace"));
        el.textContent = `${module} ${(trace.get("data") as DataView).getUint8(3)}`;
      },
    }),
  }));
  const { element, views } = layOutputs([
    { stream: "stdout", text: "<b>" },
    ...SNAPSHOT.cells[1],
    { html: "<table></table>" },
    { image: "AAAA", type: "image/png", alt: "a" },
  ]);
  for (const { id, el } of views) await page.draw(id, el, signal);
  expect(element.querySelector("pre")?.textContent).toBe("<b>");
  expect(element.querySelector(".jupyter-widgets")?.textContent).toBe("gate_heatmap 4");
  expect(element.querySelector("table")).not.toBeNull();
  expect(element.querySelector("img")?.getAttribute("src")).toBe("data:image/png;base64,AAAA");
  await expect(page.draw("m9", element, signal)).rejects.toThrow("no widget m9");
});
