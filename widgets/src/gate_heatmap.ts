// Every gate and state of a layer as a map: units down, time across, under the input's own symbols.
import { range } from "d3-array";
import type { Scale } from "./lib/colours";
import { hueProperty, isValve, scaleOf } from "./lib/colours";
import { connectCursor } from "./lib/cursor";
import { h, s, set } from "./lib/dom";
import { formatNumber, plural } from "./lib/format";
import type { Map2D } from "./lib/heatmap";
import { cellAt, paintMap } from "./lib/heatmap";
import { makeSaveMenu } from "./lib/save_menu";
import { capital, sayArray, sayUnit, shareOpen } from "./lib/sayings";
import { makeSequencePicker } from "./lib/sequence_picker";
import { tabulateLayers, writeCode } from "./lib/takeaway";
import { makeTooltip } from "./lib/tooltip";
import type { Block, Layer } from "./lib/trace";
import { readTrace, valueAt } from "./lib/trace";
import { makeTransport } from "./lib/transport";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "./lib/widget";

interface Panel {
  name: string;
  element: HTMLElement;
  figure: HTMLElement;
  canvas: HTMLCanvasElement;
  column: HTMLElement;
  line: HTMLElement;
  reading: HTMLElement;
  share: HTMLElement;
  steps: SVGSVGElement;
  units: SVGSVGElement;
  block: Block;
  scale: Scale;
}

