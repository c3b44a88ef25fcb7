// How large the gradient is at each step, for several models at once. While a control moves, the curves are drawn
// here, frame by frame; at rest plotly draws the same picture, to be zoomed, compared and saved.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import { readColour } from "../lib/draw/colours";
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
  toY,
} from "../lib/draw/plot";
import type { Plotly, PlotlyElement } from "../lib/draw/plotly";
import { loadPlotly } from "../lib/draw/plotly";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { askInTurn } from "../lib/page/requests";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import type { Module } from "../lib/trace/trace";
import { countFaults, tellCurves, tellRatio } from "../lib/words/gradient_story";
import {
  quote,
  write,
  writeOptions,
  writeProgram,
  writeRecording,
  writeRecordings,
} from "../lib/words/takeaway";

interface CurveHeader {
  name: string;
  steps: number;
  sequences: number;
  lengths: number[];
  hidden: number;
  cell: number | null;
  growth: number | null;
}

interface Curve {
  name: string;
  /** Of one sequence, as long as that is; null where the model has no such gradient. */
  values: Float64Array | null;
  /** What no step back can exceed, where that is known. */
  bound: Float64Array | null;
}

type Quantity = "hidden" | "cell";

/** Above the plot there is room for plotly's buttons: on it they would cover the curves' last steps. */
const MARGIN = { left: 72, right: 18, top: 40, bottom: 44 };
/** How long the controls must rest before plotly draws. */
const REST = 160;

