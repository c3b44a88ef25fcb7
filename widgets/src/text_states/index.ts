// Text coloured by what a network keeps while it reads it, also while the reader types another.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import { hueProperty, isValve, makeRamp, readColour, type Scale, scaleOf } from "../lib/draw/colours";
import { visible } from "../lib/draw/text_layout";
import type { Stretch } from "../lib/draw/text_painter";
import { makeTextView } from "../lib/draw/text_view";
import { makeTooltip } from "../lib/draw/tooltip";
import { makeUnitStrip, stepUnit } from "../lib/draw/unit_strip";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import type { Head, Reading } from "../lib/trace/reading";
import { logSumExp, readOut, startReading } from "../lib/trace/reading";
import type { Block, Matrix } from "../lib/trace/trace";
import { type Entry, readFloats, readTrace, valueAt } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray, shareOpen } from "../lib/words/sayings";
import { quote } from "../lib/words/takeaway";
import { CHARACTER_FEATURES, correlateUnits, WORD_FEATURES } from "./features";
import { writeTextStates } from "./recipe";
import type { Match } from "./similar";
import { findSimilar } from "./similar";
import { firstDifference, saySymbols, splitSymbols } from "./symbols";

/** Milliseconds of a frame that may go into reading; the rest is for painting. */
const SLICE = 8;
const MOST = 10_000;
const MATCHES = 6;
/** Symbols shown on each side of a match. */
const CONTEXT = 14;

