// The unrolled graph: one network, folded into a loop or spread out over time, every number of it open to the reader.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { animate, makeTransport } from "../lib/controls/transport";
import type { Scale } from "../lib/draw/colours";
import { hueProperty, makeRamp, readColour, scaleOf } from "../lib/draw/colours";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, s, set } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import type { Run } from "../lib/trace/cells";
import { canCompute, computeRun, recordedRun } from "../lib/trace/cells";
import type { Layer, Trace } from "../lib/trace/trace";
import { readTrace, vectorAt } from "../lib/trace/trace";
import type { Selection } from "../lib/words/equations";
import { formatNumber, plural, subscript } from "../lib/words/format";
import { labelsFor, tabulateLayers, writeCode, writeOptions } from "../lib/words/takeaway";
import { flowAfterEdit } from "./adjoint";
import { makeArithmetic } from "./arithmetic";
import type { Column, Content } from "./column";
import { drawColumn, shapeOf } from "./column";
import type { Place } from "./edges";
import { arrowHeads, drawArrows, drawLoops, drawRibbons } from "./edges";
import type { Band, Layout } from "./layout";
import { columnX, firstVisible, layOut } from "./layout";
import type { Flow, Row } from "./plan";
import { directionOf, readPlan, sayStops, writePlan, writeReadout } from "./plan";

