// The T×T map of gradient flow or influence, and the cursor's row and column of it as curves.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import type { Scale } from "../lib/draw/colours";
import { makeRamp, readColour } from "../lib/draw/colours";
import { cellAt, paintMap } from "../lib/draw/heatmap";
import { clearCanvas, drawAxes, drawCurve, fitRange, linearTicks, logTicks, toX } from "../lib/draw/plot";
import { swatch } from "../lib/draw/swatch";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, s, set } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import type { Entry } from "../lib/trace/trace";
import { readFloats } from "../lib/trace/trace";
import { formatNumber } from "../lib/words/format";
import { writeCode, writeOptions } from "../lib/words/takeaway";

/** Orders of magnitude that the colours span, down from the largest value. */
const DECADES = 6;
const COLUMN_DASH = [5, 4];

const WORDS = {
  gradient: {
    title: "Gradient flow ‖∂Lₜ/∂hₖ‖",
    row: (t: number) => `what the loss at t = ${t} asks of each state`,
    column: (k: number) => `what each loss asks of the state at k = ${k}`,
  },
  influence: {
    title: "Influence ‖∂hₜ/∂xₖ‖",
    row: (t: number) => `which inputs the state at t = ${t} depends on`,
    column: (k: number) => `how far the input at k = ${k} reaches`,
  },
};

