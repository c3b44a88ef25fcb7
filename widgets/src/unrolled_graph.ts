// The unrolled graph: one network, folded into a loop or spread out over time, every number of it open to the reader.
import { makeArithmetic } from "./lib/arithmetic";
import type { Feed, Run } from "./lib/cells";
import { canCompute, computeRun, findFeeds, recordedRun } from "./lib/cells";
import type { Scale } from "./lib/colours";
import { hueProperty, scaleOf } from "./lib/colours";
import { connectCursor } from "./lib/cursor";
import { h, s, set } from "./lib/dom";
import { formatNumber, plural, subscript } from "./lib/format";
import { makeSaveMenu } from "./lib/save_menu";
import { makeSequencePicker } from "./lib/sequence_picker";
import { tabulateLayers, writeCode } from "./lib/takeaway";
import { makeTooltip } from "./lib/tooltip";
import type { Layer, Trace } from "./lib/trace";
import { readTrace, vectorAt } from "./lib/trace";
import { animate, makeTransport } from "./lib/transport";
import type { Column } from "./lib/unrolled_column";
import { drawColumn } from "./lib/unrolled_column";
import type { Place } from "./lib/unrolled_edges";
import { arrowHeads, drawArrows, drawLoops, drawRibbons } from "./lib/unrolled_edges";
import type { Band, Layout } from "./lib/unrolled_layout";
import { columnX, firstVisible, layOut } from "./lib/unrolled_layout";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "./lib/widget";

