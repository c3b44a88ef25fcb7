// Rows of cells, the padding hatched: sequences of different lengths in batches, and what that costs.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSlider } from "../lib/controls/slider";
import { animate } from "../lib/controls/transport";
import { readColour } from "../lib/draw/colours";
import { clearCanvas, linearTicks } from "../lib/draw/plot";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { plural } from "../lib/words/format";
import type { Method } from "./padding";
import {
  BINS,
  binWidth,
  changeBin,
  computedSteps,
  countBins,
  longest,
  METHODS,
  makeBatches,
  measurePadding,
  percent,
  SHAPE_BIN,
  SHAPES,
  spreadLengths,
  tellPadding,
  writePadding,
} from "./padding";

const NAMES: Record<Method, string> = {
  all: "to the longest of all",
  batch: "to the longest of its batch",
  bucketed: "batches from buckets",
  sorted: "in the order of length",
  packed: "packed, not padded",
};
const LEFT = 66;
const TOP = 24;
const GAP = 7;
/** What a picture may be high, in pixels, before batches are left out. */
const MOST = 560;
const MOST_IN_BIN = 40;

interface Row {
  y: number;
  until: number;
}

export default defineWidget("padding-explorer", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const first = model.get("lengths") as number[];
  let width = 0;
  let lengths: number[] = [];
  let batches: number[][] = [];
  let bin = 1;
  /** Where each sequence is drawn; those that are left out are not in it. */
  let rows = new Map<number, Row>();
  let shown = new Map<number, Row>();
  let thick = 6;
  let height = 100;
  let stop = () => {};

  let rest = 0;
  function choose(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    clearTimeout(rest);
    rest = window.setTimeout(() => model.save_changes(), 400);
    change();
  }
  const methodNow = () => model.get("method") as Method;

  // ---- the histogram, whose bars are handles
  const bars = Array.from({ length: BINS }, (_, k) =>
    h("div", {
      class: "rv-length-bar",
      role: "slider",
      "aria-orientation": "vertical",
      "aria-valuemin": 0,
      "aria-valuemax": MOST_IN_BIN,
      tabindex: k === 0 ? 0 : -1,
    }),
  );
  const axis = h("div", { class: "rv-length-axis", "aria-hidden": "true" });
  const histogram = h(
    "div",
    { class: "rv-length-bars", role: "group", "aria-label": "How many sequences have which length" },
    ...bars,
  );
  const highest = () => Math.max(16, ...countBins(lengths, bin));
  function setBar(k: number, count: number): void {
    const others = lengths.length - countBins(lengths, bin)[k];
    const most = Math.max(MOST_IN_BIN, countBins(lengths, bin)[k]);
    choose({
      lengths: changeBin(lengths, bin, k, Math.max(others > 0 ? 0 : 1, Math.min(most, Math.round(count)))),
    });
  }
  let ceiling = 0;
  const drag = (event: PointerEvent) => {
    const box = histogram.getBoundingClientRect();
    const k = Math.max(0, Math.min(BINS - 1, Math.floor(((event.clientX - box.left) / box.width) * BINS)));
    // The scale stays what it was when the hand came down: a bar must not run from it.
    setBar(k, (1 - (event.clientY - box.top) / box.height) * ceiling);
  };
  histogram.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    histogram.setPointerCapture(event.pointerId);
    ceiling = highest() * 1.15;
    drag(event);
  });
  histogram.addEventListener("pointermove", (event) => {
    if (event.buttons & 1 && ceiling > 0) drag(event);
  });
  for (const end of ["pointerup", "pointercancel"])
    histogram.addEventListener(end, () => {
      ceiling = 0;
      showBars();
    });
  histogram.addEventListener("keydown", (event) => {
    const k = bars.indexOf(event.target as HTMLDivElement);
    if (k < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = countBins(lengths, bin)[k];
    const to = { ArrowRight: k + 1, ArrowLeft: k - 1, Home: 0, End: BINS - 1 }[event.key];
    const next = {
      ArrowUp: count + 1,
      ArrowDown: count - 1,
      PageUp: count + 5,
      PageDown: count - 5,
    }[event.key];
    if (to !== undefined && bars[to]) {
      bars[k].tabIndex = -1;
      bars[to].tabIndex = 0;
      bars[to].focus();
    } else if (next !== undefined) setBar(k, next);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  function showBars(): void {
    const counts = countBins(lengths, bin);
    const top = ceiling || highest() * 1.15;
    for (const [k, bar] of bars.entries()) {
      const name = bin === 1 ? `${k + 1} steps` : `${bin * k + 1} to ${bin * (k + 1)} steps`;
      bar.style.setProperty("--rv-share", String(Math.min(1, counts[k] / top)));
      bar.dataset.count = counts[k] ? String(counts[k]) : "";
      bar.setAttribute("aria-label", `Sequences of ${name}`);
      bar.setAttribute("aria-valuenow", String(counts[k]));
    }
    axis.replaceChildren(h("span", {}, "1"), h("span", {}, "length"), h("span", {}, bin * BINS));
  }

  // ---- controls
  const followers: (() => void)[] = [];
  const slider = (name: "batch" | "buckets", label: string, low: number, high: number) => {
    const made = makeSlider({
      ...{ label, low, high, step: 1, value: model.get(name) as number },
      choose: (value) => choose({ [name]: value }),
    });
    followers.push(() => {
      const value = model.get(name) as number;
      if (value > Number(made.input.max)) made.bound(low, value);
      made.show(value);
    });
    return made.element;
  };
  const shapes = h(
    "div",
    { class: "rv-controls", role: "group", "aria-label": "Shapes" },
    ...SHAPES.map(({ name, counts }) =>
      h(
        "button",
        { type: "button", onclick: () => reshape(spreadLengths(counts, SHAPE_BIN), SHAPE_BIN) },
        name,
      ),
    ),
    h("button", { type: "button", onclick: () => reshape(first, binWidth(first)) }, "As at first"),
  );
  function reshape(next: number[], width: number): void {
    bin = width;
    choose({ lengths: next });
  }
  const group = `rv-padding-${Math.random().toString(36).slice(2)}`;
  const choices = METHODS.map((method) => {
    const input = h("input", { type: "radio", name: group, value: method });
    input.addEventListener("change", () => choose({ method }));
    const real = h("i", { class: "rv-pad-data" });
    const padded = h("i", { class: "rv-pad-zeros" });
    const share = h("b", {});
    const label = h(
      "label",
      { class: "rv-pad-method" },
      input,
      h("span", {}, NAMES[method]),
      h("span", { class: "rv-pad-bar", "aria-hidden": "true" }, real, padded),
      share,
    );
    return { method, input, real, padded, share, label };
  });

  const canvas = h("canvas", { "aria-hidden": "true" });
  const picture = h(
    "div",
    {
      class: "rv-padding-picture",
      tabindex: 0,
      role: "slider",
      "aria-label": "Sequence",
      "aria-orientation": "vertical",
    },
    canvas,
  );
  const story = h("p", { class: "rv-padding-story", "aria-live": "polite" });
  const note = h("p", { class: "rv-note" });
  const again = h("button", { type: "button" }, "Shuffle");
  again.addEventListener("click", () => choose({ seed: ((model.get("seed") as number) + 1) % 2 ** 32 }));
  const tip = makeTooltip(root);
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "What padding costs"),
      h("div", { class: "rv-controls" }, again, makeSaveMenu({ name: "padding", root, table, code })),
    ),
    h(
      "div",
      { class: "rv-padding" },
      h(
        "div",
        { class: "rv-padding-left" },
        h("strong", {}, "How long are the sequences?"),
        histogram,
        axis,
        shapes,
        h(
          "div",
          { class: "rv-sliders" },
          slider("batch", "batch size", 1, 32),
          slider("buckets", "buckets", 1, 16),
        ),
        h(
          "fieldset",
          { class: "rv-pad-methods" },
          h("legend", {}, "Padded, and how"),
          ...choices.map(({ label }) => label),
        ),
      ),
      h(
        "div",
        { class: "rv-padding-right" },
        h(
          "ul",
          { class: "rv-legend" },
          h("li", {}, h("i", { class: "rv-pad-data" }), "data"),
          h("li", {}, h("i", { class: "rv-pad-zeros" }), "padding"),
        ),
        picture,
        note,
      ),
    ),
    story,
  );

  // ---- computing
  function change(): void {
    lengths = model.get("lengths") as number[];
    // A bar that is being dragged must not change the bins under the hand.
    bin = Math.max(bin, binWidth(lengths));
    const [size, buckets, seed] = ["batch", "buckets", "seed"].map((name) => model.get(name) as number);
    const method = methodNow();
    const made = (wanted: Method) => makeBatches(lengths, size, wanted, buckets, seed);
    const found = Object.fromEntries(
      METHODS.map((wanted) => [wanted, measurePadding(lengths, made(wanted), wanted)]),
    ) as Record<Method, ReturnType<typeof measurePadding>>;
    batches = made(method);
    // In a packed batch the longest comes first, and whoever ends leaves.
    if (method === "packed")
      batches = batches.map((batch) => [...batch].sort((a, b) => lengths[b] - lengths[a] || a - b));
    const most = Math.max(...METHODS.map((wanted) => found[wanted].computed));
    for (const { method: wanted, input, real, padded, share } of choices) {
      input.checked = wanted === method;
      real.style.width = `${(100 * found[wanted].real) / most}%`;
      padded.style.width = `${(100 * (found[wanted].computed - found[wanted].real)) / most}%`;
      share.textContent = percent(found[wanted].share);
    }
    for (const follow of followers) follow();
    showBars();
    story.textContent = tellPadding(found, method);
    arrange();
  }

  /** Gives every sequence its row, and lets it move there. */
  function arrange(): void {
    if (width === 0) return;
    const method = methodNow();
    const count = lengths.length;
    thick = Math.max(2, Math.min(13, (MOST - TOP - GAP * batches.length) / count));
    rows = new Map();
    let y = TOP;
    let left = 0;
    for (const batch of batches) {
      if (y + thick * batch.length > MOST + 40) {
        left++;
        continue;
      }
      const until = computedSteps(lengths, batch, method);
      for (const place of batch) {
        rows.set(place, { y, until: until(place) });
        y += thick;
      }
      y += GAP;
    }
    height = Math.max(80, y);
    note.textContent =
      left > 0
        ? `The first ${batches.length - left} of ${batches.length} batches are drawn; the numbers count all.`
        : "";
    const before = shown;
    stop();
    // Only what is there already can move; a hand at a control sees its work at once.
    const same = before.size === rows.size && [...rows.keys()].every((place) => before.has(place));
    const moved = same && [...rows].some(([place, row]) => Math.abs(before.get(place)!.y - row.y) > 1);
    stop = animate(moved && !held ? 450 : 0, signal, (progress) => {
      shown = new Map(
        [...rows].map(([place, row]) => {
          const old = before.get(place);
          if (!same || !old || progress === 1) return [place, row];
          const mix = (from: number, to: number) => from + (to - from) * progress;
          return [place, { y: mix(old.y, row.y), until: mix(old.until, row.until) }];
        }),
      );
      paint();
    });
  }
  let held = false;
  root.addEventListener("pointerdown", (event) => {
    held = event.target instanceof HTMLInputElement && event.target.type === "range";
  });
  window.addEventListener("pointerup", () => (held = false), { signal });

  // ---- drawing
  const scale = () => (width - LEFT - 8) / Math.max(1, longest(lengths));
  let hatch: { key: string; pattern: CanvasPattern } | null = null;
  function hatching(context: CanvasRenderingContext2D): CanvasPattern {
    const key = `${readColour(root, "--rv-line-2")} ${readColour(root, "--rv-surface")}`;
    if (hatch?.key !== key) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 6;
      const ink = tile.getContext("2d")!;
      ink.fillStyle = readColour(root, "--rv-surface");
      ink.fillRect(0, 0, 6, 6);
      ink.strokeStyle = readColour(root, "--rv-line-2");
      ink.lineWidth = 1.1;
      ink.beginPath();
      for (const shift of [-6, 0, 6]) {
        ink.moveTo(shift - 1, 7);
        ink.lineTo(shift + 7, -1);
      }
      ink.stroke();
      hatch = { key, pattern: context.createPattern(tile, "repeat")! };
    }
    return hatch.pattern;
  }

  function paint(): void {
    if (width === 0) return;
    const context = clearCanvas(canvas, width, height);
    const cell = scale();
    const [data, text] = [readColour(root, "--rv-input"), readColour(root, "--rv-ink-2")];
    const body = thick > 3 ? thick - 1 : thick;
    context.font = `12px ${readColour(root, "--rv-font")}`;
    context.fillStyle = text;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const { at, label } of linearTicks([0, longest(lengths)], Math.max(2, width / 110), true))
      context.fillText(at === 0 ? "" : label, LEFT + cell * (at - 0.5), 10);
    context.textAlign = "left";
    context.fillText("padding", 0, 10);
    context.fillText("step", LEFT, 10);
    const pattern = hatching(context);
    for (const [place, { y, until }] of shown) {
      context.fillStyle = data;
      context.fillRect(LEFT, y, cell * lengths[place], body);
      if (until > lengths[place]) {
        context.fillStyle = pattern;
        context.fillRect(LEFT + cell * lengths[place], y, cell * (until - lengths[place]), body);
      }
    }
    if (cell >= 5) {
      context.fillStyle = readColour(root, "--rv-bg");
      for (let t = 1; t < longest(lengths); t++)
        context.fillRect(LEFT + cell * t - 0.5, TOP, 1, height - TOP);
    }
    // Each batch: a line around what is computed, and its own share.
    context.textAlign = "right";
    context.strokeStyle = readColour(root, "--rv-line-2");
    context.lineWidth = 1;
    for (const batch of batches) {
      const held = batch.map((place) => rows.get(place)).filter((row) => row !== undefined);
      if (held.length === 0) continue;
      const [top, tall] = [held[0].y, thick * held.length];
      const computed = held.reduce((sum, { until }) => sum + until, 0);
      const real = batch.reduce((sum, place) => sum + lengths[place], 0);
      if (tall >= 9) {
        context.fillStyle = text;
        context.fillText(percent(1 - real / computed), LEFT - 12, top + tall / 2);
      }
      context.fillStyle = readColour(root, "--rv-line-2");
      context.fillRect(LEFT - 6, top, 2, tall - 1);
    }
    showPlace(context, cell, body);
  }
  const repaint = oncePerFrame(paint, signal);

  /** The sequence that the cursor points at: a line around it, and its numbers for those who only hear. */
  function showPlace(context: CanvasRenderingContext2D, cell: number, body: number): void {
    const place = cursor.get("sequence");
    const row = shown.get(place);
    picture.setAttribute("aria-valuemin", "0");
    picture.setAttribute("aria-valuemax", String(lengths.length - 1));
    picture.setAttribute("aria-valuenow", String(Math.min(place, lengths.length - 1)));
    picture.setAttribute("aria-valuetext", sayPlace(place));
    if (!row || !pointing) return;
    context.strokeStyle = readColour(root, "--rv-ink");
    context.lineWidth = 1.5;
    context.strokeRect(LEFT - 1, row.y - 1, cell * row.until + 2, body + 2);
  }
  let pointing = false;
  function sayPlace(place: number): string {
    const row = rows.get(place);
    if (!row) return `sequence ${place}`;
    const batch = batches.findIndex((one) => one.includes(place)) + 1;
    const more = row.until - lengths[place];
    return `sequence ${place}, batch ${batch}: ${plural(lengths[place], "step")}${more > 0 ? ` and ${more} of padding` : ""}`;
  }

  // ---- what the reader does
  picture.addEventListener("pointermove", (event) => {
    const y = event.clientY - canvas.getBoundingClientRect().top;
    const found = [...rows].find(([, row]) => y >= row.y && y < row.y + thick);
    pointing = found !== undefined;
    if (!found) tip.hide();
    else {
      cursor.move({ sequence: found[0] });
      tip.show(sayPlace(found[0]), event.clientX, event.clientY);
    }
    repaint();
  });
  picture.addEventListener("pointerleave", () => {
    pointing = false;
    tip.hide();
    repaint();
  });
  picture.addEventListener("blur", () => {
    pointing = false;
    tip.hide();
    repaint();
  });
  picture.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const order = [...rows.keys()];
    const at = Math.max(0, order.indexOf(cursor.get("sequence")));
    const next = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: order.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    pointing = true;
    cursor.move({ sequence: order[Math.max(0, Math.min(order.length - 1, next))] });
    const row = rows.get(cursor.get("sequence"))!;
    const box = canvas.getBoundingClientRect();
    tip.show(sayPlace(cursor.get("sequence")), box.left + LEFT + 40, box.top + row.y + thick);
    repaint();
  });

  // ---- what can be taken away
  function table(): string {
    const lines = ["batch,sequence,steps,padding"];
    for (const [number, batch] of batches.entries()) {
      const until = computedSteps(lengths, batch, methodNow());
      for (const place of batch)
        lines.push([number + 1, place, lengths[place], until(place) - lengths[place]].join(","));
    }
    return `${lines.join("\n")}\n`;
  }
  function code(): string {
    const [batch, buckets, seed] = ["batch", "buckets", "seed"].map((name) => model.get(name) as number);
    return writePadding(lengths, batch, buckets, seed, methodNow());
  }

  let heard = false;
  function hear(): void {
    if (heard) return;
    heard = true;
    queueMicrotask(() => {
      heard = false;
      if (model.get("lengths") !== lengths) bin = binWidth(model.get("lengths"));
      change();
    });
  }
  const told = ["lengths", "method", "batch", "buckets", "seed"];
  for (const name of told) model.on(`change:${name}`, hear);
  signal.addEventListener("abort", () => {
    clearTimeout(rest);
    for (const name of told) model.off(`change:${name}`, hear);
  });
  cursor.on(repaint);
  onTheme(signal, paint);
  onWidth(picture, signal, (now) => {
    width = now;
    shown = new Map();
    arrange();
  });
  bin = binWidth(first);
  change();
});