export default defineWidget("gradient-flow", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const entry = model.get("map") as Entry;
  const [sequences, size] = entry.shape;
  const values = readFloats(model)(entry);
  const lengths = model.get("lengths") as number[];
  const labels = model.get("labels") as string[][];
  const words = WORDS[model.get("of") as keyof typeof WORDS];
  let sequence = -1;
  /** The row t the reader looks at; the column k is the cursor's step. */
  let row = -1;
  let scale: Scale;
  let largest = 0;

  const sequencePicker = makeSequencePicker(cursor, sequences);
  const canvas = h("canvas", { "aria-hidden": "true" });
  const columnMark = h("div", { class: "rv-column-mark" });
  const rowMark = h("div", { class: "rv-row-mark" });
  const map = h("div", { class: "rv-map rv-flow-map", role: "img" }, canvas, columnMark, rowMark);
  const curves = h("canvas", { "aria-hidden": "true" });
  const rowLegend = h("li");
  const columnLegend = h("li");
  const [least, most] = [h("span"), h("span")];
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const tooltip = makeTooltip(root);
  const board = h(
    "div",
    {
      class: "rv-flow",
      tabindex: 0,
      role: "group",
      "aria-label": `${words.title}. Left and right arrows choose the step k, up and down the step t.`,
    },
    h(
      "div",
      { class: "rv-flow-left" },
      s("svg", { class: "rv-axis rv-flow-units", width: 34, "aria-hidden": "true" }),
      map,
      s("svg", { class: "rv-axis rv-flow-steps", height: 34, "aria-hidden": "true" }),
    ),
    h(
      "div",
      { class: "rv-flow-right" },
      h("ul", { class: "rv-legend rv-flow-legend" }, rowLegend, columnLegend),
      curves,
    ),
  );
  const transport = makeTransport({
    steps: size,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step) => `k = ${step}${labels[sequence] ? ` · ${labels[sequence][step]}` : ""}`,
  });
  const saveMenu = makeSaveMenu({
    name: "gradient-flow",
    root,
    table: () => {
      const steps = Array.from({ length: lengthNow() }, (_, k) => k);
      const rows = steps.flatMap((t) => steps.slice(0, t + 1).map((k) => `${t},${k},${at(t, k)}`));
      return ["t,k,norm", ...rows, ""].join("\n");
    },
    code: () => {
      const module = { ...model.get("module"), backward: model.get("of") === "gradient" };
      return writeCode(
        [module],
        (rename) =>
          `rw.GradientFlow(trace${writeOptions({
            layer: rename(model.get("layer")),
            of: model.get("of"),
            labels: labels.length ? labels : null,
          })})`,
      );
    },
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, `${words.title} in layer ${model.get("layer")}`),
      h("span", { class: "rv-legend" }, least, h("i", { class: "rv-flow-scale" }), most),
      h("div", { class: "rv-controls" }, sequencePicker, saveMenu),
    ),
    board,
    transport.element,
    spoken,
  );

  const lengthNow = () => lengths[sequence];
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), lengthNow() - 1));
  const at = (t: number, k: number) => values[(sequence * size + t) * size + k];
  const paint = oncePerFrame(draw, signal);

  board.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    row = Math.max(0, Math.min(lengthNow() - 1, row + by));
    paint();
  });
  const place = (event: PointerEvent) =>
    cellAt(map.getBoundingClientRect(), lengthNow(), lengthNow(), event.clientX, event.clientY);
  const goTo = (event: PointerEvent) => {
    const found = place(event);
    row = found.row;
    transport.pause();
    cursor.move({ step: found.column });
    paint();
  };
  map.addEventListener("pointermove", (event) => {
    const found = place(event);
    tooltip.show(
      `t = ${found.row}, k = ${found.column}: ${formatNumber(at(found.row, found.column))}`,
      event.clientX,
      event.clientY,
    );
    if (event.buttons & 1) goTo(event);
  });
  map.addEventListener("pointerleave", tooltip.hide);
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    board.focus({ preventScroll: true });
    goTo(event);
  });

  function refill() {
    const steps = lengthNow();
    largest = 0;
    for (let t = 0; t < steps; t++)
      for (let k = 0; k < steps; k++) if (Number.isFinite(at(t, k)) && at(t, k) > largest) largest = at(t, k);
    const top = largest > 0 ? Math.log10(largest) : 0;
    scale = {
      low: top - DECADES,
      high: top,
      ramp: makeRamp([readColour(root, "--rv-mid"), readColour(root, "--rv-grad")]),
    };
    // Nothing flows from a step to one before it, or from a step without a loss: those cells stay see-through.
    paintMap(
      canvas,
      { rows: steps, columns: steps, at: (t, k) => (at(t, k) > 0 ? Math.log10(at(t, k)) : Number.NaN) },
      scale,
    );
    least.textContent = `≤ ${formatNumber(10 ** scale.low)}`;
    most.textContent = formatNumber(largest);
    map.setAttribute(
      "aria-label",
      `${words.title}: ${steps} by ${steps} steps, largest ${formatNumber(largest)}.`,
    );
    fit();
    paint();
  }

  function fit() {
    const side = map.clientWidth;
    map.style.height = `${side}px`;
    const steps = lengthNow();
    const ticks = linearTicks([0, steps - 1], Math.max(2, side / 60), true);
    const pixel = (step: number) => ((step + 0.5) * side) / steps;
    const across = root.querySelector(".rv-flow-steps")!;
    const down = root.querySelector(".rv-flow-units")!;
    set(across, { width: side + 34 });
    set(down, { height: side });
    across.replaceChildren(
      ...ticks.map((tick) => s("text", { x: 34 + pixel(tick.at), y: 13 }, tick.label)),
      s("text", { x: 34 + side / 2, y: 30 }, "step k"),
    );
    down.replaceChildren(
      ...ticks.map((tick) => s("text", { class: "rv-unit-tick", x: 28, y: pixel(tick.at) + 4 }, tick.label)),
      s("text", { transform: `translate(9 ${side / 2}) rotate(-90)` }, "step t"),
    );
  }

  function draw() {
    const wanted = Math.min(cursor.get("sequence"), sequences - 1);
    if (wanted !== sequence) {
      sequence = wanted;
      sequencePicker.value = String(sequence);
      transport.resize(lengthNow());
      row = lastRow();
      refill();
      return;
    }
    const steps = lengthNow();
    const column = stepNow();
    transport.show(column);
    columnMark.style.cssText = `left: ${(100 * column) / steps}%; width: ${100 / steps}%`;
    rowMark.style.cssText = `top: ${(100 * row) / steps}%; height: ${100 / steps}%`;
    rowLegend.replaceChildren(swatch("--rv-grad"), words.row(row));
    columnLegend.replaceChildren(swatch("--rv-accent", COLUMN_DASH), words.column(column));
    drawCurves(steps, column);
    spoken.textContent = say(steps, column);
  }

  /** The last step at which anything arrives: where a loss on the final output sits. */
  function lastRow(): number {
    for (let t = lengthNow() - 1; t >= 0; t--) for (let k = 0; k <= t; k++) if (at(t, k) > 0) return t;
    return lengthNow() - 1;
  }

  function drawCurves(steps: number, column: number) {
    const width = curves.parentElement!.clientWidth;
    const height = Math.max(180, map.clientWidth - 10);
    const context = clearCanvas(curves, width, height);
    const frame = { left: 46, top: 8, width: width - 58, height: height - 50 };
    const [across, down] = [
      Float64Array.from({ length: steps }, (_, k) => at(row, k)),
      Float64Array.from({ length: steps }, (_, t) => at(t, column)),
    ];
    const x = { range: [0, Math.max(1, steps - 1)] as [number, number], log: false };
    const y = { range: fitRange([...across, ...down], true), log: true };
    const ink = {
      grid: readColour(root, "--rv-line"),
      text: readColour(root, "--rv-ink-2"),
      font: "11.5px system-ui, sans-serif",
    };
    drawAxes(
      context,
      frame,
      { x, y, xTicks: linearTicks(x.range, Math.max(2, width / 70), true), yTicks: logTicks(y.range, 6) },
      ink,
    );
    drawCurve(context, down, 0, x, y, frame, { colour: readColour(root, "--rv-accent"), dash: COLUMN_DASH });
    drawCurve(context, across, 0, x, y, frame, { colour: readColour(root, "--rv-grad"), width: 2.5 });
    context.fillStyle = ink.text;
    context.font = ink.font;
    context.textAlign = "center";
    context.fillText("step", frame.left + frame.width / 2, height - 8);
    context.fillStyle = readColour(root, "--rv-ink");
    context.fillRect(toX(column, x, frame) - 0.75, frame.top, 1.5, frame.height);
  }

  function say(steps: number, column: number): string {
    const now = at(row, column);
    const own = at(row, row);
    const ratio =
      own > 0 && now > 0 ? `, ${formatNumber(now / own)} of what stands at t = ${row} itself` : "";
    const where = column > row ? " (a later step: nothing flows there)" : "";
    return steps === 0
      ? "This sequence has no steps."
      : `From t = ${row} to k = ${column}: ${formatNumber(now)}${ratio}${where}.`;
  }

  onWidth(board, signal, () => {
    if (sequence >= 0) fit();
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  draw();
});