export default defineWidget("unrolled-graph", async ({ model, host, root, signal }) => {
  const carried = readTrace(await host.getModel(model.get("trace")));
  const plan = readPlan(model, carried);
  const recorded = plan.trace;
  const cursor = await connectCursor(model, host, signal);
  // Edits go to a copy of the weights; the recording stays what it was.
  const trace: Trace = { ...recorded, layers: recorded.layers.map(copyWeights) };
  const { feeds, rows } = plan;
  const classes: string[] = model.get("classes");
  const editable = recorded.layers.every(canCompute);
  const hasGradient = recorded.layers.some((layer) => layer.arrays.has("grad_hidden"));
  const inputs = new Map<string, Float64Array>();
  /** The layers in which something was changed. */
  const touched = new Set<number>();

  let edited = false;
  let folded = Boolean(model.get("folded"));
  let fold = folded ? 0 : 1;
  let backward = false;
  let touring = false;
  let onInput = false;
  let open = false;
  let first = 0;
  let sequence = -1;
  let layout: Layout = layOut(rows, 600, 1);
  let run: Run = recordedRun(recorded, 0);
  let unedited: Run = run;
  let recordedFlow: Flow = plan.flow(0);
  /** The gradients after the reader's changes; null until they are asked for. */
  let changedFlow: Flow | null = null;
  let scales: Scale[] = [];
  let inputEditor: { layer: number; column: number; unit: number } | null = null;
  const columns = new Map<number, Column>();
  /** The state whose arithmetic is open; it stays while inputs are chosen and changed. */
  let explained: Selection | null = null;

  // ---- what stands on the page --------------------------------------------------------------------------
  const foldButton = h("button", { type: "button", onclick: () => setFold(!folded) });
  const backwardButton = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => setBackward(!backward) },
    "Backward pass",
  );
  const tourButton = h("button", { type: "button", onclick: tour }, "Play there and back");
  const openButton = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => setOpen(!open) },
    "Show the arithmetic",
  );
  const undoButton = h("button", { type: "button", hidden: true, onclick: undo }, "Undo my changes");
  const sequencePicker = makeSequencePicker(cursor, recorded.layers[0].sequences);
  // Where it does, what is read tells sequences apart better than their numbers.
  const read = (recorded.labels ?? []).map((words) => words.join(" ").trim());
  if (new Set(read).size > 1)
    [...sequencePicker.options].forEach((option, k) => {
      option.textContent = `${k}: ${read[k].length > 28 ? `${read[k].slice(0, 27)}…` : read[k]}`;
    });
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
  const extent = h("p", { class: "rv-note rv-extent", hidden: true });
  const spoken = h("p", { class: "rv-hidden", "aria-live": "polite" });
  const stopNote = h("p", { class: "rv-stops", role: "status", hidden: true });
  const backwardNote = h("p", { class: "rv-caption", hidden: true });
  const inputPanel = h("div", { class: "rv-input-editor", hidden: true });
  const tooltip = makeTooltip(root);
  const arithmetic = makeArithmetic({
    run: () => run,
    editable,
    edit(layer, matrix, index, value) {
      touched.add(trace.layers.indexOf(layer));
      layer.weights.get(matrix)!.data[index] = value;
      recompute();
    },
    pick: (unit) => cursor.move({ unit }),
    tooltip,
    close: () => setOpen(false),
  });
  const longest = Math.max(...recorded.layers[0].lengths.map((_, k) => plan.steps(k)));
  const transport = makeTransport({
    steps: longest,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => `t = ${step} · step ${step + 1} of ${steps}`,
    backwards: () => backward,
    ended() {
      if (!touring || backward) return endTour();
      setBackward(true);
      transport.play();
    },
  });

  backwardButton.hidden = tourButton.hidden = !hasGradient;
  openButton.hidden = !editable;

  const title: string = model.get("title") || titleOf(carried, longest);
  const recordedReadout = (file: string) =>
    file
      ? writeReadout(model)
          .map((line) => `${line}\n`)
          .join("")
      : "";
  const saveMenu = makeSaveMenu({
    name: "unrolled-graph",
    root,
    vectors: picture,
    table: () => tabulateLayers(recorded.layers, sequence, recorded.labels?.[sequence]),
    recorded: model,
    code: (file = "") =>
      writeCode(
        carried.modules,
        (_, linked) =>
          `${recordedReadout(file)}rw.UnrolledGraph(trace${writeOptions({
            folded: folded ? null : false,
            labels: labelsFor(carried.labels, carried.modules),
            classes: classes.length ? classes : null,
            title: model.get("title") || null,
          })}${writePlan(model, linked, file !== "")})`,
        { origins: plan.origins, file },
      ),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, title),
      h(
        "div",
        { class: "rv-controls" },
        sequencePicker,
        undoButton,
        openButton,
        backwardButton,
        tourButton,
        foldButton,
        saveMenu,
      ),
    ),
    legend(recorded, hasGradient, plan.readout >= 0, plan.hasCost),
    board,
    extent,
    stopNote,
    backwardNote,
    transport.element,
    inputPanel,
    arithmetic.element,
    spoken,
  );

  // ---- moving -------------------------------------------------------------------------------------------
  const paint = oncePerFrame(draw, signal);
  const lengthNow = () => plan.steps(sequence);
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), lengthNow() - 1));
  /** The vector the cursor stands on: its layer's, or its neighbour's on the same line where that one does not run. */
  function bandNow(): Band {
    const column = stepNow();
    const there = layout.bands.filter((band) => plan.isAt(band, column, sequence));
    const isWanted = ({ what }: Band) => (onInput ? what === "x" : what === "hidden" || what === "y");
    const wanted = Math.max(
      0,
      recorded.layers.findIndex((layer) => layer.name === cursor.get("layer")),
    );
    const own = layout.bands.find((band) => band.layer === wanted && isWanted(band));
    return (
      there.find((band) => band === own) ??
      there.find((band) => band.slot === own?.slot) ??
      there.find(isWanted) ??
      there.find((band) => band.what === "hidden") ??
      layout.bands[0]
    );
  }
  const unitOf = (band: Band) => Math.min(cursor.get("unit"), band.units - 1);
  const ownStep = (layer: number, column: number) => plan.stepOf(layer, column, sequence);

  function setFold(next: boolean) {
    folded = next;
    nameFold();
    const from = fold;
    const to = folded ? 0 : 1;
    animate(650, signal, (progress) => {
      fold = from + (to - from) * progress;
      draw();
    });
  }
  /** To unfold is the first thing to do; to fold again is one thing among others. */
  function nameFold() {
    foldButton.textContent = folded ? "Unfold in time" : "Fold into a loop";
    foldButton.classList.toggle("rv-primary", folded);
  }
  /** Forward through time, and then the gradient's way back. */
  function tour() {
    setBackward(false);
    if (folded) setFold(false);
    touring = true;
    cursor.move({ step: 0 });
    transport.show(0);
    transport.play();
  }
  function endTour() {
    touring = false;
  }
  function setBackward(next: boolean) {
    transport.pause();
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
    tooltip.hide(); // it says what the number was
    runEdited();
    refill();
  }
  function runEdited() {
    run = computeRun(trace, sequence, feeds, inputs);
    // Both in the page's double precision, so that only what an edit moved differs.
    unedited = computeRun(recorded, sequence, feeds, new Map());
    changedFlow = null;
  }
  function flowNow(): Flow {
    if (!edited) return recordedFlow;
    changedFlow ??= flowAfterEdit(recorded, trace, sequence, feeds, unedited, run);
    // On one scale with the recording's, so that a gradient that fades is seen to.
    return { ...changedFlow, largest: Math.max(changedFlow.largest, recordedFlow.largest) };
  }
  function undo() {
    recorded.layers.forEach((layer, k) => {
      for (const [name, matrix] of layer.weights) trace.layers[k].weights.get(name)!.data.set(matrix.data);
    });
    inputs.clear();
    touched.clear();
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
    explained = null;
    recordedFlow = plan.flow(sequence);
    if (edited) runEdited();
    else run = recordedRun(recorded, sequence);
    transport.resize(lengthNow());
    chooseScales();
    clearColumns();
  }
  function chooseScales() {
    scales = rows.map((row) => scaleIn(root, recorded, row, sequence));
  }
  function clearColumns() {
    columns.clear();
    grounds.replaceChildren();
    nodes.replaceChildren();
  }

  root.addEventListener("keydown", (event) => {
    if (event.target !== board || event.ctrlKey || event.metaKey || event.altKey) return;
    const band = bandNow();
    const unit = (by: number) => {
      const next = Math.max(0, Math.min(band.units - 1, unitOf(band) + by));
      cursor.move({ unit: next });
      if (onInput) editInput(band, stepNow(), next);
    };
    const act = {
      ArrowDown: () => unit(1),
      ArrowUp: () => unit(-1),
      PageUp: () => climb(1),
      PageDown: () => climb(-1),
      Enter: () => (onInput ? openInput() : setOpen(!open)),
      f: () => setFold(!folded),
      b: () => hasGradient && setBackward(!backward),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  /** One vector up or down in this column: input, layers, output. */
  function climb(by: number) {
    const column = stepNow();
    const lines = layout.bands
      .filter((band) => band.what !== "cell" && plan.isAt(band, column, sequence))
      .sort((a, b) => a.slot - b.slot);
    const next = lines[lines.indexOf(bandNow()) + by];
    if (!next) return;
    onInput = next.what === "x";
    inputEditor = null;
    cursor.move({ unit: 0, layer: recorded.layers[next.layer].name });
    if (onInput) editInput(next, column, 0);
    paint();
  }
  /** Into the field at once: it may not have been drawn yet, when several keys fall into one frame. */
  function openInput() {
    if (!inputEditor) editInput(bandNow(), stepNow(), unitOf(bandNow()));
    drawInputEditor();
    inputPanel.querySelector("input")?.focus();
  }
  function editInput(band: Band, column: number, unit: number) {
    inputEditor = editable ? { layer: band.layer, column, unit } : null;
    paint();
  }

  // ---- drawing ------------------------------------------------------------------------------------------
  function draw() {
    chooseSequence();
    const step = stepNow();
    transport.show(step);
    first = firstVisible(step, layout.visible, lengthNow(), first);
    const last = Math.min(lengthNow(), first + layout.visible) - 1;
    // Columns that leave on one side come in again on the other: to build them anew at every step of a held key would
    // leave so much behind that the browser stops in between to clear it away.
    const spare: Column[] = [];
    for (const [k, column] of columns)
      if (k < first || k > last) {
        spare.push(column);
        columns.delete(k);
      }
    for (let k = first; k <= last; k++) placeColumn(k, step, spare);
    for (const { group, ground } of spare) {
      group.remove();
      ground.remove();
    }
    drawEdges(first, last, step);
    drawNames(step);
    sayExtent(first, last);
    drawInputEditor();
    const band = bandNow();
    const unit = unitOf(band);
    showArithmetic(band, unit, step);
    const where = `t = ${step}${labelOf(step) && ` (${labelOf(step)})`}`;
    const leftOut = plan.isInCost(step, sequence) ? "" : "; the cost leaves this step out";
    const output = layout.bands.find((other) => other.what === "y" && plan.isAt(other, step, sequence));
    const said = output && sayClass(output, step) ? `; the output says ${sayClass(output, step)}` : "";
    const value = formatNumber(valuesOf(band, step)[unit]);
    const gradient = backward ? sayGradient(band, step) : "";
    spoken.textContent =
      `${where}, ${sayBand(band, recorded)} ${unit}: ${value}${said}${leftOut}` +
      (gradient && `. Gradient ${gradient}`);
    const stops = edited ? sayStops(plan, [...touched]) : "";
    stopNote.hidden = stops === "";
    if (stopNote.textContent !== stops) stopNote.textContent = stops;
    backwardNote.hidden = !backward;
    backwardNote.textContent = !backward
      ? ""
      : (gradient ? `Gradient ${gradient}.` : "No gradient reaches this step.") +
        (edited
          ? ` Computed anew with your changes; only what comes down from the cost${plan.hasUnknown ? ", or through what is not known," : ""} is still the recording's, since the page does not know ${plan.hasUnknown ? "either" : "the cost"}.`
          : "");
  }
  /** The ribbons at a vector, in words; of an input or an output those at the state beside it. Empty where none is. */
  function sayGradient({ layer: index }: Band, column: number): string {
    const layer = recorded.layers[index];
    const own = ownStep(index, column);
    if (!layer.arrays.has("grad_hidden") || own < 0) return "";
    const flow = flowNow();
    const state = `h${subscript(column)}`;
    if (plan.tellsOnlyTotal(index))
      return `that reaches ${state} in all: ${formatNumber(flow.norm("total", index, own))}`;
    const later = column + directionOf(layer).by;
    const handed = ownStep(index, later) < 0 && feeds.some(({ origin }) => origin === index);
    const parts = [
      `${formatNumber(flow.norm("above", index, own))} ${handed ? "from the layer that goes on with it" : "from above"}`,
      ...(ownStep(index, later) < 0
        ? []
        : [`${formatNumber(flow.norm("hidden", index, own))} back from t = ${later}`]),
      ...(layer.arrays.has("grad_cell") && ownStep(index, later) >= 0
        ? [`${formatNumber(flow.norm("cell", index, own))} back to c${subscript(column)}`]
        : []),
    ];
    return `that reaches ${state}: ${parts.join(", ")}`;
  }
  /** What the output says: the name of its largest number. */
  function sayClass(band: Band, column: number): string {
    if (band.what !== "y" || classes.length === 0) return "";
    const values = Array.from(valuesOf(band, column));
    return classes[values.indexOf(Math.max(...values))] ?? "";
  }
  const sayUnit = (band: Band, unit: number) =>
    `${sayBand(band, recorded)} ${unit}${band.what === "y" && classes[unit] ? ` (${classes[unit]})` : ""}`;
  const labelOf = (column: number) => recorded.labels?.[sequence][column] ?? "";

  /** Steps yet to come are pale, unless a change has to be seen there. Folded, only the current one is left. */
  const presenceOf = (k: number, step: number) =>
    k === step ? 1 : (k > step && !edited && !backward ? 0.45 : 1) * fold;

  function placeColumn(k: number, step: number, spare: Column[]) {
    const column = columns.get(k) ?? takeColumn(k, spare);
    columns.set(k, column);
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
    column.words.textContent = labelOf(folded && fold < 0.5 ? step : k);
    const chosen = bandNow();
    layout.bands.forEach((band, b) => {
      column.frames[b]?.classList.toggle("rv-chosen", current && band === chosen);
    });
  }

  function takeColumn(k: number, spare: Column[]): Column {
    const content = contentOf(k);
    const shape = shapeOf(layout, content);
    const place = spare.findIndex((column) => column.shape === shape);
    if (place >= 0) {
      const [column] = spare.splice(place, 1);
      column.fill(k, content);
      return column;
    }
    const column = drawColumn(k, layout, content);
    nodes.append(column.group);
    grounds.append(column.ground);
    return column;
  }

  const contentOf = (k: number): Content => ({
    scales,
    isAt: (band) => plan.isAt(band, k, sequence),
    inCost: plan.hasCost ? plan.isInCost(k, sequence) : null,
    words: labelOf(k),
    said: (band) => sayClass(band, k),
    values: (band) => valuesOf(band, k),
    before: (band) => (edited ? valuesIn(unedited, band, k) : null),
    hover: (band, unit, x, y) =>
      tooltip.show(`${sayUnit(band, unit)} at t = ${k}: ${formatNumber(valuesOf(band, k)[unit])}`, x, y),
    leave: tooltip.hide,
    pick: (band, unit) => pick(band, k, unit),
  });

  function pick(band: Band, column: number, unit: number) {
    transport.pause();
    onInput = band.what === "x";
    inputEditor = onInput && editable ? { layer: band.layer, column, unit } : null;
    cursor.move({ step: column, unit, layer: recorded.layers[band.layer].name });
    if (!onInput) setOpen(true);
    paint();
  }

  const valuesIn = (from: Run, { what, layer }: Band, column: number): ArrayLike<number> => {
    const step = ownStep(layer, column);
    return what === "x" ? from.input(layer, step) : from.at(layer, what === "y" ? "hidden" : what, step);
  };
  const valuesOf = (band: Band, column: number) => valuesIn(run, band, column);

  function drawEdges(from: number, to: number, step: number) {
    const place: Place = {
      id,
      plan,
      named: classes.length > 0,
      sequence,
      layout,
      fold,
      from,
      to,
      step,
      x: (k) => columnX(layout, k, first, fold),
      presence: (k) => presenceOf(k, step),
      flow: backward ? flowNow() : recordedFlow,
    };
    arrows.replaceChildren(...drawArrows(place));
    loops.replaceChildren(...drawLoops(place));
    ribbons.replaceChildren(...(backward ? drawRibbons(place, tooltip) : []));
  }

  function drawNames(step: number) {
    const x = columnX(layout, step, first, fold);
    const chosen = bandNow();
    const unit = unitOf(chosen);
    const { columns: n, cellWidth, cellHeight, width } = chosen.strip;
    // Drawn last, over the neighbours' edges.
    const mark = s("rect", {
      class: "rv-picked",
      x: x - width / 2 + (unit % n) * cellWidth,
      y: chosen.y + Math.floor(unit / n) * cellHeight,
      width: cellWidth,
      height: cellHeight,
      rx: 2,
    });
    notes.replaceChildren(
      mark,
      ...layout.bands
        .filter((band) => plan.isAt(band, step, sequence) && !(band.what === "y" && classes.length))
        .map((band) =>
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

  /** Where not all steps fit, which are in sight, and that there are more. */
  function sayExtent(from: number, to: number) {
    const end = lengthNow() - 1;
    extent.hidden = fold < 1 || (from === 0 && to === end);
    const before = from > 0 ? "← earlier steps · " : "";
    const after = to < end ? " · later steps →" : "";
    const range = from === to ? `t = ${from}` : `t = ${from} … ${to}`;
    extent.textContent = `${before}${range} of 0 … ${end}${after}`;
  }

  function showArithmetic({ what, layer }: Band, unit: number, step: number) {
    if (!open) explained = null;
    else if (what !== "x" || !explained)
      explained = {
        layer: trace.layers[layer],
        layerIndex: layer,
        step: ownStep(layer, step),
        unit: what === "x" ? 0 : unit,
        time: step,
      };
    if (explained) arithmetic.show(explained);
  }

  function drawInputEditor() {
    inputPanel.hidden = inputEditor === null;
    if (!inputEditor || inputPanel.contains(document.activeElement)) return;
    const { layer, column, unit } = inputEditor;
    const step = ownStep(layer, column);
    if (step < 0) return;
    const field = h("input", {
      type: "number",
      step: "0.5",
      value: Number(run.input(layer, step)[unit].toFixed(4)),
      "aria-label": `Input ${unit} at t = ${column}`,
    });
    field.addEventListener("input", () => {
      if (!Number.isFinite(field.valueAsNumber)) return;
      const vector = Float64Array.from(run.input(layer, step));
      vector[unit] = field.valueAsNumber;
      inputs.set(`${layer}/${step}`, vector);
      for (const reader of readersOf(layer)) touched.add(reader);
      recompute();
    });
    inputPanel.replaceChildren(
      h("label", { class: "rv-field" }, `Input ${unit} at t = ${column}`, field),
      h(
        "span",
        { class: "rv-note" },
        ["Change it: every state from here on follows.", sayStops(plan, readersOf(layer))]
          .filter(Boolean)
          .join(" "),
      ),
    );
  }

  /** The layers that read the same input. */
  function readersOf(layer: number): number[] {
    return feeds.flatMap(({ data }, index) => (data === layer ? [index] : []));
  }

  onWidth(board, signal, (width) => {
    layout = layOut(rows, width, longest, { cost: plan.hasCost, labels: recorded.labels !== null });
    set(picture, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}` });
    refill();
  });
  onTheme(signal, () => {
    chooseScales();
    refill();
  });
  cursor.on(paint);
  nameFold();
  board.setAttribute(
    "aria-label",
    `${title}. Left and right arrows move through time, up and down choose a unit, page up and page down a layer ` +
      "or the input, Enter opens the arithmetic or the input's field, F folds and unfolds, space plays" +
      (hasGradient ? ", B shows the backward pass." : "."),
  );
});

// ---- facts about a trace ----------------------------------------------------------------------------------

function sayBand({ what, layer }: Band, { layers }: Trace): string {
  if (what === "x") return "input";
  if (what === "y") return "output";
  const { name, kind } = layers[layer];
  const among = layers.filter((other) => other.kind === kind).length > 1 ? ` of ${name}` : "";
  return `${what} state${among}, unit`;
}

function copyWeights(layer: Layer): Layer {
  const weights = new Map(
    [...layer.weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
  return { ...layer, weights };
}

/** The colours of one vector: to 1 for what a tanh bounds, from 0 to 1 for probabilities, else to the largest value. */
function scaleIn(root: Element, trace: Trace, { layer: index, what }: Row, sequence: number): Scale {
  const layer = trace.layers[index];
  if (what === "y" && layer.nonlinearity !== "identity")
    return {
      low: 0,
      high: 1,
      ramp: makeRamp(["--rv-mid", "--rv-pos"].map((name) => readColour(root, name))),
    };
  if (what === "hidden" && layer.nonlinearity !== "relu") return scaleOf(root, what, 1);
  const block = what === "x" ? layer.input : layer.arrays.get(what === "cell" ? "cell" : "hidden")!;
  let largest = 0;
  for (let t = 0; t < layer.lengths[sequence]; t++)
    for (const value of vectorAt(block, t, sequence))
      if (Number.isFinite(value) && Math.abs(value) > largest) largest = Math.abs(value);
  return scaleOf(root, "hidden", largest || 1);
}

function titleOf({ layers }: Trace, steps: number): string {
  const kinds = [...new Set(layers.map((layer) => layer.kind))].join(" and ");
  const sizes = [...new Set(layers.map((layer) => layer.units))].join(" and ");
  const forward = layers.filter((layer) => !layer.reverse).length;
  const both = forward < layers.length ? ", both directions" : "";
  const units = sizes === "1" ? "1 unit" : `${sizes} units`;
  return `${kinds}, ${plural(forward, "layer")} of ${units}${both}, ${plural(steps, "step")}`;
}

function nameIn(trace: Trace, band: Band, step: number): string {
  if (band.what === "x" || band.what === "y") return `${band.what}${subscript(step)}`;
  const names = trace.layers.filter(({ kind }) => kind !== "Linear").map(({ name }) => name);
  const { name } = trace.layers[band.layer];
  const module = name.replace(/\.?l0$/, "");
  // Of a module with one layer, its own name is enough.
  const alone = names.filter((other) => other.startsWith(`${module}.`)).length === 1;
  const many = names.length > 1 ? ` ${alone ? module : name}` : "";
  return `${band.what === "cell" ? "c" : "h"}${subscript(step)}${many}`;
}

function legend(trace: Trace, hasGradient: boolean, hasOutput: boolean, hasCost: boolean): HTMLElement {
  const item = (property: string, text: string, line = false) =>
    h("li", {}, h("i", { class: line ? "rv-line" : null, style: `--rv-swatch: var(${property})` }), text);
  return h(
    "ul",
    { class: "rv-legend" },
    item("--rv-input", "input x"),
    item("--rv-state", trace.layers.some((layer) => layer.arrays.has("cell")) ? "states h and c" : "state h"),
    hasOutput && item("--rv-output", "output y"),
    h("li", {}, h("i", { class: "rv-scale" }), "negative to positive"),
    hasCost && h("li", {}, h("i", { class: "rv-step-cost-key" }), "cost; grey where it leaves a step out"),
    hasGradient && item("--rv-grad", "gradient flowing back", true),
  );
}