export default defineWidget("gradient-curves", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const fresh = (model.get("cells") as string[]).length > 0;
  let quantity: Quantity = model.get("quantity");
  let log = model.get("scale") === "log";
  let bounds = true;
  let sequence = 0;
  const hidden = new Set<string>();
  let curves: Curve[] = [];
  let range: [number, number] = [0, 1];
  let width = 0;
  let height = 340;
  // Fingers need larger buttons.
  const margin = { ...MARGIN, top: coarse() ? 52 : MARGIN.top };

  // ---- the card
  const title = h("h3");
  const quantityPicker = h(
    "select",
    { "aria-label": "Gradient at" },
    h("option", { value: "hidden" }, "∂L/∂h, hidden state"),
    h("option", { value: "cell" }, "∂L/∂c, cell state"),
  );
  const scalePicker = h(
    "select",
    { "aria-label": "Vertical axis" },
    h("option", { value: "log" }, "logarithmic"),
    h("option", { value: "linear" }, "linear"),
  );
  const headers = () => model.get("curves") as CurveHeader[];
  // Fresh cells run over one sequence; what was recorded stays as it is.
  const sequencePicker = makeSequencePicker(cursor, Math.max(...headers().map((header) => header.sequences)));
  const labels = model.get("labels") as string[][];
  const boundBox = h("input", { type: "checkbox", checked: bounds });
  const boundField = h("label", { class: "rv-field" }, boundBox, "upper bound");
  const canvas = h("canvas", { "aria-hidden": "true" });
  const figure = h("div", { class: "rv-figure" });
  const plot = h("div", { class: "rv-plot", role: "group" }, figure, canvas);
  const legend = h("div", { class: "rv-curve-list", role: "group", "aria-label": "Curves shown" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const trouble = h("p", { class: "rv-note rv-trouble" });
  const story = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: 2,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => {
      const label = labels[sequence]?.[step];
      return `t = ${step} of ${steps - 1}${label === undefined ? "" : ` · ${label}`}`;
    },
  });
  const saveMenu = makeSaveMenu({
    name: "gradient-curves",
    root,
    vectors: drawAsSvg,
    table: tabulate,
    code: writeCode,
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h("div", { class: "rv-controls" }, quantityPicker, scalePicker, sequencePicker, boundField, saveMenu),
    ),
    // What is turned stands above what it moves: on a small screen both are in sight.
    ...(fresh ? [makeControls()] : []),
    legend,
    plot,
    transport.element,
    problem,
    trouble,
    story,
  );

  // ---- data
  function read(): void {
    const view = model.get("data") as DataView;
    const numbers = new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    const found = headers();
    sequence = sequenceNow();
    curves = found.map((header) => {
      const offset = header[quantity];
      const values = offset === null ? null : takeColumn(numbers, header, offset, sequence);
      const limit = quantity === "hidden" && bounds && values ? boundOf(values, header.growth) : null;
      return { name: header.name, values, bound: limit };
    });
    range = fitRange(everyValue(), log);
    const steps = Math.max(
      2,
      ...found.map((header) => header.lengths[Math.min(sequence, header.sequences - 1)]),
    );
    transport.resize(steps);
    sequencePicker.value = String(sequence);
    const hasCell = found.some((header) => header.cell !== null);
    quantityPicker.hidden = !hasCell;
    boundField.hidden = quantity === "cell" || found.every((header) => header.growth === null);
    title.textContent = `How much gradient reaches each of ${steps} steps`;
  }

  function* everyValue(): Iterable<number> {
    for (const curve of shown()) yield* curve.values!;
  }
  const shown = () => curves.filter((curve) => curve.values && !hidden.has(curve.name));
  /** A cursor shared with a larger recording may stand beyond the last sequence of these. */
  const sequenceNow = () =>
    Math.min(cursor.get("sequence"), Math.max(...headers().map((header) => header.sequences)) - 1);
  const stepsNow = () => Math.max(2, ...curves.map((curve) => curve.values?.length ?? 0));
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), stepsNow() - 1));
  const symbol = () => (quantity === "hidden" ? "h" : "c");
  const colourOf = (curve: Curve) => readColour(root, curveProperty(curves.indexOf(curve)));
  const dashOf = (curve: Curve) => curveDash(curves.indexOf(curve));

  // ---- the legend, which is also the reading at the cursor
  const chips = new Map<string, { button: HTMLButtonElement; reading: HTMLElement }>();

  function buildLegend(): void {
    chips.clear();
    legend.replaceChildren(
      ...curves.map((curve) => {
        const reading = h("span", { class: "rv-reading" });
        const button = h(
          "button",
          { class: "rv-chip", type: "button", "aria-pressed": String(!hidden.has(curve.name)) },
          swatch(curveProperty(curves.indexOf(curve)), dashOf(curve)),
          curve.name,
          reading,
        );
        button.addEventListener("click", () => {
          if (!hidden.delete(curve.name)) hidden.add(curve.name);
          button.setAttribute("aria-pressed", String(!hidden.has(curve.name)));
          change();
        });
        chips.set(curve.name, { button, reading });
        return button;
      }),
    );
  }

  function showReadings(): void {
    for (const curve of curves) {
      const chip = chips.get(curve.name);
      if (!chip) continue;
      const value = curve.values?.[Math.min(stepNow(), curve.values.length - 1)];
      chip.reading.textContent =
        value === undefined ? "has none" : stepNow() >= curve.values!.length ? "ended" : tellRatio(value);
    }
  }

  // ---- the picture
  const frame = (): Frame => ({
    left: margin.left,
    top: margin.top,
    width: Math.max(10, width - margin.left - margin.right),
    height: height - margin.top - margin.bottom,
  });

  let library: Plotly | undefined;
  let drawn: PlotlyElement | undefined;
  /** Counts changes; plotly's picture stands only while it shows the latest. */
  let wanted = 0;
  let plotted = -1;
  /** Where the reader has zoomed to in plotly, if anywhere. */
  let zoom: { x: [number, number]; y: [number, number] } | null = null;

  const still = () => plotted === wanted && drawn !== undefined;
  const axes = (): { x: Axis; y: Axis } => ({
    x: { range: zoom?.x ?? [0, stepsNow() - 1], log: false },
    y: { range: zoom?.y ?? range, log },
  });

  function paint(): void {
    const context = clearCanvas(canvas, width, height);
    const box = frame();
    const { x, y } = axes();
    const text = readColour(root, "--rv-ink-2");
    plot.classList.toggle("rv-still", still());
    if (!still()) {
      const count = Math.max(2, Math.floor(box.width / 70));
      drawAxes(
        context,
        box,
        {
          x,
          y,
          xTicks: linearTicks(x.range, count, true),
          yTicks: log ? logTicks(y.range, 8) : linearTicks(y.range, 6),
        },
        { grid: readColour(root, "--rv-line"), text, font: `13px ${readColour(root, "--rv-font")}` },
      );
      context.fillStyle = readColour(root, "--rv-ink");
      context.font = `14px ${readColour(root, "--rv-font")}`;
      context.textAlign = "center";
      context.fillText("step t", box.left + box.width / 2, height - 6);
      context.save();
      context.translate(14, box.top + box.height / 2);
      context.rotate(-Math.PI / 2);
      context.fillText(`‖∂L/∂${symbol()}ₜ‖`, 0, 0);
      context.restore();
      const done = clip(context, box);
      for (const curve of shown()) {
        const pen = { colour: colourOf(curve), dash: dashOf(curve) };
        if (curve.bound)
          drawCurve(context, curve.bound, 0, x, y, box, { ...pen, width: 1, dash: [2, 4], alpha: 0.9 });
        drawCurve(context, curve.values!, 0, x, y, box, pen);
      }
      done();
    }
    const done = clip(context, grow(box, 8));
    for (const curve of shown()) markFaults(context, curve, x, y, box);
    drawCursor(context, x, y, box, text);
    done();
  }

  /** What has no height on this axis: zeros at the lower edge, infinities at the upper, with crosses for no number. */
  function markFaults(context: CanvasRenderingContext2D, curve: Curve, x: Axis, y: Axis, box: Frame): void {
    context.strokeStyle = colourOf(curve);
    context.lineWidth = 1.5;
    const values = curve.values!;
    const every = Math.max(1, Math.ceil((7 * values.length) / box.width));
    for (let t = 0; t < values.length; t += every) {
      const value = values[t];
      const at = toX(t, x, box);
      context.beginPath();
      if (value === 0 && y.log) {
        const low = box.top + box.height - 1;
        context.moveTo(at - 3, low - 6);
        context.lineTo(at + 3, low - 6);
        context.lineTo(at, low);
        context.closePath();
      } else if (Number.isNaN(value)) {
        context.moveTo(at - 3, box.top + 1);
        context.lineTo(at + 3, box.top + 7);
        context.moveTo(at + 3, box.top + 1);
        context.lineTo(at - 3, box.top + 7);
      } else if (!Number.isFinite(value)) {
        context.moveTo(at - 3, box.top + 7);
        context.lineTo(at + 3, box.top + 7);
        context.lineTo(at, box.top + 1);
        context.closePath();
      }
      context.stroke();
    }
  }

  function drawCursor(context: CanvasRenderingContext2D, x: Axis, y: Axis, box: Frame, colour: string): void {
    const at = Math.round(toX(stepNow(), x, box)) + 0.5;
    if (at < box.left - 1 || at > box.left + box.width + 1) return;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(at, box.top);
    context.lineTo(at, box.top + box.height);
    context.stroke();
    context.lineWidth = 2;
    for (const curve of shown()) {
      const value = curve.values![stepNow()];
      const pixel = toY(value, y, box);
      if (!Number.isFinite(pixel) || pixel < box.top - 6 || pixel > box.top + box.height + 6) continue;
      context.fillStyle = colourOf(curve);
      context.strokeStyle = readColour(root, "--rv-bg");
      context.beginPath();
      context.arc(at, pixel, 5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  function show(): void {
    transport.show(stepNow());
    showReadings();
    paint();
  }
  const repaint = oncePerFrame(show, signal);

  // ---- plotly, at rest
  let rest = 0;

  /** Something about the curves is different: draw at once, and let plotly follow when it is quiet. */
  function change(): void {
    wanted++;
    read();
    if (chips.size !== curves.length || curves.some((curve) => !chips.has(curve.name))) buildLegend();
    // Not in the next frame: Python's answers come one at a time, and the one after waits for this.
    show();
    clearTimeout(rest);
    rest = window.setTimeout(settle, REST);
  }

  function settle(): void {
    tell();
    void draw();
  }

  async function draw(): Promise<void> {
    if (!library || signal.aborted || width === 0) return;
    const version = wanted;
    const element = await library.react(figure, traces(), layout(), CONFIG);
    if (!drawn) {
      element.on("plotly_relayout", followZoom);
      element.on("plotly_relayouting", followZoom);
      drawn = element;
    }
    plotted = version;
    followZoom();
  }

  /** Keeps the drawing on the canvas where plotly's own axes are. */
  function followZoom(): void {
    const x = drawn?.layout.xaxis?.range;
    const y = drawn?.layout.yaxis?.range;
    const near = (a: number, b: number) => Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
    const same =
      !x ||
      !y ||
      (near(x[0], 0) && near(x[1], stepsNow() - 1) && near(y[0], range[0]) && near(y[1], range[1]));
    zoom = same ? null : { x: [x[0], x[1]], y: [y[0], y[1]] };
    const ticks = ticksAt(zoom?.y ?? range);
    if (log && library && drawn && still() && String(ticks.ticktext) !== String(drawn.layout.yaxis?.ticktext))
      void library.relayout(drawn, { "yaxis.tickvals": ticks.tickvals, "yaxis.ticktext": ticks.ticktext });
    repaint();
  }

  function traces(): unknown[] {
    return shown().flatMap((curve) => {
      const line = {
        color: colourOf(curve),
        width: 2,
        dash:
          dashOf(curve)
            .map((n) => `${n}px`)
            .join(",") || "solid",
      };
      // A log axis has no place for what is not a positive, finite number.
      const place = (value: number) => (Number.isFinite(value) && (!log || value > 0) ? value : null);
      const common = { type: "scatter", mode: "lines", name: curve.name, legendgroup: curve.name };
      const all = [{ ...common, y: Array.from(curve.values!, place), line }] as unknown[];
      if (curve.bound)
        all.push({
          ...common,
          name: `${curve.name}, upper bound`,
          y: Array.from(curve.bound, place),
          line: { ...line, width: 1, dash: "2px,4px" },
          showlegend: false,
        });
      return all;
    });
  }

  const layout = (saved = false) => {
    // A saved picture shows what the reader has zoomed to; on the page plotly keeps that itself.
    const { x, y } = saved ? axes() : { x: { range: [0, stepsNow() - 1] }, y: { range } };
    return {
      width: saved ? 960 : width,
      height: saved ? 480 : height,
      margin: { l: margin.left, r: margin.right, t: saved ? 48 : margin.top, b: margin.bottom },
      font: { family: readColour(root, "--rv-font"), size: 13 },
      paper_bgcolor: saved ? "#ffffff" : "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      showlegend: saved,
      legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
      // Our own reading follows the pointer, the cursor and the keys alike.
      hovermode: false,
      dragmode: coarse() ? false : "zoom",
      // The reader's zoom is kept while the numbers change, and given up when the axis means something else.
      uirevision: `${quantity} ${log}`,
      xaxis: {
        ...GAP,
        title: { text: "step t" },
        range: x.range,
        gridcolor: "#d5dae3",
        zeroline: false,
      },
      yaxis: {
        ...GAP,
        title: { text: `‖∂L/∂${symbol()}<sub>t</sub>‖`, standoff: 4 },
        type: log ? "log" : "linear",
        range: y.range,
        ...(log ? ticksAt(zoom?.y ?? range) : { tickmode: "auto", nticks: 6 }),
        gridcolor: "#d5dae3",
        zeroline: false,
      },
    };
  };

  // ---- words
  function tell(): void {
    const visible = shown();
    story.textContent = tellCurves(
      visible.map((curve) => ({ name: curve.name, values: curve.values! })),
      symbol(),
    );
    plot.setAttribute("aria-label", story.textContent);
    const faults = visible.map((curve) => ({ name: curve.name, ...countFaults(curve.values!) }));
    const parts: string[] = [];
    const names = (test: (fault: (typeof faults)[number]) => boolean) =>
      faults
        .filter(test)
        .map((fault) => fault.name)
        .join(", ");
    if (log && names((fault) => fault.zero > 0))
      parts.push(
        `▽ on the lower edge: exactly zero, which has no place on a logarithmic axis (${names((f) => f.zero > 0)}).`,
      );
    if (names((fault) => fault.infinite > 0))
      parts.push(`△ on the upper edge: infinite (${names((f) => f.infinite > 0)}).`);
    if (names((fault) => fault.missing > 0))
      parts.push(`× on the upper edge: not a number (${names((f) => f.missing > 0)}).`);
    if (visible.length === 0) parts.push("Choose a curve above to show it.");
    trouble.textContent = parts.join(" ");
  }

  // ---- controls of fresh cells
  function makeControls(): HTMLElement {
    const asks = askInTurn(model, signal, (message) => {
      problem.hidden = !message;
      problem.textContent = message ?? "";
    });
    const fields: (() => void)[] = [];
    const settings = () => Object.fromEntries(inputs.map(({ name, get }) => [name, get()]));
    const inputs: { name: string; get: () => unknown }[] = [];

    const slider = (
      name: string,
      text: string,
      low: number,
      high: number,
      step: number,
      say: (v: number) => string,
    ) => {
      const output = h("output");
      const input = h("input", {
        type: "range",
        min: low,
        max: high,
        step,
        "aria-label": text,
        value: model.get(name),
      });
      const show = () => {
        output.textContent = say(Number(input.value));
        input.setAttribute("aria-valuetext", say(Number(input.value)));
      };
      const follow = () => {
        if (asks.busy()) return;
        input.value = String(model.get(name));
        show();
      };
      input.addEventListener("input", () => {
        show();
        asks.ask(settings());
      });
      model.on(`change:${name}`, follow);
      inputs.push({ name, get: () => Number(input.value) });
      fields.push(follow);
      show();
      return h("label", { class: "rv-field" }, h("span", {}, text), input, output);
    };
    const choice = (name: string, text: string, options: string[]) => {
      const input = h("select", {}, ...options.map((value) => h("option", { value }, value)));
      const follow = () => {
        if (!asks.busy()) input.value = model.get(name);
      };
      input.addEventListener("change", () => asks.ask(settings()));
      model.on(`change:${name}`, follow);
      inputs.push({ name, get: () => input.value });
      follow();
      return h("label", { class: "rv-field" }, h("span", {}, text), input);
    };

    const cells = model.get("cells") as string[];
    const controls = h(
      "div",
      { class: "rv-settings", role: "group", "aria-label": "Settings of the cells" },
      slider("spectral_radius", "spectral radius ρ", 0, 2, 0.01, (v) => v.toFixed(2)),
      slider("steps", "steps T", 10, 300, 1, (v) => String(v)),
    );
    if (cells.includes("LSTM"))
      controls.append(
        slider("forget_bias", "forget bias", -3, 6, 0.1, (v) => v.toFixed(1).replace("-", "−")),
      );
    controls.append(choice("initialisation", "initialisation", ["Glorot", "orthogonal", "identity"]));
    if (cells.includes("RNN")) controls.append(choice("activation", "RNN’s activation", ["tanh", "relu"]));
    return controls;
  }

  // ---- saving
  async function drawAsSvg(): Promise<string> {
    if (!library) throw new Error("Plotly is not there, which draws this file; the PNG has the same curves.");
    // Plotly takes a description of a figure as well as an element.
    const picture = { data: traces(), layout: layout(true) } as unknown as HTMLElement;
    const address = await library.toImage(picture, { format: "svg", width: 960, height: 480 });
    return decodeURIComponent(address.slice(address.indexOf(",") + 1));
  }

  function tabulate(): string {
    const visible = curves.filter((curve) => curve.values);
    const lines = [["step", ...visible.map((curve) => quote(curve.name))].join(",")];
    for (let t = 0; t < stepsNow(); t++)
      lines.push([t, ...visible.map((curve) => curve.values![t] ?? "")].join(","));
    return `${lines.join("\n")}\n`;
  }

  function writeCode(): string {
    const view = { quantity: quantity === "hidden" ? null : quantity, scale: log ? null : "linear" };
    if (fresh) {
      const settings = [
        ...["cells", "steps", "units", "spectral_radius", "activation"],
        ...["initialisation", "forget_bias", "seed"],
      ];
      const given = Object.fromEntries(settings.map((name) => [name, model.get(name)]));
      const options = writeOptions({ ...given, ...view }).slice(2);
      return `import rnnviz_widgets as rw\n\nrw.GradientCurves(${options})\n`;
    }
    const recorded = model.get("recorded") as [string, Module[], string | null][];
    const options = writeOptions({ ...view, labels: labels.length ? labels : null });
    const pick = (recording: string, layer: string | null, rename: (layer: string) => string) =>
      layer === null ? recording : `${recording}[${write(rename(layer))}]`;
    if (recorded.length === 1 && recorded[0][0] === "") {
      const { lines, rename } = writeRecording(recorded[0][1]);
      return writeProgram(lines, `rw.GradientCurves(${pick("trace", recorded[0][2], rename)}${options})`);
    }
    const [names, models] = [recorded.map(([name]) => name), recorded.map(([, modules]) => modules)];
    const { lines, renames } = writeRecordings(names, models);
    const given = recorded.map(
      ([name, , layer], k) => `${write(name)}: ${pick(`traces[${write(name)}]`, layer, renames[k])}`,
    );
    const shown = recorded.some(([, , layer]) => layer !== null) ? `{${given.join(", ")}}` : "traces";
    return writeProgram(lines, `rw.GradientCurves(${shown}${options})`);
  }

  // ---- what the reader does
  quantityPicker.value = quantity;
  scalePicker.value = log ? "log" : "linear";
  quantityPicker.addEventListener("change", () => {
    quantity = quantityPicker.value as Quantity;
    zoom = null;
    change();
  });
  scalePicker.addEventListener("change", () => {
    log = scalePicker.value === "log";
    zoom = null;
    change();
  });
  boundBox.addEventListener("change", () => {
    bounds = boundBox.checked;
    change();
  });
  const follow = (event: PointerEvent) => {
    const box = frame();
    const pixel = event.clientX - plot.getBoundingClientRect().left;
    if (pixel < box.left - 4 || pixel > box.left + box.width + 4) return;
    const step = Math.round(fromX(pixel, axes().x, box));
    transport.pause();
    cursor.move({ step: Math.max(0, Math.min(stepsNow() - 1, step)) });
  };
  plot.addEventListener("pointermove", (event) => {
    // A pressed button zooms; a finger that moves may be scrolling the page.
    if (event.buttons === 0 && event.pointerType !== "touch") follow(event);
    if (event.buttons === 1 && event.pointerType === "touch") follow(event);
  });
  plot.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") follow(event);
  });
  plot.addEventListener("click", (event) => follow(event as PointerEvent));

  cursor.on(() => {
    if (sequenceNow() !== sequence) change();
    else repaint();
  });
  // The headers come in the same message, and are in place when this is told.
  model.on("change:data", change);
  onTheme(signal, () => change());
  onWidth(plot, signal, (now) => {
    width = now;
    height = now < 480 ? 280 : 340;
    plot.style.height = `${height}px`;
    change();
  });
  change();

  loadPlotly(model, signal).then(
    ({ Plotly }) => {
      library = Plotly;
      void draw();
    },
    (error) => {
      // The curves are there all the same; only zooming is not.
      console.warn(error);
      story.after(h("p", { class: "rv-note" }, "Plotly could not be loaded, so this plot cannot be zoomed."));
    },
  );
  signal.addEventListener("abort", () => {
    clearTimeout(rest);
    model.off("change:data", change);
    library?.purge(figure);
  });
});