export default defineWidget("gate-heatmap", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const named = (name: string) => trace.layers.find((layer) => layer.name === name);
  const own: string = model.get("layer");
  let layer: Layer = named(own)!;
  let sequence = -1;
  let panels: Panel[] = [];

  const title = h("h3");
  const layerPicker = h("select", { "aria-label": "Layer" });
  for (const { name } of trace.layers) layerPicker.append(h("option", { value: name }, `layer ${name}`));
  layerPicker.hidden = trace.layers.length < 2;
  const sequencePicker = makeSequencePicker(cursor, layer.sequences);
  const grid = h("div", {
    class: "rv-maps",
    tabindex: 0,
    role: "group",
    "aria-label":
      "Maps of gates and states. Left and right arrows move through time, up and down choose a unit.",
  });
  const summary = h("p", { class: "rv-caption", "aria-live": "polite" });
  const tooltip = makeTooltip(root);
  const transport = makeTransport({
    steps: layer.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => {
      const label = trace.labels?.[sequence]?.[step];
      return `t = ${step}${label === undefined ? ` · step ${step + 1} of ${steps}` : ` · ${visible(label)}`}`;
    },
  });
  const saveMenu = makeSaveMenu({
    name: "gate-heatmap",
    root,
    table: () => tabulateLayers([layer], sequence, trace.labels?.[sequence]),
    code: () => writeCode(trace, `rw.GateHeatmap(trace, layer="${layer.name}")`),
  });
  const valveKey = h("li", {}, h("i", { class: "rv-valve" }), "gate: closed 0 to open 1");
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h(
        "ul",
        { class: "rv-legend" },
        valveKey,
        h("li", {}, h("i", { class: "rv-scale" }), "value: negative to positive"),
      ),
      h("div", { class: "rv-controls" }, layerPicker, sequencePicker, saveMenu),
    ),
    grid,
    transport.element,
    summary,
  );

  layerPicker.addEventListener("change", () => cursor.move({ layer: layerPicker.value, unit: 0 }));
  grid.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    cursor.move({ unit: Math.max(0, Math.min(mostUnits() - 1, unitNow() + by)) });
  });

  const lengthNow = () => layer.lengths[sequence];
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), lengthNow() - 1));
  // A projection leaves fewer units in the hidden state than in the gates.
  const mostUnits = () => Math.max(...panels.map((panel) => panel.block.shape[2]));
  const unitNow = () => Math.min(cursor.get("unit"), mostUnits() - 1);

  /** What this layer has of the arrays asked for: a GRU beside an LSTM has no cell state. */
  function arraysOf(wanted: string[]): string[] {
    if (layer.name === own) return wanted;
    const usual = [...layer.gates, "cell", "hidden"];
    return usual.filter((name) => layer.arrays.has(name));
  }

  function build() {
    const { kind, name, units } = layer;
    title.textContent = `${kind} layer ${name}: ${plural(units, "unit")}`;
    panels = arraysOf(model.get("arrays")).map((array) => makePanel(array));
    grid.replaceChildren(...panels.map((panel) => panel.element));
    valveKey.hidden = !panels.some((panel) => isValve(panel.name));
    transport.resize(lengthNow());
    refill();
  }

  function makePanel(name: string): Panel {
    const block = layer.arrays.get(name)!;
    const canvas = h("canvas", { "aria-hidden": "true" });
    const column = h("div", { class: "rv-column-mark" });
    const line = h("div", { class: "rv-row-mark" });
    const reading = h("span", { class: "rv-reading" });
    const share = h("span", { class: "rv-note" });
    const figure = h("div", { class: "rv-map", role: "img" }, canvas, column, line);
    const heading = h(
      "div",
      { class: "rv-map-head" },
      h("strong", { style: `color: var(${hueProperty(name)})` }, capital(sayArray(name))),
      reading,
      share,
    );
    const steps = s("svg", { class: "rv-axis", height: 18, "aria-hidden": "true" });
    const units = s("svg", { class: "rv-axis", width: GUTTER, "aria-hidden": "true" });
    const element = h("div", { class: "rv-panel" }, heading, units, figure, steps);
    const place = (event: PointerEvent) =>
      cellAt(figure.getBoundingClientRect(), block.shape[2], lengthNow(), event.clientX, event.clientY);
    const goTo = (event: PointerEvent) => {
      const { row, column } = place(event);
      transport.pause();
      cursor.move({ step: column, unit: row, gate: name, layer: layer.name });
    };
    figure.addEventListener("pointermove", (event) => {
      const { row, column } = place(event);
      const value = valueAt(panel.block, column, sequence, row);
      const label = trace.labels?.[sequence]?.[column];
      tooltip.show(
        `unit ${row}, t = ${column}${label === undefined ? "" : ` (${visible(label)})`}: ${formatNumber(value)}`,
        event.clientX,
        event.clientY,
      );
      if (event.buttons & 1) goTo(event);
    });
    figure.addEventListener("pointerleave", tooltip.hide);
    figure.addEventListener("pointerdown", (event) => {
      figure.setPointerCapture(event.pointerId);
      grid.focus({ preventScroll: true });
      goTo(event);
    });
    const panel: Panel = {
      name,
      element,
      figure,
      canvas,
      column,
      line,
      reading,
      share,
      steps,
      units,
      block,
      scale: scaleOf(root, name),
    };
    return panel;
  }

  /** Paints the maps anew: another layer, another sequence, or light turned to dark. */
  function refill() {
    const steps = lengthNow();
    for (const panel of panels) {
      const { block, name } = panel;
      let [limit, broken] = [0, 0];
      for (let t = 0; t < steps; t++)
        for (let unit = 0; unit < block.shape[2]; unit++) {
          const value = Math.abs(valueAt(block, t, sequence, unit));
          if (!Number.isFinite(value)) broken++;
          else if (value > limit) limit = value;
        }
      const bounded = (name === "hidden" && layer.nonlinearity !== "relu") || name === "candidate";
      panel.scale = scaleOf(root, name, bounded ? 1 : limit || 1);
      const map: Map2D = {
        rows: block.shape[2],
        columns: steps,
        at: (row, column) => valueAt(block, column, sequence, row),
      };
      paintMap(panel.canvas, map, panel.scale);
      const scaleNote = isValve(name) || bounded ? "" : `±${formatNumber(limit, 2)}`;
      const { closed, open } = shareOpen(valuesOf(block, steps));
      panel.share.textContent = broken
        ? `${broken} values are not finite`
        : isValve(name)
          ? `${percent(closed)} closed, ${percent(open)} open`
          : scaleNote;
      panel.figure.setAttribute(
        "aria-label",
        `${capital(sayArray(name))}, ${plural(block.shape[2], "unit")} over ${plural(steps, "step")}. ${panel.share.textContent}`,
      );
    }
    size();
    paint();
  }

  function* valuesOf(block: Block, steps: number) {
    for (let t = 0; t < steps; t++)
      for (let unit = 0; unit < block.shape[2]; unit++) yield valueAt(block, t, sequence, unit);
  }

  function size() {
    // Few units make tall rows, many make thin ones; a map is never taller than it is useful.
    const height = Math.max(72, Math.min(200, mostUnits() * 14));
    const width = (grid.firstElementChild?.clientWidth ?? 300) - GUTTER;
    for (const panel of panels) {
      panel.figure.style.height = `${height}px`;
      set(panel.steps, { width: width + GUTTER });
      set(panel.units, { height });
      panel.steps.replaceChildren(...stepTicks(lengthNow(), width, trace.labels?.[sequence]));
      panel.units.replaceChildren(...unitTicks(panel.block.shape[2], height));
    }
  }

  const paint = oncePerFrame(draw, signal);

  function draw() {
    const wantedLayer = named(cursor.get("layer")) ?? layer;
    const wantedSequence = Math.min(cursor.get("sequence"), layer.sequences - 1);
    if (wantedLayer !== layer || wantedSequence !== sequence) {
      layer = wantedLayer;
      sequence = wantedSequence;
      layerPicker.value = layer.name;
      sequencePicker.value = String(sequence);
      build();
      return;
    }
    const [step, unit, steps] = [stepNow(), unitNow(), lengthNow()];
    transport.show(step);
    for (const panel of panels) {
      panel.column.style.cssText = `left: ${(100 * step) / steps}%; width: ${100 / steps}%`;
      const units = panel.block.shape[2];
      const own = Math.min(unit, units - 1);
      panel.line.style.cssText = `top: ${(100 * own) / units}%; height: ${100 / units}%`;
      panel.reading.textContent = formatNumber(valueAt(panel.block, step, sequence, own));
    }
    const chosen = panels.find((panel) => panel.name === cursor.get("gate")) ?? panels[panels.length - 1];
    const own = Math.min(unit, chosen.block.shape[2] - 1);
    const values = Array.from({ length: steps }, (_, t) => valueAt(chosen.block, t, sequence, own));
    summary.textContent = sayUnit(chosen.name, own, values);
  }

  onWidth(grid, signal, () => {
    size();
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  draw();
});