export default defineWidget("text-states", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const words: boolean = model.get("words");
  const tokens: string[] = model.get("tokens");
  const numbers = new Map(tokens.map((token, number) => [token, number]));
  const unknownCode = numbers.get("[UNK]") ?? -1;
  const reason: string = model.get("reason");
  const tables = model.get("tables") as {
    inputs: Entry | null;
    head: { weight: Entry; bias: Entry | null } | null;
    readout: string;
  };
  const take = readFloats(model);
  const matrix = (entry: Entry): Matrix => ({ shape: entry.shape as Matrix["shape"], data: take(entry) });
  const head: Head | null = tables.head && {
    weight: matrix(tables.head.weight),
    bias: tables.head.bias && matrix(tables.head.bias),
  };

  let layerIndex = Math.max(
    0,
    trace.layers.findIndex(({ name }) => name === model.get("layer")),
  );
  let array: string = model.get("array");
  let sequence = 0;
  let ranking = "";
  /** What is shown: the recorded text, or the one typed. */
  let symbols: string[] = [];
  let codes: number[] = [];
  let typed: { reading: Reading; done: number } | null = null;
  let brush: Stretch | null = null;
  let matches: Match[] = [];
  let order: ArrayLike<number> = [];
  let strengths: Float64Array | null = null;
  let scale: Scale = { low: 0, high: 1, ramp: makeRamp(["#000000", "#ffffff"]) };
  let readout: Float32Array = new Float32Array(0);
  let stale = true;
  let settled = 0;

  if (!model.get("cursor")) cursor.move({ unit: model.get("unit") });

  // ---- the card
  const title = h("h3");
  const layerPicker = h("select", { "aria-label": "Layer", hidden: trace.layers.length < 2 });
  trace.layers.forEach(({ name }, k) => {
    layerPicker.append(h("option", { value: k }, `layer ${name}`));
  });
  const arrayPicker = h("select", { "aria-label": "Coloured by" });
  const sequencePicker = makeSequencePicker(cursor, trace.layers[0].sequences);
  const rankPicker = h(
    "select",
    { "aria-label": "Units sorted by" },
    h("option", { value: "" }, "units by number"),
  );
  const features = words ? WORD_FEATURES : CHARACTER_FEATURES;
  for (const { name } of features) rankPicker.append(h("option", { value: name }, `units by: ${name}`));
  const unitNumber = h("input", { type: "number", class: "rv-unit-number", min: 0, value: 0 });
  const unitField = h("label", { class: "rv-field" }, "unit", unitNumber);
  const unitNote = h("span", { class: "rv-note" });
  const legend = h("ul", { class: "rv-legend" });
  const tooltip = makeTooltip(root);
  const strip = makeUnitStrip({
    choose: (unit) => cursor.move({ unit }),
    hover: (unit, x, y) => tooltip.show(`unit ${unit}: ${formatNumber(valueShown(stepNow(), unit))}`, x, y),
    leave: tooltip.hide,
  });
  const unitRow = h("div", { class: "rv-units" }, unitField, strip.element, rankPicker, unitNote);
  const repaint = oncePerFrame(draw, signal);
  const view = makeTextView({
    label:
      "The text. Left and right arrows move through it, up and down choose a unit; with Shift, left and right draw a stretch whose like is then sought; Escape lets it go.",
    signal,
    words,
    rows: 11,
    repaint,
    press(index) {
      transport.pause();
      cursor.move({ step: index, layer: trace.layers[layerIndex].name });
      setBrush(null);
    },
    brush: (stretch, done) => setBrush(stretch.from === stretch.to ? null : stretch, done),
    hover(index, x, y) {
      tooltip.show(describe(index), x, y);
    },
    leave: tooltip.hide,
  });
  const transport = makeTransport({
    steps: 1,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => `t = ${step} of ${steps} · ${visible(symbols[step] ?? "")}`,
  });
  const area = h("textarea", { rows: 2, spellcheck: "false", "aria-describedby": null, maxlength: 80_000 });
  const typingNote = h("span", { class: "rv-note", role: "status" });
  const resetButton = h("button", { type: "button", onclick: showRecorded, hidden: true }, "Recorded text");
  const typing = h("label", { class: "rv-typing" }, "Type here, and it reacts", area);
  const likes = h("div", { class: "rv-likes", hidden: true });
  const summary = h("p", { class: "rv-caption", "aria-live": "polite" });
  const saveMenu = makeSaveMenu({
    name: "text-states",
    root,
    table: tabulate,
    code: () =>
      writeTextStates({
        modules: trace.modules,
        texts: typed ? [symbols] : trace.labels!.map((row, k) => row.slice(0, trace.layers[0].lengths[k])),
        words,
        coding: tokens.length === 0 ? null : tables.inputs ? "vectors" : "one-hot",
        head,
        readout: tables.readout,
        layer: layer().name,
        array,
        unit: unitNow(),
      }),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      legend,
      h("div", { class: "rv-controls" }, layerPicker, arrayPicker, sequencePicker, saveMenu),
    ),
    unitRow,
    view.element,
    transport.element,
    reason ? h("p", { class: "rv-caption" }, reason) : typing,
    h("div", { class: "rv-controls rv-after-typing" }, resetButton, typingNote),
    likes,
    summary,
  );

  // ---- what the reader does
  layerPicker.addEventListener("change", () => {
    cursor.move({ layer: trace.layers[Number(layerPicker.value)].name });
  });
  arrayPicker.addEventListener("change", () => {
    array = arrayPicker.value;
    cursor.move({ gate: array });
    refresh();
  });
  rankPicker.addEventListener("change", () => {
    ranking = rankPicker.value;
    rank();
    // The best first: what was asked for is seen at once.
    if (ranking) cursor.move({ unit: order[0] });
    repaint();
  });
  unitNumber.addEventListener("input", () => {
    const unit = unitNumber.valueAsNumber;
    if (Number.isInteger(unit) && unit >= 0 && unit < unitsNow()) cursor.move({ unit });
  });
  area.addEventListener("input", () => typeText(area.value));
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const inText = event.target === view.element;
      if (!inText && event.target !== strip.element) return;
      const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (by !== undefined) cursor.move({ unit: stepUnit(order, unitNow(), by) });
      else if (inText && event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight"))
        extendBrush(event.key === "ArrowRight" ? 1 : -1);
      else if (event.key === "Escape" && brush) setBrush(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );

  function extendBrush(by: number): void {
    const step = stepNow();
    const next = Math.max(0, Math.min(symbols.length - 1, step + by));
    // The end that the cursor stands at is the one that moves.
    const anchor = brush ? (brush.to === step ? brush.from : brush.to) : step;
    transport.pause();
    cursor.move({ step: next });
    setBrush({ from: Math.min(anchor, next), to: Math.max(anchor, next) });
  }

  function setBrush(stretch: Stretch | null, done = true): void {
    brush = stretch;
    if (done || !stretch) seek();
    repaint();
  }

  // ---- the text
  const layer = () => trace.layers[layerIndex];
  const isReadout = () => array === tables.readout;
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), symbols.length - 1));
  const stepsDone = () => (typed ? typed.done : symbols.length);
  const blockOf = (name: string): Block =>
    typed ? typed.reading.block(layerIndex, name) : layer().arrays.get(name)!;
  const states = () => blockOf(isReadout() ? "hidden" : array);
  const unitsNow = () => states().shape[2];
  const unitNow = () => Math.min(cursor.get("unit"), unitsNow() - 1);
  const sequenceNow = () => (typed ? 0 : sequence);

  function valueShown(step: number, unit: number): number {
    if (step < 0 || step >= stepsDone()) return Number.NaN;
    return isReadout() ? (readout[step] ?? Number.NaN) : valueAt(states(), step, sequenceNow(), unit);
  }

  /** Names of what can colour the text: what was recorded, or after typing, what the page computes. */
  function arraysNow(): string[] {
    const made = typed ? typed.reading.names(layerIndex) : [...layer().arrays.keys()];
    const usual = [...layer().gates, "cell", "hidden"].filter((name) => made.includes(name));
    const others = made.filter((name) => !usual.includes(name));
    return [...usual, ...others, ...(tables.readout ? [tables.readout] : [])];
  }

  function showRecorded(): void {
    typed = null;
    symbols = (trace.labels?.[sequence] ?? []).slice(0, trace.layers[0].lengths[sequence]);
    area.value = symbols.join(words ? " " : "");
    resetButton.hidden = true;
    typingNote.textContent = "";
    codes = symbols.map((symbol) => numbers.get(symbol) ?? unknownCode);
    view.setSymbols(symbols);
    transport.resize(symbols.length);
    setBrush(null);
    refresh();
  }

  function typeText(text: string): void {
    const next = splitSymbols(text, words, new Set(tokens));
    const cut = next.length > MOST;
    next.length = Math.min(next.length, MOST);
    const same = firstDifference(symbols, next);
    typed ??= { reading: beginReading(), done: 0 };
    typed.done = Math.min(typed.done, same);
    symbols = next;
    codes = symbols.map((symbol) => numbers.get(symbol) ?? unknownCode);
    const strangers = [...new Set(symbols.filter((symbol) => !numbers.has(symbol)))];
    typingNote.textContent = [
      strangers.length > 0 &&
        `Not in its vocabulary, dotted: ${strangers.slice(0, 6).map(visible).join(" ")}${strangers.length > 6 ? " …" : ""}.`,
      cut && `Only the first ${MOST.toLocaleString("en")} are read.`,
    ]
      .filter(Boolean)
      .join(" ");
    resetButton.hidden = false;
    if (!arraysNow().includes(array)) array = "hidden";
    view.setSymbols(symbols);
    transport.resize(Math.max(1, symbols.length));
    brush = null;
    matches = [];
    showMatches();
    // What is typed is looked at where it changes.
    const at = Math.max(
      0,
      Math.min(
        symbols.length - 1,
        area.selectionEnd > 0 && !words ? area.selectionEnd - 1 : symbols.length - 1,
      ),
    );
    cursor.move({ step: at });
    readOn();
  }

  function beginReading(): Reading {
    return startReading(
      trace.layers.map((one) => ({
        ...one,
        initialHidden: one.initialHidden.data.subarray(0, one.initialHidden.shape[1]),
        initialCell: one.initialCell?.data.subarray(0, one.initialCell.shape[1]) ?? null,
      })),
      tables.inputs && matrix(tables.inputs),
    );
  }

  let reading = 0;
  signal.addEventListener("abort", () => cancelAnimationFrame(reading));
  /** Reads as far as a frame allows, and goes on in the next. */
  function readOn(): void {
    cancelAnimationFrame(reading);
    if (!typed) return;
    const until = performance.now() + SLICE;
    while (typed.done < symbols.length && performance.now() < until) {
      const to = Math.min(symbols.length, typed.done + 16);
      typed.reading.read(codes, typed.done, to);
      typed.done = to;
    }
    const finished = typed.done === symbols.length;
    if (!finished) reading = requestAnimationFrame(readOn);
    // Scale and order look at every value, so not in every frame.
    if (finished || performance.now() - settled > 200) refresh();
    else repaint();
  }

  // ---- what follows from the text
  /** Scale, order of units, legend: anew when array, layer or text change. */
  function refresh(): void {
    stale = true;
    repaint();
  }

  function settle(): void {
    stale = false;
    settled = performance.now();
    const names = arraysNow();
    if (!names.includes(array)) array = names.includes("hidden") ? "hidden" : names[0];
    arrayPicker.replaceChildren(
      ...names.map((name) => h("option", { value: name, selected: name === array }, sayChoice(name))),
    );
    layerPicker.value = String(layerIndex);
    computeReadout();
    scale = findScale();
    const finished = stepsDone() === symbols.length;
    if (finished || order.length !== unitsNow()) rank();
    unitNumber.max = String(unitsNow() - 1);
    unitRow.hidden = isReadout();
    legend.replaceChildren(...legendOf());
  }

  /** Surprise at each symbol in bits, or the probability of the verdict after each. */
  function computeReadout(): void {
    if (!isReadout() || !head) return;
    const last = trace.layers.length - 1;
    const hidden = typed ? typed.reading.block(last, "hidden") : trace.layers[last].arrays.get("hidden")!;
    const [, sequences, units] = hidden.shape;
    const state = (t: number) => {
      const start = (t * sequences + sequenceNow()) * units;
      return hidden.data.subarray(start, start + units);
    };
    readout = new Float32Array(stepsDone());
    for (let t = 0; t < readout.length; t++)
      if (array === "verdict") readout[t] = 1 / (1 + Math.exp(-readOut(head, state(t))[0]));
      else if (t === 0 || codes[t] < 0) readout[t] = Number.NaN;
      else {
        const logits = readOut(head, state(t - 1));
        readout[t] = (logSumExp(logits) - logits[codes[t]]) / Math.LN2;
      }
  }

  function findScale(): Scale {
    const colour = (property: string) => readColour(root, property);
    if (array === "verdict")
      return {
        low: 0,
        high: 1,
        ramp: makeRamp([colour("--rv-neg"), colour("--rv-mid"), colour("--rv-pos")]),
      };
    if (array === "surprise") {
      let most = 1;
      for (const value of readout) if (value > most) most = value;
      return { low: 0, high: most, ramp: makeRamp([colour("--rv-mid"), colour("--rv-pos")]) };
    }
    const bounded = (array === "hidden" && layer().nonlinearity !== "relu") || array === "candidate";
    if (isValve(array) || bounded) return scaleOf(root, array, 1);
    // One scale for all units, so that a strong one is seen to be strong.
    const { data, shape } = states();
    let limit = 0;
    for (let k = 0; k < stepsDone() * shape[1] * shape[2]; k++) {
      const size = Math.abs(data[k]);
      if (size > limit && Number.isFinite(size)) limit = size;
    }
    return scaleOf(root, array, limit || 1);
  }

  function legendOf(): HTMLElement[] {
    const item = (kind: string, text: string) => h("li", {}, h("i", { class: kind }), text);
    if (array === "surprise") return [item("rv-sequential", `0 to ${formatNumber(scale.high, 1)} bits`)];
    if (array === "verdict") return [item("rv-scale", "0 to 1: against to in favour")];
    if (isValve(array)) {
      const key = item("rv-valve", "closed 0 to open 1");
      const hue = `linear-gradient(90deg, var(--rv-mid), var(${hueProperty(array)}))`;
      key.querySelector("i")!.style.background = hue;
      return [key];
    }
    return [item("rv-scale", `−${formatNumber(scale.high, 1)} to ${formatNumber(scale.high, 1)}`)];
  }

  function rank(): void {
    const count = unitsNow();
    const feature = features.find(({ name }) => name === ranking);
    strengths = null;
    order = Array.from({ length: count }, (_, unit) => unit);
    if (!feature || isReadout() || stepsDone() < 3) return;
    strengths = correlateUnits(states(), sequenceNow(), stepsDone(), feature.of(symbols));
    const strength = strengths;
    order = Array.from(order).sort((a, b) => Math.abs(strength[b]) - Math.abs(strength[a]) || a - b);
  }

  function seek(): void {
    matches =
      brush && stepsDone() === symbols.length
        ? findSimilar(states(), sequenceNow(), symbols.length, brush.from, brush.to, MATCHES)
        : [];
    showMatches();
  }

  function showMatches(): void {
    likes.hidden = !brush;
    if (!brush) return;
    const length = brush.to - brush.from + 1;
    const what = isReadout() ? "hidden state" : sayArray(array);
    const join = words ? " " : "";
    const show = (from: number, to: number) =>
      symbols
        .slice(Math.max(0, from), to)
        .map((symbol) => (words ? symbol : symbol === "\n" ? "⏎" : symbol))
        .join(join);
    likes.replaceChildren(
      h(
        "h4",
        {},
        matches.length > 0
          ? `Where the ${what} is most like that of “${shorten(show(brush.from, brush.to + 1), 40)}”`
          : `No other stretch of ${plural(length, "step")} fits beside this one.`,
      ),
      h(
        "ol",
        {},
        ...matches.map(({ from, cosine }, k) =>
          h(
            "li",
            {},
            h(
              "button",
              {
                type: "button",
                onclick: () => {
                  transport.pause();
                  cursor.move({ step: from + length - 1 });
                },
              },
              h("b", { "aria-hidden": "true" }, String(k + 1)),
              h(
                "span",
                {},
                show(from - (words ? 2 : CONTEXT), from) + (words && from > 0 ? " " : ""),
                h("mark", {}, show(from, from + length)),
                (words ? " " : "") + show(from + length, from + length + (words ? 2 : CONTEXT)),
              ),
              h(
                "small",
                { class: "rv-note", title: "cosine of the angle, step by step" },
                `cos ${formatNumber(cosine, 2)}`,
              ),
            ),
          ),
        ),
      ),
    );
  }

  function describe(index: number): string {
    const value = valueShown(index, unitNow());
    const what = isReadout() ? array : `unit ${unitNow()}`;
    const number = Number.isNaN(value) ? "no value" : formatNumber(value);
    return `t = ${index} ${visible(symbols[index])}: ${what} ${number}${isReadout() && array === "surprise" ? " bits" : ""}`;
  }

  function tabulate(): string {
    const names = arraysNow().filter((name) => name !== tables.readout);
    const lines = [["step", "symbol", "unit", ...names].join(",")];
    for (let t = 0; t < stepsDone(); t++)
      for (let unit = 0; unit < unitsNow(); unit++)
        lines.push(
          [
            t,
            quote(symbols[t]),
            unit,
            ...names.map((name) => {
              const block = blockOf(name);
              return unit < block.shape[2] ? valueAt(block, t, sequenceNow(), unit) : "";
            }),
          ].join(","),
        );
    return `${lines.join("\n")}\n`;
  }

  // ---- painting
  let seen = -1;
  let spoken = "";
  function draw(): void {
    const wantedLayer = trace.layers.findIndex(({ name }) => name === cursor.get("layer"));
    const wantedSequence = Math.min(cursor.get("sequence"), trace.layers[0].sequences - 1);
    if (wantedLayer >= 0 && wantedLayer !== layerIndex) {
      layerIndex = wantedLayer;
      stale = true;
    }
    if (wantedSequence !== sequence) {
      sequence = wantedSequence;
      sequencePicker.value = String(sequence);
      showRecorded();
    }
    const gate = cursor.get("gate");
    if (gate && gate !== array && arraysNow().includes(gate)) {
      array = gate;
      stale = true;
    }
    if (stale) settle();
    const [step, unit] = [stepNow(), unitNow()];
    if (step !== seen) view.reveal(step);
    seen = step;
    transport.show(step);
    title.textContent = isReadout()
      ? `${capital(array)} at each ${words ? "word" : "character"}`
      : `${capital(sayArray(array))} of unit ${unit}, ${layer().kind} layer ${layer().name}`;
    if (document.activeElement !== unitNumber) unitNumber.value = String(unit);
    const strength = strengths ? `follows “${ranking}” with r = ${formatNumber(strengths[unit], 2)}` : "";
    unitNote.textContent = strength;
    strip.show(
      order,
      (one) => valueShown(step, one),
      scale,
      unit,
      `unit ${unit}${strength && `, ${strength}`}`,
    );
    const length = brush ? brush.to - brush.from : 0;
    view.paint({
      value: (index) => valueShown(index, unit),
      scale,
      cursor: step,
      brush,
      marked: matches.map(({ from }) => ({ from, to: from + length })),
      dotted: (index) => typed !== null && !numbers.has(symbols[index]),
    });
    speak(unit);
  }

  /** The summary depends on unit and text, not on the step: it is not spoken anew at each. */
  function speak(unit: number): void {
    const key = `${layerIndex} ${array} ${unit} ${stepsDone()} ${symbols.length} ${sequence} ${Boolean(typed)}`;
    if (key === spoken || stepsDone() < symbols.length) return;
    spoken = key;
    const values = Float32Array.from(symbols, (_, t) => valueShown(t, unit));
    const subject = isReadout() ? capital(array) : `${capital(sayArray(array))} of unit ${unit}`;
    const { closed, open } = shareOpen(values);
    const shares = isValve(array)
      ? ` It is open (above 0.9) at ${percent(open)} of the steps and closed (below 0.1) at ${percent(closed)}.`
      : "";
    summary.textContent = saySymbols(subject, symbols, values, isReadout()) + shares;
  }

  onTheme(signal, refresh);
  cursor.on(repaint);
  sequence = Math.min(cursor.get("sequence"), trace.layers[0].sequences - 1);
  sequencePicker.value = String(sequence);
  showRecorded();
  draw();
});

const sayChoice = (name: string): string =>
  name === "surprise" || name === "verdict" ? name : sayArray(name);

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const shorten = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;