export default defineWidget("unrolled-graph", async ({ model, host, root, signal }) => {
  const recorded = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  // Edits go to a copy of the weights; the recording stays what it was.
  const trace: Trace = { ...recorded, layers: recorded.layers.map(copyWeights) };
  const feeds = findFeeds(recorded);
  const editable = recorded.layers.every(canCompute);
  const hasGradient = recorded.layers.some((layer) => layer.arrays.has("grad_hidden"));
  const inputs = new Map<string, Float64Array>();
  const rows = rowsOf(recorded, feeds);

  let edited = false;
  let folded = Boolean(model.get("folded"));
  let fold = folded ? 0 : 1;
  let backward = false;
  let open = false;
  let first = 0;
  let sequence = -1;
  let layout: Layout = layOut(rows, 600, 1);
  let run: Run = recordedRun(recorded, 0);
  let unedited: Run = run;
  let scales: Scale[] = [];
  let inputEditor: { layer: number; step: number; unit: number } | null = null;
  const columns = new Map<number, Column>();
  const normsOf = new Map<string, number[]>();

  // ---- what stands on the page --------------------------------------------------------------------------
  const foldButton = h("button", { type: "button", class: "rv-primary", onclick: () => setFold(!folded) });
  const backwardButton = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => setBackward(!backward) },
    "Backward pass",
  );
  const openButton = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => setOpen(!open) },
    "Show the arithmetic",
  );
  const undoButton = h("button", { type: "button", hidden: true, onclick: undo }, "Undo my changes");
  const sequencePicker = makeSequencePicker(cursor, recorded.layers[0].sequences);
  const picture = s("svg", { "aria-hidden": "true" });
  const ribbons = s("g", { class: "rv-ribbons" });
  const arrows = s("g", { class: "rv-arrows" });
  const nodes = s("g");
  const grounds = s("g");
  const loops = s("g", { class: "rv-loops" });
  const notes = s("g", { class: "rv-names" });
  // Marker ids are global to the page, and several graphs may stand on one.
  const id = Math.random().toString(36).slice(2);
  picture.append(arrowHeads(id), grounds, arrows, ribbons, loops, nodes, notes);
  const board = h("div", { class: "rv-board", tabindex: 0, role: "group" }, picture);
  const spoken = h("p", { class: "rv-hidden", "aria-live": "polite" });
  const inputPanel = h("div", { class: "rv-input-editor", hidden: true });
  const tooltip = makeTooltip(root);
  const arithmetic = makeArithmetic({
    run: () => run,
    editable,
    edit(layer, matrix, index, value) {
      layer.weights.get(matrix)!.data[index] = value;
      recompute();
    },
    close: () => setOpen(false),
  });
  const transport = makeTransport({
    steps: recorded.layers[0].steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => `t = ${step} · step ${step + 1} of ${steps}`,
  });

  backwardButton.hidden = !hasGradient;
  openButton.hidden = !editable;

  const saveMenu = makeSaveMenu({
    name: "unrolled-graph",
    root,
    vectors: picture,
    table: () => tabulateLayers(recorded.layers, sequence, recorded.labels?.[sequence]),
    code: () => writeCode(recorded, "rw.UnrolledGraph(trace)"),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, titleOf(recorded)),
      h(
        "div",
        { class: "rv-controls" },
        sequencePicker,
        undoButton,
        openButton,
        backwardButton,
        foldButton,
        saveMenu,
      ),
    ),
    legend(recorded, hasGradient),
    board,
    transport.element,
    inputPanel,
    arithmetic.element,
    spoken,
  );

  // ---- moving -------------------------------------------------------------------------------------------
  const paint = oncePerFrame(draw, signal);
  const lengthNow = () => recorded.layers[0].lengths[sequence];
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), lengthNow() - 1));
  const layerNow = () =>
    Math.max(
      0,
      recorded.layers.findIndex((layer) => layer.name === cursor.get("layer")),
    );
  const unitNow = () => Math.min(cursor.get("unit"), recorded.layers[layerNow()].units - 1);

  function setFold(next: boolean) {
    folded = next;
    foldButton.textContent = folded ? "Unfold in time" : "Fold into a loop";
    const from = fold;
    const to = folded ? 0 : 1;
    animate(650, signal, (progress) => {
      fold = from + (to - from) * progress;
      draw();
    });
  }
  function setBackward(next: boolean) {
    backward = next;
    backwardButton.setAttribute("aria-pressed", String(backward));
    root.classList.toggle("rv-backward", backward);
    paint();
  }
  function setOpen(next: boolean) {
    open = next && editable;
    openButton.setAttribute("aria-pressed", String(open));
    arithmetic.element.hidden = !open;
    paint();
  }
  function recompute() {
    edited = true;
    undoButton.hidden = false;
    runEdited();
    refill();
  }
  function runEdited() {
    run = computeRun(trace, sequence, feeds, inputs);
    // Both in the page's double precision, so that only what an edit moved differs.
    unedited = computeRun(recorded, sequence, feeds, new Map());
  }
  function undo() {
    recorded.layers.forEach((layer, k) => {
      for (const [name, matrix] of layer.weights) trace.layers[k].weights.get(name)!.data.set(matrix.data);
    });
    inputs.clear();
    edited = false;
    undoButton.hidden = true;
    inputEditor = null;
    run = recordedRun(recorded, sequence);
    board.focus();
    refill();
  }
  function refill() {
    clearColumns();
    paint();
  }
  function chooseSequence() {
    const wanted = Math.min(cursor.get("sequence"), recorded.layers[0].sequences - 1);
    if (wanted === sequence) return;
    sequence = wanted;
    sequencePicker.value = String(sequence);
    inputs.clear();
    inputEditor = null;
    if (edited) runEdited();
    else run = recordedRun(recorded, sequence);
    transport.resize(lengthNow());
    scales = rows.map((band) => scaleOf(root, band.what, limitOf(recorded, band, sequence)));
    clearColumns();
  }
  function clearColumns() {
    columns.clear();
    grounds.replaceChildren();
    nodes.replaceChildren();
  }

  root.addEventListener("keydown", (event) => {
    if (event.target !== board || event.ctrlKey || event.metaKey || event.altKey) return;
    const units = recorded.layers[layerNow()].units;
    const layer = (by: number) =>
      recorded.layers[Math.max(0, Math.min(recorded.layers.length - 1, layerNow() + by))].name;
    const act = {
      ArrowDown: () => cursor.move({ unit: Math.min(units - 1, unitNow() + 1) }),
      ArrowUp: () => cursor.move({ unit: Math.max(0, unitNow() - 1) }),
      PageUp: () => cursor.move({ layer: layer(1), unit: 0 }),
      PageDown: () => cursor.move({ layer: layer(-1), unit: 0 }),
      Enter: () => setOpen(!open),
      f: () => setFold(!folded),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  // ---- drawing ------------------------------------------------------------------------------------------
  function draw() {
    chooseSequence();
    const step = stepNow();
    transport.show(step);
    first = firstVisible(step, layout.visible, lengthNow(), first);
    const last = Math.min(lengthNow(), first + layout.visible) - 1;
    for (const [k, column] of columns)
      if (k < first || k > last) {
        column.group.remove();
        column.ground.remove();
        columns.delete(k);
      }
    for (let k = first; k <= last; k++) placeColumn(k, step);
    drawEdges(first, last, step);
    drawNames(step);
    drawInputEditor();
    if (open)
      arithmetic.show({ layer: trace.layers[layerNow()], layerIndex: layerNow(), step, unit: unitNow() });
    const name = recorded.layers[layerNow()].name;
    const now = run.at(layerNow(), "hidden", step)[unitNow()];
    spoken.textContent = `t = ${step}, layer ${name}, unit ${unitNow()}: hidden state ${formatNumber(now)}`;
  }

  /** Steps yet to come are pale, unless a change has to be seen there. Folded, only the current one is left. */
  const presenceOf = (k: number, step: number) => (k === step ? 1 : (k > step && !edited ? 0.45 : 1) * fold);

  function placeColumn(k: number, step: number) {
    let column = columns.get(k);
    if (!column) {
      column = makeColumn(k);
      columns.set(k, column);
      nodes.append(column.group);
      grounds.append(column.ground);
    }
    const current = k === step;
    const presence = presenceOf(k, step);
    const transform = `translate(${columnX(layout, k, first, fold).toFixed(1)} 0)`;
    set(column.ground, { transform, opacity: current ? 1 : 0 });
    set(column.group, {
      transform,
      opacity: presence.toFixed(3),
      "pointer-events": presence < 0.1 ? "none" : "auto",
      class: current ? "rv-column rv-now" : "rv-column",
    });
    column.label.textContent = folded && fold < 0.5 ? `t = ${step}` : `t = ${k}`;
    layout.bands.forEach((band, b) => {
      column.frames[b].classList.toggle(
        "rv-chosen",
        current && band.layer === layerNow() && band.what === "hidden",
      );
    });
  }

  const makeColumn = (k: number): Column =>
    drawColumn(k, layout, {
      scales,
      values: (band) => valuesOf(band, k),
      before: (band) => (edited ? valuesIn(unedited, band, k) : null),
      hover: (band, unit, x, y) =>
        tooltip.show(`${sayBand(band)} ${unit} at t = ${k}: ${formatNumber(valuesOf(band, k)[unit])}`, x, y),
      leave: tooltip.hide,
      pick: (band, unit) => pick(band, k, unit),
    });

  function pick(band: Band, step: number, unit: number) {
    transport.pause();
    inputEditor = band.what === "x" && editable ? { layer: band.layer, step, unit } : null;
    cursor.move(band.what === "x" ? { step } : { step, unit, layer: recorded.layers[band.layer].name });
    if (band.what !== "x") setOpen(true);
    paint();
  }

  const valuesIn = (from: Run, band: Band, k: number): ArrayLike<number> =>
    band.what === "x" ? from.input(band.layer, k) : from.at(band.layer, band.what, k);
  const valuesOf = (band: Band, k: number) => valuesIn(run, band, k);

  function drawEdges(from: number, to: number, step: number) {
    const place: Place = {
      id,
      layout,
      fold,
      from,
      to,
      step,
      x: (k) => columnX(layout, k, first, fold),
      presence: (k) => presenceOf(k, step),
    };
    arrows.replaceChildren(...drawArrows(place, feeds, (layer) => recorded.layers[layer].reverse));
    loops.replaceChildren(...drawLoops(place));
    const flow = layout.bands
      .filter(
        (band) => backward && band.what === "hidden" && recorded.layers[band.layer].arrays.has("grad_hidden"),
      )
      .flatMap((band) => drawRibbons(place, band, gradientNorms(band), tooltip));
    ribbons.replaceChildren(...flow);
  }

  /** ‖∂L/∂h_t‖ at every step of this sequence; kept, because the whole recording is read for it. */
  function gradientNorms(band: Band): number[] {
    const key = `${band.layer}/${sequence}`;
    let norms = normsOf.get(key);
    if (!norms) {
      const grad = recorded.layers[band.layer].arrays.get("grad_hidden")!;
      norms = Array.from({ length: lengthNow() }, (_, k) => Math.hypot(...vectorAt(grad, k, sequence)));
      normsOf.set(key, norms);
    }
    return norms;
  }

  function drawNames(step: number) {
    const x = columnX(layout, step, first, fold);
    const chosen = layout.bands.find((band) => band.layer === layerNow() && band.what === "hidden")!;
    const { columns: n, cellWidth, cellHeight, width } = chosen.strip;
    // Drawn last, over the neighbours' edges.
    const mark = s("rect", {
      class: "rv-picked",
      x: x - width / 2 + (unitNow() % n) * cellWidth,
      y: chosen.y + Math.floor(unitNow() / n) * cellHeight,
      width: cellWidth,
      height: cellHeight,
      rx: 2,
    });
    notes.replaceChildren(
      mark,
      ...layout.bands.map((band) =>
        s(
          "text",
          {
            x: x - band.strip.width / 2 - 3,
            y: band.y - 7,
            style: `fill: var(${hueProperty(band.what)})`,
          },
          nameIn(recorded, band, step),
        ),
      ),
    );
  }

  function drawInputEditor() {
    inputPanel.hidden = inputEditor === null;
    if (!inputEditor || inputPanel.contains(document.activeElement)) return;
    const { layer, step, unit } = inputEditor;
    const field = h("input", {
      type: "number",
      step: "0.5",
      value: Number(run.input(layer, step)[unit].toFixed(4)),
      "aria-label": `Input ${unit} at t = ${step}`,
    });
    field.addEventListener("input", () => {
      if (!Number.isFinite(field.valueAsNumber)) return;
      const vector = Float64Array.from(run.input(layer, step));
      vector[unit] = field.valueAsNumber;
      inputs.set(`${layer}/${step}`, vector);
      recompute();
    });
    inputPanel.replaceChildren(
      h("label", { class: "rv-field" }, `Input ${unit} at t = ${step}`, field),
      h("span", { class: "rv-note" }, "Change it: every state from here on follows."),
    );
  }

  onWidth(board, signal, (width) => {
    layout = layOut(rows, width, recorded.layers[0].steps);
    set(picture, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}` });
    refill();
  });
  onTheme(signal, () => {
    scales = rows.map((band) => scaleOf(root, band.what, limitOf(recorded, band, sequence)));
    refill();
  });
  cursor.on(paint);
  foldButton.textContent = folded ? "Unfold in time" : "Fold into a loop";
  board.setAttribute(
    "aria-label",
    `${titleOf(recorded)}. Left and right arrows move through time, up and down choose a unit, ` +
      "Enter opens its arithmetic, F folds and unfolds, space plays.",
  );
});

// ---- facts about a trace ----------------------------------------------------------------------------------

const sayBand = (band: Band): string => (band.what === "x" ? "input" : `${band.what} state, unit`);

function copyWeights(layer: Layer): Layer {
  const weights = new Map(
    [...layer.weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
  return { ...layer, weights };
}

/** The bands from the bottom up: an input wherever one comes from outside (once, if several layers read it), then each layer's states. */
function rowsOf(trace: Trace, feeds: Feed[]): { layer: number; what: Band["what"]; units: number }[] {
  return trace.layers.flatMap((layer, index) => [
    ...(feeds[index].data === index
      ? [{ layer: index, what: "x" as const, units: layer.input.shape[2] }]
      : []),
    ...(layer.arrays.has("cell")
      ? [{ layer: index, what: "cell" as const, units: layer.arrays.get("cell")!.shape[2] }]
      : []),
    { layer: index, what: "hidden" as const, units: layer.units },
  ]);
}

/** The value at which the colour scale ends: 1 for what a tanh bounds, else the largest in this sequence. */
function limitOf(trace: Trace, band: { layer: number; what: Band["what"] }, sequence: number): number {
  const layer = trace.layers[band.layer];
  if (band.what === "hidden" && layer.nonlinearity !== "relu") return 1;
  const block = band.what === "x" ? layer.input : layer.arrays.get(band.what)!;
  let largest = 0;
  for (let t = 0; t < layer.lengths[sequence]; t++)
    for (const value of vectorAt(block, t, sequence))
      if (Number.isFinite(value) && Math.abs(value) > largest) largest = Math.abs(value);
  return largest || 1;
}

function titleOf(trace: Trace): string {
  const kinds = [...new Set(trace.layers.map((layer) => layer.kind))].join(" and ");
  const sizes = [...new Set(trace.layers.map((layer) => layer.units))].join(" and ");
  const forward = trace.layers.filter((layer) => !layer.reverse).length;
  const both = forward < trace.layers.length ? ", both directions" : "";
  const units = sizes === "1" ? "1 unit" : `${sizes} units`;
  return `${kinds}, ${plural(forward, "layer")} of ${units}${both}, ${plural(trace.layers[0].steps, "step")}`;
}

function nameIn(trace: Trace, band: Band, step: number): string {
  if (band.what === "x") return `x${subscript(step)}`;
  const many = trace.layers.length > 1 ? ` ${trace.layers[band.layer].name}` : "";
  return `${band.what === "cell" ? "c" : "h"}${subscript(step)}${many}`;
}

function legend(trace: Trace, hasGradient: boolean): HTMLElement {
  const item = (property: string, text: string, line = false) =>
    h("li", {}, h("i", { class: line ? "rv-line" : null, style: `--rv-swatch: var(${property})` }), text);
  return h(
    "ul",
    { class: "rv-legend" },
    item("--rv-input", "input x"),
    item("--rv-state", trace.layers.some((layer) => layer.arrays.has("cell")) ? "states h and c" : "state h"),
    h("li", {}, h("i", { class: "rv-scale" }), "negative to positive"),
    hasGradient && item("--rv-grad", "gradient flowing back", true),
  );
}