const GUTTER = 26;

/** 1, 2, 5, 10, …: the least round number that leaves no more marks than there is room for. */
function roundStep(count: number, room: number): number {
  for (let size = 1; ; size *= 10)
    for (const step of [size, 2 * size, 5 * size]) if (count / step <= Math.max(1, room)) return step;
}

/** Marks under a map: the sequence's own symbols where they fit, else the numbers of some steps. */
function stepTicks(steps: number, width: number, labels: string[] | undefined): SVGElement[] {
  const pitch = width / steps;
  const at = (t: number, text: string) => s("text", { x: GUTTER + (t + 0.5) * pitch, y: 13 }, text);
  const longest = labels ? Math.max(...labels.slice(0, steps).map((label) => label.length)) : 0;
  if (labels && longest * 7 + 2 <= pitch)
    return labels.slice(0, steps).map((label, t) => at(t, visible(label)));
  const every = roundStep(steps, width / (labels ? 14 + 8 * longest : 60));
  return range(0, steps, every).map((t) => at(t, labels ? visible(labels[t]) : String(t)));
}

function unitTicks(units: number, height: number): SVGElement[] {
  const every = roundStep(units, Math.min(5, height / 14));
  return range(0, units, every).map((unit) =>
    s("text", { class: "rv-unit-tick", x: GUTTER - 5, y: ((unit + 0.5) * height) / units + 4 }, String(unit)),
  );
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** A blank or a line end as something one can see. */
const visible = (label: string): string =>
  label === " " ? "␣" : label === "\n" ? "⏎" : label === "\t" ? "⇥" : label;
