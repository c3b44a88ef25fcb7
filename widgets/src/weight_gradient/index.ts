// The gradient of a weight matrix as a sum over time steps: it adds up as the cursor goes back, and can be cut short.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { cssColour, type Scale, scaleOf } from "../lib/draw/colours";
import { cellAt, paintMap } from "../lib/draw/heatmap";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, s, set } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { type Entry, readFloats } from "../lib/trace/trace";
import { formatNumber, formatShort, plural } from "../lib/words/format";
import { writeCode, writeOptions } from "../lib/words/takeaway";
import { addUp, type Cut, cosine, keptByReach, largest, type Parts, runningSums, shares } from "./weight_sum";

const WEIGHTS: Record<string, { symbol: string; words: string }> = {
  weight_hh: { symbol: "Wₕ", words: "recurrent weights" },
  weight_ih: { symbol: "Wₓ", words: "input weights" },
  bias_hh: { symbol: "b", words: "biases" },
};
const CUTS: Record<Cut, string> = { every: "cut into pieces of", back: "each loss reaches back" };
/** Left of the steps, for the numbers of the axes. */
const GUTTER = 52;
const SHARE = { top: 8, height: 46 };
const FALL = { top: 106, height: 92 };
const BOARD = 232;
const KEPT = { left: 44, right: 12, top: 10, bottom: 34, height: 150, widest: 620 };

interface MatrixView {
  element: HTMLElement;
  paint(at: (row: number, column: number) => number, scale: Scale): void;
  mark(row: number, column: number): void;
}

