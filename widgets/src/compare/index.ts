// Two or three traces side by side under one cursor: the same array of each, and their curves in one plot.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import { readColour, scaleOf } from "../lib/draw/colours";
import { GUTTER, type MapPanel, makeMapPanel } from "../lib/draw/map_panel";
import { extent, isBounded, rangeOf } from "../lib/draw/map_range";
import type { Axis, Frame } from "../lib/draw/plot";
import {
  clearCanvas,
  clip,
  drawAxes,
  drawCurve,
  fitRange,
  fromX,
  linearTicks,
  logTicks,
  toX,
} from "../lib/draw/plot";
import { whole } from "../lib/draw/region";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { visible } from "../lib/draw/text_layout";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { type Block, type Layer, readTrace, type Trace, valueAt } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray } from "../lib/words/sayings";
import {
  labelsFor,
  moduleOf,
  tabulateLayers,
  write,
  writeOptions,
  writeProgram,
  writeRecordings,
} from "../lib/words/takeaway";
import { alignSteps, MEASURES, type Measure, measureOf, subtract } from "./measures";

/** Of the curves, with room below for the numbers of the axis and what they are. */
const PLOT = { height: 150, below: 42 };

interface Side {
  name: string;
  trace: Trace;
  layer: Layer;
  element: HTMLElement;
  body: HTMLElement;
  panel: MapPanel | null;
  place: number;
}

const LABELS = ["A", "B", "C"];