const CONFIG = {
  displaylogo: false,
  modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
  responsive: false,
  showTips: false,
  doubleClick: "reset",
};

/** Invisible ticks keep plotly's numbers as far from the axis as the canvas's. */
const GAP = { ticks: "outside", ticklen: 6, tickcolor: "rgba(0,0,0,0)" };

const grow = ({ left, top, width, height }: Frame, by: number): Frame => ({
  left: left - by,
  top: top - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

/** The same numbers on plotly's axis as on the canvas's; on a short one plotly adds tiny ones between powers of ten. */
function ticksAt(range: [number, number]): { tickmode: "array"; tickvals: number[]; ticktext: string[] } {
  const ticks = logTicks([Math.min(...range), Math.max(...range)], 8);
  return {
    tickmode: "array",
    tickvals: ticks.map(({ at }) => 10 ** at),
    ticktext: ticks.map(({ label }) => label),
  };
}

const coarse = (): boolean => window.matchMedia?.("(pointer: coarse)").matches ?? false;

function takeColumn(
  numbers: Float64Array,
  header: CurveHeader,
  offset: number,
  sequence: number,
): Float64Array {
  const column = Math.min(sequence, header.sequences - 1);
  return Float64Array.from(
    { length: header.lengths[column] },
    (_, t) => numbers[offset + t * header.sequences + column],
  );
}

function boundOf(values: Float64Array, growth: number | null): Float64Array | null {
  if (growth === null) return null;
  const last = values.length - 1;
  return values.map((_, t) => values[last] * growth ** (last - t));
}