export default defineWidget("weight-gradient", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const take = readFloats(model);
  const entries = model.get("parts") as Record<string, Entry>;
  const gates = model.get("gates") as string[];
  const labels = model.get("labels") as string[];
  const reverse: boolean = model.get("reverse");
  const steps = entries[model.get("weight")].shape[0];
  let name: string = model.get("weight");
  let cut: Cut = model.get("cut");
  let reach: number = Math.min(steps, model.get("truncate"));
  /** The weight whose numbers are written out. */
  let picked = { row: 0, column: 0 };

  // What is computed from the parts: anew when another weight is chosen, or another reach.
  let parts: Parts;
  let [rows, columns] = [1, 1];
  let whole: Float64Array = new Float64Array();
  let each: Float64Array = new Float64Array();
  let sums: Float64Array = new Float64Array();
  let kept: number[] = [];
  let share: number[] = [];
  let scale: Scale;

  const weightPicker = h("select", { "aria-label": "Parameter" });
  for (const key of Object.keys(entries))
    weightPicker.append(h("option", { value: key }, `${WEIGHTS[key].symbol} · ${WEIGHTS[key].words}`));
  weightPicker.value = name;
  const cutPicker = h("select", { "aria-label": "How gradients are cut" });
  for (const [key, words] of Object.entries(CUTS)) cutPicker.append(h("option", { value: key }, words));
  cutPicker.value = cut;
  const reachSlider = h("input", {
    type: "range",
    min: 1,
    max: steps,
    value: reach,
    "aria-label": "Steps that gradients may go back",
  });
  const reachReading = h("output");
  const title = h("h3");
  const tooltip = makeTooltip(root);
  const tiles = Array.from({ length: steps }, (_, k) => {
    const canvas = h("canvas", { "aria-hidden": "true" });
    const element = h("div", { class: "rv-part-tile" }, canvas);
    element.addEventListener("pointerdown", () => goTo(k));
    element.addEventListener("pointermove", (event) =>
      tooltip.show(
        `t = ${k} adds ${percent(share[k])}; ${nameWeight()}: ${formatNumber(contribution(k))}`,
        event.clientX,
        event.clientY,
      ),
    );
    element.addEventListener("pointerleave", tooltip.hide);
    return { canvas, element };
  });
  const strip = h(
    "div",
    { class: "rv-part-strip", "aria-hidden": "true" },
    ...tiles.map((tile) => tile.element),
  );
  const tilesTitle = h("p", { class: "rv-part-title" });
  const drawing = s("svg", { class: "rv-part-drawing", height: BOARD, role: "img" });
  const board = h(
    "div",
    {
      class: "rv-part-board",
      tabindex: 0,
      role: "group",
      "aria-label": "Each step's part of the gradient. Left and right arrows move through time.",
    },
    tilesTitle,
    strip,
    drawing,
  );
  drawing.addEventListener("pointerdown", (event) => {
    const step = stepUnder(event);
    if (step !== null) goTo(step);
  });

  const sumView = makeMatrix("sum so far");
  const gradView = makeMatrix(".grad");
  const gradTitle = h("strong");
  const sumTitle = h("strong");
  const maps = h(
    "div",
    {
      class: "rv-part-maps",
      tabindex: 0,
      role: "group",
      "aria-label": "The sum so far, beside the whole gradient. Arrows pick a weight.",
    },
    h("div", {}, sumTitle, sumView.element),
    h("span", { class: "rv-part-sign", "aria-hidden": "true" }, "→"),
    h("div", {}, gradTitle, gradView.element),
  );
  const numbers = h("dl", { class: "rv-part-numbers" });
  const curve = s("svg", { class: "rv-part-kept", height: KEPT.height, role: "img" });
  const truncation = h("p", { class: "rv-note", "aria-live": "polite" });
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const [least, most] = [h("span"), h("span")];

  const transport = makeTransport({
    steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    backwards: () => !reverse,
    where: (step) => `back to t = ${step}${labels[step] === undefined ? "" : ` · ${labels[step]}`}`,
  });
  const saveMenu = makeSaveMenu({
    name: "weight-gradient",
    root,
    vectors: drawing,
    table: tabulate,
    recorded: model,
    code: (file = "") => {
      const cuts = reach < steps ? { truncate: reach, cut } : {};
      return writeCode(
        [model.get("module")],
        (rename) =>
          `rw.WeightGradient(trace${writeOptions({
            layer: rename(model.get("layer")),
            weight: name,
            ...cuts,
            labels: labels.length ? [labels] : null,
          })})`,
        { file },
      );
    },
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h(
        "span",
        { class: "rv-legend" },
        h("span", { class: "rv-part-key" }, least, h("i", { class: "rv-scale" }), most),
      ),
      h("div", { class: "rv-controls" }, weightPicker, saveMenu),
    ),
    board,
    transport.element,
    h("div", { class: "rv-part-sum" }, maps, numbers),
    h(
      "div",
      { class: "rv-part-cut" },
      h("h4", {}, "Truncated: how far may gradients go back?"),
      h(
        "div",
        { class: "rv-controls" },
        cutPicker,
        h("label", { class: "rv-field" }, reachSlider, reachReading),
      ),
      curve,
      truncation,
    ),
    spoken,
  );

  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), steps - 1));
  const reached = (k: number) => (reverse ? k <= stepNow() : k >= stepNow());
  const at = (values: ArrayLike<number>, k: number, row: number, column: number) =>
    values[(k * rows + row) * columns + column];
  const contribution = (k: number) => at(each, k, picked.row, picked.column);
  const paint = oncePerFrame(draw, signal);

  function goTo(step: number) {
    transport.pause();
    cursor.move({ step });
  }

  weightPicker.addEventListener("change", () => {
    name = weightPicker.value;
    picked = { row: 0, column: 0 };
    load();
  });
  cutPicker.addEventListener("change", () => {
    cut = cutPicker.value as Cut;
    cutShort();
  });
  reachSlider.addEventListener("input", () => {
    reach = Number(reachSlider.value);
    cutShort();
  });
  // Its own arrow keys, and not the transport's.
  reachSlider.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") event.stopPropagation();
  });
  maps.addEventListener("keydown", (event) => {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    pick(picked.row + by[0], picked.column + by[1]);
  });
  curve.addEventListener("pointerdown", (event) => {
    const box = curve.getBoundingClientRect();
    const inside = box.width - KEPT.left - KEPT.right;
    const place = (event.clientX - box.left - KEPT.left) / inside;
    reach = Math.max(1, Math.min(steps, Math.round(1 + place * (steps - 1))));
    cutShort();
  });

  function pick(row: number, column: number) {
    picked = { row: clamp(row, rows), column: clamp(column, columns) };
    paint();
  }

  /** Another parameter: everything is computed anew. */
  function load() {
    const entry = entries[name];
    [, , rows, columns] = entry.shape;
    parts = { steps, size: rows * columns, data: take(entry), reverse };
    whole = sumOf(addUp(parts, "every", steps));
    kept = [];
    title.textContent = `Where the gradient of ${WEIGHTS[name].symbol} comes from, layer ${model.get("layer")}`;
    cutShort();
  }

  /** Another reach: what each step adds, and the sums. */
  function cutShort() {
    reachSlider.value = String(reach);
    const words = `${plural(reach, "step")}${reach === steps ? ": all of them" : ""}`;
    reachReading.textContent = words;
    reachSlider.setAttribute("aria-valuetext", words);
    each = addUp(parts, cut, reach);
    sums = runningSums(each, steps, parts.size, reverse);
    share = shares(each, whole, steps);
    kept = keptByReach(parts, whole, cut);
    refill();
  }

  function refill() {
    // The sums have one scale, so that they can be compared; the steps another, or many small parts would all be pale.
    const everything = Math.max(largest(whole), largest(addUp(parts, "every", steps)));
    scale = scaleOf(root, "hidden", everything || 1);
    least.textContent = `−${formatShort(everything)}`;
    most.textContent = formatShort(everything);
    const limit = largest(each) || 1;
    const partScale = scaleOf(root, "hidden", limit);
    tilesTitle.textContent = `each step adds, coloured from −${formatNumber(limit)} to ${formatNumber(limit)}`;
    for (const [k, { canvas }] of tiles.entries())
      paintMap(canvas, { rows, columns, at: (row, column) => at(each, k, row, column) }, partScale);
    gradView.paint((row, column) => whole[row * columns + column], scale);
    drawKept();
    paint();
  }

  function sumOf(values: Float64Array): Float64Array {
    const total = new Float64Array(parts.size);
    for (let k = 0; k < steps; k++)
      for (let entry = 0; entry < parts.size; entry++) total[entry] += values[k * parts.size + entry];
    return total;
  }

  function draw() {
    const now = stepNow();
    transport.show(now);
    for (const [k, { element }] of tiles.entries()) {
      element.classList.toggle("rv-waiting", !reached(k));
      element.classList.toggle("rv-now", k === now);
    }
    sumView.paint((row, column) => at(sums, now, row, column), scale);
    sumView.mark(picked.row, picked.column);
    gradView.mark(picked.row, picked.column);
    sumTitle.textContent = `sum of ${reverse ? `t = 0 … ${now}` : `t = ${now} … ${steps - 1}`}`;
    gradTitle.textContent = reach < steps ? ".grad, not truncated" : ".grad";
    drawBoard(now);
    writeNumbers(now);
    spoken.textContent = say(now);
  }

  function drawBoard(now: number) {
    const width = board.clientWidth;
    if (width === 0) return;
    set(drawing, { width });
    const pace = (width - GUTTER) / steps;
    const x = (k: number) => GUTTER + k * pace;
    const gap = Math.min(4, pace * 0.15);
    const children: SVGElement[] = [];
    const label = (text: string, y: number, anchor = "end") =>
      s("text", { x: anchor === "end" ? GUTTER - 6 : 0, y, "text-anchor": anchor }, text);

    // Shares of the whole gradient.
    const numbered = share.filter(Number.isFinite);
    const tallest = Math.max(1e-12, ...numbered.map((value) => Math.max(0, value)));
    const deepest = Math.max(0, ...numbered.map((value) => Math.max(0, -value)));
    const unit = SHARE.height / (tallest + deepest);
    const zero = SHARE.top + tallest * unit;
    children.push(
      s("line", { class: "rv-rule", x1: GUTTER, x2: width, y1: zero, y2: zero }),
      label("share", zero + 4),
    );
    for (const [k, value] of share.entries()) {
      if (!Number.isFinite(value)) continue;
      const size = Math.abs(value) * unit;
      children.push(
        s("rect", {
          class: `rv-share${reached(k) ? "" : " rv-waiting"}`,
          x: x(k) + gap / 2,
          width: Math.max(0.5, pace - gap),
          y: value >= 0 ? zero - size : zero,
          height: Math.max(0.75, size),
        }),
      );
      if (pace >= 38)
        children.push(
          s(
            "text",
            { x: x(k) + pace / 2, y: SHARE.top + SHARE.height + 14, "text-anchor": "middle" },
            percent(value),
          ),
        );
    }

    // The picked weight, added up from the last step to the first.
    const values = Array.from({ length: steps }, (_, k) => at(sums, k, picked.row, picked.column));
    const goal = whole[picked.row * columns + picked.column];
    const finite = [0, goal, ...values].filter(Number.isFinite);
    const [low, high] = [Math.min(...finite), Math.max(...finite)];
    const y = (value: number) => FALL.top + FALL.height - ((value - low) / (high - low || 1)) * FALL.height;
    children.push(
      s("line", { class: "rv-rule", x1: GUTTER, x2: width, y1: y(0), y2: y(0) }),
      label("0", y(0) + 4),
    );
    if (Number.isFinite(goal))
      children.push(s("line", { class: "rv-goal", x1: GUTTER, x2: width, y1: y(goal), y2: y(goal) }));
    if (Math.abs(y(goal) - y(0)) > 12) children.push(label(".grad", y(goal) + 4));
    for (const [k, value] of values.entries()) {
      const before = value - contribution(k);
      if (!Number.isFinite(value) || !Number.isFinite(before)) continue;
      const waiting = reached(k) ? "" : " rv-waiting";
      const [top, bottom] = [Math.min(y(value), y(before)), Math.max(y(value), y(before))];
      children.push(
        s("rect", {
          class: `rv-fall${waiting}`,
          x: x(k) + gap / 2,
          width: Math.max(0.5, pace - gap),
          y: top,
          height: Math.max(1.5, bottom - top),
          fill: cssColour(Math.sign(contribution(k)) * scale.high * 0.85, scale),
        }),
      );
      const next = reverse ? k + 1 : k - 1;
      if (next >= 0 && next < steps)
        children.push(
          s("line", {
            class: `rv-step-line${waiting}`,
            x1: x(Math.min(k, next)) + pace / 2,
            x2: x(Math.max(k, next)) + pace / 2,
            y1: y(value),
            y2: y(value),
          }),
        );
    }
    // Where in time, and the cursor.
    const every = Math.max(1, Math.ceil((labels.length ? 22 : 26) / pace));
    for (let k = 0; k < steps; k++)
      if (k % every === 0 || k === now)
        if (k === now || Math.abs(k - now) >= every)
          children.push(
            s(
              "text",
              {
                x: x(k) + pace / 2,
                y: BOARD - 6,
                "text-anchor": "middle",
                class: k === now ? "rv-here" : "",
              },
              labels[k] ?? String(k),
            ),
          );
    children.push(label("t", BOARD - 6));
    children.push(
      s("rect", {
        class: "rv-cursor",
        x: x(now) + 0.5,
        width: Math.max(1, pace - 1),
        y: 0.5,
        height: BOARD - 22,
        rx: 4,
      }),
    );
    // Over the cursor, which it may cross.
    children.push(s("text", { x: 0, y: FALL.top - 12, class: "rv-what" }, `${nameWeight()}, added up`));
    drawing.replaceChildren(...children);
    drawing.setAttribute("aria-label", describe());
  }

  function drawKept() {
    const width = Math.min(KEPT.widest, curve.parentElement!.clientWidth);
    if (width === 0) return;
    set(curve, { width });
    const [bottom, right] = [KEPT.height - KEPT.bottom, width - KEPT.right];
    const finite = kept.filter(Number.isFinite);
    const [low, high] = [Math.min(0, ...finite), Math.max(1, ...finite)];
    const x = (r: number) => KEPT.left + ((right - KEPT.left) * (r - 1)) / Math.max(1, steps - 1);
    const y = (value: number) => bottom - ((bottom - KEPT.top) * (value - low)) / (high - low);
    const shown = kept.flatMap((value, k) => (Number.isFinite(value) ? [{ r: k + 1, value }] : []));
    const path = shown
      .map(({ r, value }, k) => `${k ? "L" : "M"}${x(r).toFixed(1)} ${y(value).toFixed(1)}`)
      .join("");
    const every = Math.max(1, Math.ceil((30 * steps) / (right - KEPT.left)));
    const children: SVGElement[] = [0, 0.5, 1].flatMap((value) => [
      s("line", { class: "rv-rule", x1: KEPT.left, x2: right, y1: y(value), y2: y(value) }),
      s("text", { x: KEPT.left - 6, y: y(value) + 4, "text-anchor": "end" }, `${100 * value} %`),
    ]);
    for (let r = 1; r <= steps; r++)
      if ((r - 1) % every === 0 || r === steps)
        if (r === steps || steps - r >= every)
          children.push(s("text", { x: x(r), y: bottom + 15, "text-anchor": "middle" }, String(r)));
    children.push(
      s(
        "text",
        { x: (KEPT.left + right) / 2, y: KEPT.height - 3, "text-anchor": "middle" },
        "steps back, and how much of the gradient is kept",
      ),
      s("path", { class: "rv-kept-line", d: path }),
      ...shown.map(({ r, value }) =>
        s("circle", { class: "rv-kept-dot", cx: x(r), cy: y(value), r: r === reach ? 6 : 2.5 }),
      ),
    );
    curve.replaceChildren(...children);
    const some = [1, 2, 5, 10, 20].filter((r) => r < steps).map((r) => `${r}: ${percent(kept[r - 1])}`);
    curve.setAttribute(
      "aria-label",
      `Part of the gradient that is kept, by steps back. ${[...some, `${steps}: ${percent(kept[steps - 1])}`].join(", ")}.`,
    );
    const angle = cosine(sumOf(each), whole);
    truncation.textContent =
      reach === steps
        ? "Nothing is cut: all of the gradient is kept."
        : `${cut === "every" ? `Cut every ${plural(reach, "step")}` : `With ${plural(reach, "step")} back`}, ${percent(
            kept[reach - 1],
          )} of the gradient is kept, measured along its own direction${
            Number.isNaN(angle)
              ? "; nothing is left to point anywhere"
              : `. The cosine between the two is ${formatNumber(angle, 2)}`
          }.`;
  }

  function writeNumbers(now: number) {
    const goal = whole[picked.row * columns + picked.column];
    const lines: [string, string][] = [
      [`t = ${now} adds`, formatNumber(contribution(now), 4)],
      ["sum so far", formatNumber(at(sums, now, picked.row, picked.column), 4)],
      [".grad", formatNumber(goal, 4)],
    ];
    numbers.replaceChildren(
      h("div", { class: "rv-part-picked" }, h("dt", {}, nameWeight()), h("dd", {}, sayPicked())),
      ...lines.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
    );
  }

  /** Its place, as torch writes it. */
  function nameWeight(): string {
    const place = name === "bias_hh" ? `${picked.row}` : `${picked.row}, ${picked.column}`;
    return `${WEIGHTS[name].symbol}[${place}]`;
  }

  function sayPicked(): string {
    const units = gates.length ? rows / gates.length : rows;
    const gate = gates.length ? `${gates[Math.floor(picked.row / units)]} of ` : "";
    const to = `${gate}unit ${picked.row % units}`;
    if (name === "bias_hh") return to;
    return `${name === "weight_ih" ? "input" : "unit"} ${picked.column} → ${to}`;
  }

  function describe(): string {
    const order = share.map((value, k) => ({ value, k })).sort((a, b) => b.value - a.value);
    const top = order.slice(0, 3).map(({ value, k }) => `t = ${k} ${percent(value)}`);
    return `Shares of the gradient of ${WEIGHTS[name].symbol} by step. The largest: ${top.join(", ")}.`;
  }

  function say(now: number): string {
    const broken = whole.filter((value) => !Number.isFinite(value)).length;
    if (broken > 0) return `Of the ${parts.size} numbers of this gradient, ${broken} are not finite.`;
    if (largest(whole) === 0) return "This gradient is zero: no loss depends on these weights.";
    const sofar = share.reduce((sum, value, k) => sum + (reached(k) ? value : 0), 0);
    const end = reverse ? now === steps - 1 : now === 0;
    const result = reach === steps ? "this is .grad" : "this is all that truncation leaves";
    return `${end ? "All steps are added" : `The backward pass has come to t = ${now}`}: ${percent(sofar)} of the gradient${
      end ? `, ${result}` : ""
    }. Step ${now} itself adds ${percent(share[now])}.`;
  }

  function tabulate(): string {
    const lines = ["step,row,column,adds,sum_so_far,grad"];
    for (let k = 0; k < steps; k++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          lines.push(
            [
              k,
              row,
              column,
              at(each, k, row, column),
              at(sums, k, row, column),
              whole[row * columns + column],
            ].join(","),
          );
    return `${lines.join("\n")}\n`;
  }

  function stepUnder(event: PointerEvent): number | null {
    const box = drawing.getBoundingClientRect();
    const place = ((event.clientX - box.left - GUTTER) / (box.width - GUTTER)) * steps;
    return place < 0 ? null : Math.min(steps - 1, Math.floor(place));
  }

  function makeMatrix(label: string): MatrixView {
    const canvas = h("canvas", { "aria-hidden": "true" });
    const spot = h("div", { class: "rv-part-spot" });
    const element = h("div", { class: "rv-part-matrix", role: "img", "aria-label": label }, canvas, spot);
    const cell = (event: PointerEvent) =>
      cellAt(element.getBoundingClientRect(), rows, columns, event.clientX, event.clientY);
    element.addEventListener("pointerdown", (event) => {
      const { row, column } = cell(event);
      pick(row, column);
    });
    let read: (row: number, column: number) => number = () => 0;
    element.addEventListener("pointermove", (event) => {
      const { row, column } = cell(event);
      const place = name === "bias_hh" ? `${row}` : `${row}, ${column}`;
      tooltip.show(
        `${WEIGHTS[name].symbol}[${place}]: ${formatNumber(read(row, column), 4)}`,
        event.clientX,
        event.clientY,
      );
    });
    element.addEventListener("pointerleave", tooltip.hide);
    return {
      element,
      paint(values, colours) {
        read = values;
        paintMap(canvas, { rows, columns, at: values }, colours);
        element.style.aspectRatio = `${Math.max(columns, rows / 4)} / ${Math.min(rows, 4 * columns)}`;
        element.setAttribute("aria-label", `${label}: ${rows} by ${columns} numbers`);
      },
      mark(row, column) {
        spot.style.cssText = `left: ${(100 * column) / columns}%; width: ${100 / columns}%; top: ${
          (100 * row) / rows
        }%; height: ${100 / rows}%`;
      },
    };
  }

  // Colours are known once the card stands in the page, and it has no width before.
  onWidth(root, signal, refill);
  onTheme(signal, refill);
  cursor.on(paint);
  load();
});

const clamp = (value: number, end: number) => Math.max(0, Math.min(end - 1, value));

function percent(fraction: number): string {
  if (!Number.isFinite(fraction)) return "no number";
  const value = 100 * fraction;
  const text = Math.abs(value) >= 9.95 || value === 0 ? value.toFixed(0) : value.toFixed(1);
  return `${text.replace(/^-(?=0\.?0*$)/, "").replace("-", "−")} %`;
}