export default defineWidget("compare", async ({ model, host, root, signal }) => {
  const references = ["first", "second", "third"].map((key) => model.get(key)).filter(Boolean);
  const traces = await Promise.all(references.map(async (one) => readTrace(await host.getModel(one))));
  const cursor = await connectCursor(model, host, signal);
  const names: string[] = model.get("names");
  const wanted: string[] = model.get("layers");
  let array: string = model.get("array");
  let measure: Measure = "state";
  let common = true;
  let difference: MapPanel | null = null;

  const sequenceOf = ({ layer }: Side) => Math.min(cursor.get("sequence"), layer.sequences - 1);
  const lengthOf = (side: Side) => side.layer.lengths[sequenceOf(side)];
  const blockOf = (side: Side): Block | undefined => side.layer.arrays.get(array);
  const labelOf = (side: Side, step: number) => side.trace.labels?.[sequenceOf(side)]?.[step];
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), steps() - 1));

  const tooltip = makeTooltip(root);
  const sides: Side[] = traces.map((trace, place) => makeSide(trace, place));
  const sequences = Math.max(...sides.map((side) => side.layer.sequences));
  const steps = () => Math.max(...sides.map((side) => lengthOf(side)));
  const sequencePicker = makeSequencePicker(cursor, sequences);
  const arrayPicker = h("select", { "aria-label": "Array" });
  const commonBox = h("input", { type: "checkbox", checked: true });
  const differenceBox = h("input", { type: "checkbox" });
  const differenceField = h("label", { class: "rv-field" }, differenceBox, "Difference, B − A");
  const measurePicker = h("select", { "aria-label": "Curve" });
  const maps = h("div", {
    class: "rv-sides",
    tabindex: 0,
    role: "group",
    "aria-label": "Maps side by side. Left and right arrows move through time, up and down choose a unit.",
  });
  const differenceSide = h("div", { class: "rv-side", hidden: true });
  const canvas = h("canvas", { role: "img" });
  const key = h("ul", { class: "rv-legend" });
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: steps(),
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, count) => {
      const label = labelOf(sides[0], step);
      return `t = ${step}${label === undefined ? ` · step ${step + 1} of ${count}` : ` · ${visible(label)}`}`;
    },
  });
  const saveMenu = makeSaveMenu({
    name: "compare",
    root,
    table: () => tabulate(),
    code: () => {
      const chosen = sides.map(({ trace, layer }) => moduleOf(trace.modules, layer.name));
      const { lines, renames } = writeRecordings(names, chosen);
      const layers = names.map((name, k) => `${write(name)}: ${write(renames[k](sides[k].layer.name))}`);
      const labels = chosen.every((one) => labelsFor(traces[0].labels, one)) ? traces[0].labels : null;
      return writeProgram(
        lines,
        `rw.Compare(traces${writeOptions({ array, labels })}, layers={${layers.join(", ")}})`,
      );
    },
  });

  maps.append(...sides.map((side) => side.element), differenceSide);
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, `Compared: ${names.join(", ")}`),
      h("div", { class: "rv-controls" }, sequencePicker, saveMenu),
    ),
    h(
      "div",
      { class: "rv-controls rv-map-controls" },
      h("label", { class: "rv-field" }, "Show", arrayPicker),
      h("label", { class: "rv-field" }, commonBox, "Same colours for all"),
      differenceField,
    ),
    maps,
    h(
      "div",
      { class: "rv-compared" },
      h("div", { class: "rv-controls" }, h("label", { class: "rv-field" }, "Curve", measurePicker), key),
      canvas,
    ),
    transport.element,
    spoken,
  );
  key.append(
    ...sides.map(({ name, place }) =>
      h("li", {}, swatch(curveProperty(place), curveDash(place)), `${LABELS[place]}: ${name}`),
    ),
  );

  arrayPicker.addEventListener("change", () => {
    array = arrayPicker.value;
    build();
  });
  commonBox.addEventListener("change", () => {
    common = commonBox.checked;
    refill();
  });
  differenceBox.addEventListener("change", build);
  measurePicker.addEventListener("change", () => {
    measure = measurePicker.value as Measure;
    paint();
  });
  maps.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const most = Math.max(...sides.map((side) => blockOf(side)?.shape[2] ?? 1));
    cursor.move({ unit: Math.max(0, Math.min(most - 1, cursor.get("unit") + by)) });
  });

  function makeSide(trace: Trace, place: number): Side {
    const layer = trace.layers.find((one) => one.name === wanted[place])!;
    const picker = h("select", { "aria-label": `Layer of ${names[place]}`, hidden: trace.layers.length < 2 });
    for (const { name } of trace.layers)
      picker.append(h("option", { value: name, selected: name === layer.name }, `layer ${name}`));
    const body = h("div");
    const title = h("strong", {}, `${LABELS[place]}: ${names[place]}`);
    const size = h("span", { class: "rv-note" });
    const element = h(
      "div",
      { class: "rv-side" },
      h("div", { class: "rv-side-head" }, title, size, picker),
      body,
    );
    const side: Side = { name: names[place], trace, layer, element, body, panel: null, place };
    const say = () => {
      size.textContent = `${side.layer.kind}, ${plural(side.layer.units, "unit")}`;
    };
    picker.addEventListener("change", () => {
      side.layer = trace.layers.find((one) => one.name === picker.value)!;
      say();
      build();
    });
    say();
    return side;
  }

  function build() {
    const all = [...new Set(sides.flatMap(({ layer }) => [...layer.arrays.keys()]))];
    if (!all.includes(array)) array = "hidden";
    arrayPicker.replaceChildren(
      ...all.map((name) => h("option", { value: name, selected: name === array }, sayArray(name))),
    );
    const gradients = sides.some(({ layer }) => layer.arrays.has("grad_hidden"));
    if (measure === "gradient" && !gradients) measure = "state";
    measurePicker.replaceChildren(
      ...Object.entries(MEASURES)
        .filter(([value]) => value !== "gradient" || gradients)
        .map(([value, text]) => h("option", { value, selected: value === measure }, text)),
    );
    for (const side of sides) {
      side.panel = blockOf(side) ? makePanel(side) : null;
      side.body.replaceChildren(
        side.panel?.element ??
          h(
            "p",
            { class: "rv-note" },
            `This ${side.layer.kind} has no ${sayArray(array)}. It has ${listArrays(side)}.`,
          ),
      );
    }
    buildDifference();
    transport.resize(steps());
    refill();
  }

  function listArrays({ layer }: Side): string {
    return [...layer.arrays.keys()].map(sayArray).join(", ");
  }

  function buildDifference() {
    const [a, b] = sides;
    const alike = sides.length === 2 && subtract(blockOf(a), blockOf(b)) !== null;
    differenceField.hidden = !alike;
    const shown = alike && differenceBox.checked;
    differenceSide.hidden = !shown;
    difference = shown ? makePanel(null) : null;
    differenceSide.replaceChildren(
      ...(difference
        ? [h("div", { class: "rv-side-head" }, h("strong", {}, "B − A")), difference.element]
        : []),
    );
  }

  /** The map of one side, or of the difference of the two. */
  function makePanel(side: Side | null): MapPanel {
    const value = (row: number, column: number) =>
      side
        ? valueAt(blockOf(side)!, column, sequenceOf(side), row)
        : subtract(blockOf(sides[0]), blockOf(sides[1]))!(column, sequenceOf(sides[0]), row);
    const goTo = ({ row, column }: { row: number; column: number }) => {
      transport.pause();
      cursor.move({ step: column, unit: row });
    };
    return makeMapPanel({
      name: array,
      title: capital(sayArray(array)),
      hover: (place, event) =>
        tooltip.show(
          `unit ${place.row}, t = ${place.column}: ${formatNumber(value(place.row, place.column))}`,
          event.clientX,
          event.clientY,
        ),
      leave: tooltip.hide,
      press(place) {
        maps.focus({ preventScroll: true });
        goTo(place);
      },
      drag: goTo,
      release() {},
    });
  }

  function refill() {
    const limits = sides
      .filter((side) => side.panel)
      .map((side) => rangeOf("kind", side.trace, side.layer, array, sequenceOf(side)));
    const shared = {
      low: Math.min(...limits.map((range) => range.low)),
      high: Math.max(...limits.map((range) => range.high)),
    };
    const length = steps();
    for (const side of sides) {
      const { panel, layer } = side;
      if (!panel) continue;
      const block = blockOf(side)!;
      const mine = common ? shared : rangeOf("map", side.trace, layer, array, sequenceOf(side));
      panel.paint({
        map: {
          rows: block.shape[2],
          columns: length,
          // Steps that only a longer one has stay hatched.
          at: (row, column) =>
            column < lengthOf(side) ? valueAt(block, column, sequenceOf(side), row) : Number.NaN,
        },
        region: whole(block.shape[2], length),
        scale: { ...scaleOf(root, array), ...mine },
        height: Math.max(72, Math.min(180, block.shape[2] * 12)),
        rowName: String,
        labels: side.trace.labels ? alignSteps(side.trace.labels[sequenceOf(side)], length) : undefined,
      });
      const [low, high] = extent(block, layer.lengths, sequenceOf(side));
      panel.figure.setAttribute(
        "aria-label",
        `${side.name}: ${sayArray(array)}, ${plural(block.shape[2], "unit")} over ${plural(lengthOf(side), "step")}, from ${formatNumber(low, 2)} to ${formatNumber(high, 2)}.`,
      );
    }
    paintDifference(length);
    size();
    paint();
  }

  function paintDifference(length: number) {
    if (!difference) return;
    const [a, b] = sides;
    const [sequence, units] = [sequenceOf(a), blockOf(a)!.shape[2]];
    const less = subtract(blockOf(a), blockOf(b))!;
    let limit = 0;
    for (let t = 0; t < length; t++)
      for (let unit = 0; unit < units; unit++) {
        const size = Math.abs(less(t, sequence, unit));
        if (Number.isFinite(size)) limit = Math.max(limit, size);
      }
    difference.paint({
      map: { rows: units, columns: length, at: (row, column) => less(column, sequence, row) },
      region: whole(units, length),
      // A difference has a sign whatever it is the difference of.
      scale: scaleOf(root, "hidden", limit || 1),
      height: Math.max(72, Math.min(180, units * 12)),
      rowName: String,
      labels: undefined,
    });
    difference.figure.setAttribute(
      "aria-label",
      `Difference of the two, ${plural(units, "unit")} over ${plural(length, "step")}: at most ${formatNumber(limit)}.`,
    );
  }

  function size() {
    const panels = [...sides.map((side) => side.panel), difference];
    for (const panel of panels) panel?.size(panel.element.clientWidth - GUTTER);
  }

  const paint = oncePerFrame(draw, signal);

  let [lastSequence, lastSteps] = [-1, -1];
  function draw() {
    const sequence = Math.min(cursor.get("sequence"), sequences - 1);
    if (sequence !== lastSequence || steps() !== lastSteps) {
      [lastSequence, lastSteps] = [sequence, steps()];
      sequencePicker.value = String(sequence);
      build();
      return;
    }
    const [step, unit] = [stepNow(), cursor.get("unit")];
    transport.show(step);
    const read: string[] = [];
    for (const side of sides) {
      const block = blockOf(side);
      if (!side.panel || !block) continue;
      const mine = Math.min(unit, block.shape[2] - 1);
      const inside = step < lengthOf(side);
      side.panel.mark({ row: mine, column: step });
      const value = valueAt(block, Math.min(step, lengthOf(side) - 1), sequenceOf(side), mine);
      side.panel.reading.textContent = inside ? formatNumber(value) : "ended";
      read.push(`${side.name} ${inside ? formatNumber(value) : "has ended"}`);
    }
    if (difference) {
      const units = blockOf(sides[0])!.shape[2];
      const mine = Math.min(unit, units - 1);
      difference.mark({ row: mine, column: step });
      difference.reading.textContent = formatNumber(
        subtract(blockOf(sides[0]), blockOf(sides[1]))!(step, sequenceOf(sides[0]), mine),
      );
    }
    drawPlot(step, unit);
    const told = curves(unit)
      .map((values, place) => {
        const value = values[step];
        return value === undefined ? "" : `${names[place]} ${formatNumber(value)}`;
      })
      .filter(Boolean);
    spoken.textContent = `t = ${step}, unit ${unit}, ${sayArray(array)}: ${read.join("; ")}. ${capital(MEASURES[measure])}: ${told.join("; ")}.`;
  }

  const curves = (unit: number): number[][] =>
    sides.map((side) => measureOf(measure, side.layer, sequenceOf(side), blockOf(side), unit));

  const frameOf = (): Frame => ({
    left: 52,
    top: 8,
    width: Math.max(80, canvas.parentElement!.clientWidth - 62),
    height: PLOT.height,
  });
  const acrossOf = (): Axis => ({ range: [-0.5, steps() - 0.5], log: false });

  function drawPlot(step: number, unit: number) {
    const lines = curves(unit);
    const frame = frameOf();
    const context = clearCanvas(canvas, frame.width + 62, frame.top + frame.height + PLOT.below);
    const log = measure === "gradient";
    const x = acrossOf();
    const [low, high] = fitRange(lines.flat(), log);
    const bounded = measure === "unit" && sides.some((side) => isBounded(side.layer, array));
    // Thirty decades say "nothing is left" as well as three hundred do.
    const range: [number, number] = log
      ? [Math.max(low, high - 30), high]
      : bounded
        ? [Math.min(low, -1), Math.max(high, 1)]
        : [low, high];
    const y: Axis = { range, log };
    drawAxes(
      context,
      frame,
      {
        x,
        y,
        xTicks: linearTicks([0, Math.max(1, steps() - 1)], Math.max(2, frame.width / 70), true),
        yTicks: log ? logTicks(range, 5) : linearTicks(range, 4),
      },
      {
        grid: readColour(root, "--rv-line"),
        text: readColour(root, "--rv-ink-2"),
        font: "11.5px system-ui, sans-serif",
      },
    );
    const unclip = clip(context, frame);
    for (const [place, values] of lines.entries())
      drawCurve(context, values, 0, x, y, frame, {
        colour: readColour(root, curveProperty(place)),
        dash: curveDash(place),
      });
    unclip();
    context.fillStyle = readColour(root, "--rv-ink-2");
    context.font = "11.5px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText("step t", frame.left + frame.width / 2, frame.top + frame.height + PLOT.below - 4);
    context.fillStyle = readColour(root, "--rv-ink");
    context.fillRect(toX(step, x, frame) - 0.75, frame.top, 1.5, frame.height);
    canvas.setAttribute(
      "aria-label",
      `${capital(MEASURES[measure])} at every step. ${lines
        .map((values, place) => {
          const [least, most] = fitRange(values, false);
          return values.length
            ? `${names[place]}: between ${formatNumber(least)} and ${formatNumber(most)}.`
            : `${names[place]}: none.`;
        })
        .join(" ")}`,
    );
  }

  const goToX = (event: PointerEvent) => {
    const at = fromX(event.clientX - canvas.getBoundingClientRect().left, acrossOf(), frameOf());
    transport.pause();
    cursor.move({ step: Math.max(0, Math.min(steps() - 1, Math.round(at))) });
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    goToX(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) goToX(event);
  });

  function tabulate(): string {
    const tables = sides.map((side) => {
      const lines = tabulateLayers(
        [side.layer],
        sequenceOf(side),
        side.trace.labels?.[sequenceOf(side)],
      ).trimEnd();
      const name = /[",\n]/.test(side.name) ? `"${side.name.replaceAll('"', '""')}"` : side.name;
      return lines.split("\n").map((line, row) => `${row === 0 ? "trace" : name},${line}`);
    });
    // Traces with other arrays have other columns, so that each keeps the line that names them.
    return `${tables.map((lines) => lines.join("\n")).join("\n\n")}\n`;
  }

  onWidth(maps, signal, () => {
    size();
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  draw();
});
