// A character model writes on from a prompt; temperature, dice and characters put in by hand change it at once.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import type { Scale } from "../lib/draw/colours";
import { hueProperty, isValve, makeRamp, readColour, scaleOf } from "../lib/draw/colours";
import { visible } from "../lib/draw/text_layout";
import { makeTextView } from "../lib/draw/text_view";
import { makeTooltip } from "../lib/draw/tooltip";
import { makeUnitStrip, stepUnit } from "../lib/draw/unit_strip";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, prefersReducedMotion } from "../lib/page/widget";
import { copyFloats } from "../lib/trace/floats";
import type { Head, LayerWeights, Reading } from "../lib/trace/reading";
import { startReading } from "../lib/trace/reading";
import type { Entry, Matrix } from "../lib/trace/trace";
import { makeTrainingBar, type Progress } from "../lib/training/training_bar";
import { formatNumber, plural } from "../lib/words/format";
import { article, capital, sayArray } from "../lib/words/sayings";
import { quote } from "../lib/words/takeaway";
import { rankChances, startWriting } from "./writing";

/** Milliseconds of a frame that may go into writing. */
const SLICE = 9;
/** Characters listed at each place. */
const LISTED = 8;
/** Characters a second; 0 is all at once. */
const SPEEDS = [
  ["written at once", 0],
  ["written at 20 a second", 20],
  ["written at 60 a second", 60],
] as const;

interface Tables {
  layers: {
    name: string;
    kind: string;
    nonlinearity: string;
    units: number;
    weights: Record<string, Entry>;
  }[];
  head: { weight: Entry; bias: Entry | null };
  inputs: Entry | null;
}

export default defineWidget("writer", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const tokens: string[] = model.get("tokens");
  const numbers = new Map(tokens.map((token, number) => [token, number]));
  const tables = model.get("tables") as Tables;
  const trains = "step" in (model.get("frame") as object);
  let [reading, head] = unpack(copyFloats(model.get("data")));
  const writing = startWriting(reading, head);
  let prompt = [...(model.get("prompt") as string)];
  let temperature: number = model.get("temperature");
  let topK: number = model.get("top_k");
  let length: number = model.get("length");
  let seed: number = model.get("seed");
  let array: string = model.get("array");
  let layer = tables.layers.length - 1;
  let symbols: string[] = [];
  let shown = "";
  let scale: Scale = { low: 0, high: 1, ramp: makeRamp(["#000000", "#ffffff"]) };
  let stale = true;
  /** While the text is typed out: characters in sight, and when that began. */
  let typing: { from: number; began: number; pace: number } | null = null;

  if (!model.get("cursor")) cursor.move({ unit: model.get("unit"), step: prompt.length });

  function unpack(data: Float32Array): [Reading, Head] {
    const matrix = ({ shape, offset }: Entry): Matrix => ({
      shape: shape as Matrix["shape"],
      data: data.subarray(offset, offset + shape[0] * shape[1]),
    });
    const layers = tables.layers.map(
      ({ weights, ...rest }): LayerWeights => ({
        ...rest,
        weights: new Map(Object.entries(weights).map(([name, entry]) => [name, matrix(entry)])),
      }),
    );
    const { weight, bias } = tables.head;
    return [
      startReading(layers, tables.inputs && matrix(tables.inputs)),
      { weight: matrix(weight), bias: bias && matrix(bias) },
    ];
  }

  // ---- the card
  const { kind, units } = tables.layers[0];
  const title = h("h3", {}, `${article(kind)} ${kind} of ${plural(units, "unit")} writes`);
  const legend = h("ul", { class: "rv-legend" });
  const arrayPicker = h("select", { "aria-label": "Coloured by" });
  const layerPicker = h("select", { "aria-label": "Layer", hidden: tables.layers.length < 2 });
  tables.layers.forEach(({ name }, k) => {
    layerPicker.append(h("option", { value: k, selected: k === layer }, `layer ${name}`));
  });
  const promptField = h("textarea", { class: "rv-prompt", rows: 1, spellcheck: "false", maxlength: 2000 });
  promptField.value = prompt.join("");
  const promptNote = h("span", { class: "rv-note", role: "status" });
  const heat = h("input", { type: "range", min: 0, max: 2, step: 0.01, value: temperature });
  const heatOut = h("output", {});
  const top = h("input", {
    type: "range",
    min: 1,
    max: tokens.length,
    step: 1,
    value: topK || tokens.length,
  });
  const topOut = h("output", {});
  const lengthField = h("input", {
    type: "number",
    min: 1,
    max: 2000,
    value: length,
    class: "rv-unit-number",
  });
  const seedField = h("input", { type: "number", step: 1, value: seed, class: "rv-unit-number" });
  const dice = h("button", { type: "button", onclick: castAgain }, "New dice");
  const pace = h("select", { "aria-label": "Speed of writing" });
  for (const [name, speed] of SPEEDS) pace.append(h("option", { value: speed }, name));
  const tooltip = makeTooltip(root);
  const unitNumber = h("input", {
    type: "number",
    class: "rv-unit-number",
    min: 0,
    max: units - 1,
    value: 0,
  });
  const order = Array.from({ length: units }, (_, unit) => unit);
  const strip = makeUnitStrip({
    choose: (unit) => cursor.move({ unit }),
    hover: (unit, x, y) =>
      tooltip.show(`unit ${unit}: ${formatNumber(writing.value(layer, array, stepNow(), unit))}`, x, y),
    leave: tooltip.hide,
  });
  const unitRow = h(
    "div",
    { class: "rv-units" },
    h("label", { class: "rv-field" }, "unit", unitNumber),
    strip.element,
  );
  const repaint = oncePerFrame(draw, signal);
  const view = makeTextView({
    label:
      "The text written. Left and right arrows move through it, up and down choose a unit; a letter pressed here is put in by hand, Delete lets the dice decide again.",
    signal,
    words: false,
    rows: 10,
    repaint,
    press(index) {
      transport.pause();
      cursor.move({ step: index });
    },
    hover: (index, x, y) => tooltip.show(describe(index), x, y),
    leave: tooltip.hide,
  });
  const transport = makeTransport({
    steps: prompt.length + length,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => `t = ${step} of ${steps} · ${visible(symbols[step] ?? "")}`,
  });
  const placeTitle = h("h4", {});
  const line = h("div", { class: "rv-chances-line", "aria-hidden": "true" });
  const list = h("ol", { class: "rv-chances" });
  const free = h(
    "button",
    { type: "button", class: "rv-act", onclick: () => putIn(stepNow(), null) },
    "Let the dice decide",
  );
  const freeAll = h("button", { type: "button", class: "rv-act", onclick: freeEverything }, "Take out all");
  const summary = h("p", { class: "rv-caption", "aria-live": "polite" });
  const saveMenu = makeSaveMenu({
    name: "writer",
    root,
    table: tabulate,
    code: () =>
      [
        "import rnnviz_widgets as rw",
        "from rnnviz.data import manual",
        "from rnnviz.models import CharacterLearning, write_text",
        "",
        `learning = CharacterLearning(manual().text, ${JSON.stringify(kind.toLowerCase())}, ${units})  # or your own text`,
        "for frame in learning.frames(1000):",
        "    print(frame.step, frame.loss, frame.sample)",
        `settings = dict(temperature=${temperature}, top_k=${topK || "None"}, seed=${seed})`,
        `print(write_text(learning.model, learning.alphabet, ${JSON.stringify(prompt.join(""))}, ${length}, **settings))`,
        `rw.Writer(learning, prompt=${JSON.stringify(prompt.join(""))}, length=${length}, **settings)`,
        "",
      ].join("\n"),
  });
  const bar = trains
    ? makeTrainingBar(model, signal, (_: Progress, data) => {
        [reading, head] = unpack(data[0]);
        writing.replace(reading, head);
        refresh();
      })
    : null;
  const field = (name: string, ...parts: HTMLElement[]) => h("label", { class: "rv-field" }, name, ...parts);
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      legend,
      h("div", { class: "rv-controls" }, layerPicker, arrayPicker, saveMenu),
    ),
    ...(bar ? [bar] : []),
    h("label", { class: "rv-typing rv-prompting" }, "Prompt: what it reads first", promptField),
    promptNote,
    h(
      "div",
      { class: "rv-controls rv-writing", role: "group", "aria-label": "How it writes" },
      field("temperature", heat, heatOut),
      field("among the likeliest", top, topOut),
      field("length", lengthField),
      field("dice", seedField),
      dice,
      pace,
    ),
    unitRow,
    view.element,
    transport.element,
    h(
      "div",
      { class: "rv-place" },
      h("div", { class: "rv-place-head" }, placeTitle, free, freeAll),
      line,
      list,
    ),
    summary,
  );

  // ---- what the reader does
  heat.addEventListener("input", () => {
    temperature = heat.valueAsNumber;
    refresh();
  });
  top.addEventListener("input", () => {
    topK = top.valueAsNumber >= tokens.length ? 0 : top.valueAsNumber;
    refresh();
  });
  lengthField.addEventListener("change", () => {
    const wanted = Math.round(lengthField.valueAsNumber);
    length = Number.isFinite(wanted) ? Math.max(1, Math.min(2000, wanted)) : length;
    lengthField.value = String(length);
    beginAnew();
  });
  seedField.addEventListener("input", () => {
    if (!Number.isInteger(seedField.valueAsNumber)) return;
    seed = seedField.valueAsNumber;
    beginAnew();
  });
  promptField.addEventListener("input", () => {
    const wanted = [...promptField.value];
    const known = wanted.filter((symbol) => numbers.has(symbol));
    const strangers = [...new Set(wanted.filter((symbol) => !numbers.has(symbol)))];
    promptNote.textContent = [
      strangers.length > 0 && `It does not know ${strangers.map(visible).join(" ")}, and reads on without.`,
      known.length === 0 && "It needs at least one character to begin with, and keeps the last prompt.",
    ]
      .filter(Boolean)
      .join(" ");
    if (known.length === 0) return;
    if (known.length !== prompt.length) writing.forced.clear();
    prompt = known;
    beginAnew();
    cursor.move({ step: prompt.length });
  });
  arrayPicker.addEventListener("change", () => {
    array = arrayPicker.value;
    refresh();
  });
  layerPicker.addEventListener("change", () => {
    layer = Number(layerPicker.value);
    refresh();
  });
  unitNumber.addEventListener("input", () => {
    const unit = unitNumber.valueAsNumber;
    if (Number.isInteger(unit) && unit >= 0 && unit < units) cursor.move({ unit });
  });
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const inText = event.target === view.element;
      if (!inText && event.target !== strip.element) return;
      const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (by !== undefined) cursor.move({ unit: stepUnit(order, unitNow(), by) });
      else if (inText && (event.key === "Delete" || event.key === "Backspace")) putIn(stepNow(), null);
      else if (inText && event.key !== " " && numbers.has(event.key)) {
        putIn(stepNow(), numbers.get(event.key)!);
        cursor.move({ step: Math.min(prompt.length + length - 1, stepNow() + 1) });
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );

  function putIn(place: number, code: number | null): void {
    if (place < prompt.length) return;
    transport.pause();
    writing.force(place, code);
    refresh();
  }

  function freeEverything(): void {
    for (const place of [...writing.forced.keys()]) writing.force(place, null);
    refresh();
  }

  function castAgain(): void {
    seed = (seed + 1) | 0;
    seedField.value = String(seed);
    writing.forced.clear();
    beginAnew();
    const speed = Number(pace.value);
    typing =
      speed > 0 && !prefersReducedMotion()
        ? { from: prompt.length, began: performance.now(), pace: speed }
        : null;
    cursor.move({ step: prompt.length });
  }

  function beginAnew(): void {
    writing.begin(
      prompt.map((symbol) => numbers.get(symbol)!),
      length,
      seed,
    );
    transport.resize(prompt.length + length);
    refresh();
  }

  function refresh(): void {
    stale = true;
    writing.set({ temperature, topK });
    repaint();
  }

  // ---- what there is to see
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), writing.codes.length - 1));
  const unitNow = () => Math.min(cursor.get("unit"), units - 1);
  const valueShown = (place: number) =>
    array === "surprise" ? writing.surprise(place) : writing.value(layer, array, place, unitNow());

  function describe(index: number): string {
    const value = valueShown(index);
    const what = array === "surprise" ? "surprise" : `unit ${unitNow()}`;
    const number = Number.isNaN(value) ? "no value" : formatNumber(value, 2);
    const hand = writing.forced.has(index) ? ", put in by hand" : "";
    return `t = ${index} ${visible(symbols[index] ?? "")}: ${what} ${number}${array === "surprise" ? " bits" : ""}${hand}`;
  }

  function settle(): void {
    const names = ["surprise", ...reading.names(layer)];
    if (arrayPicker.options.length !== names.length)
      arrayPicker.replaceChildren(
        ...names.map((name) => h("option", { value: name }, name === "surprise" ? name : sayArray(name))),
      );
    arrayPicker.value = array;
    unitRow.hidden = array === "surprise";
    heatOut.textContent = temperature.toFixed(2);
    topOut.textContent = topK === 0 ? `all ${tokens.length}` : String(topK);
    const colour = (property: string) => readColour(root, property);
    if (array === "surprise")
      scale = {
        low: 0,
        high: Math.max(4, Math.log2(tokens.length)),
        ramp: makeRamp([colour("--rv-mid"), colour("--rv-pos")]),
      };
    else {
      const bounded =
        (array === "hidden" && tables.layers[layer].nonlinearity !== "relu") || array === "candidate";
      let limit = 1;
      if (!isValve(array) && !bounded)
        for (let t = 0; t < writing.codes.length; t++)
          for (let unit = 0; unit < units; unit++) {
            const size = Math.abs(writing.value(layer, array, t, unit));
            if (size > limit && Number.isFinite(size)) limit = size;
          }
      scale = scaleOf(root, array, limit);
    }
    const hue = `background: linear-gradient(90deg, var(--rv-mid), var(${hueProperty(array)}))`;
    const item = (kindOf: string, text: string) =>
      h("li", {}, h("i", { class: kindOf, style: kindOf === "rv-valve" ? hue : null }), text);
    legend.replaceChildren(
      array === "surprise"
        ? item("rv-sequential", `0 to ${formatNumber(scale.high, 1)} bits of surprise`)
        : isValve(array)
          ? item("rv-valve", "closed 0 to open 1")
          : item("rv-scale", `−${formatNumber(scale.high, 1)} to ${formatNumber(scale.high, 1)}`),
    );
  }

  /** The likeliest characters at the cursor, what they share, and where the die fell. */
  function showChances(place: number): void {
    const logits = writing.logits(place);
    const written = place >= prompt.length;
    const code = writing.codes[place];
    const after = symbols
      .slice(Math.max(0, place - 12), place)
      .map((symbol) => (symbol === "\n" ? "⏎" : symbol))
      .join("");
    placeTitle.textContent = logits
      ? written
        ? `What comes after “${after}”?`
        : `What it expected after “${after}”, in the prompt`
      : "Nothing was read before the first character, so nothing was expected.";
    free.hidden = !writing.forced.has(place);
    freeAll.hidden = writing.forced.size === 0;
    line.hidden = list.hidden = !logits;
    if (!logits) return;
    const chances = rankChances(logits, temperature, topK);
    const die = written && !writing.forced.has(place) ? writing.die(place) : null;
    const parts: HTMLElement[] = [];
    const part = (from: number, share: number, kindOf: string | null, text = "") =>
      parts.push(h("i", { style: `left: ${100 * from}%; width: ${100 * share}%`, class: kindOf }, text));
    let end = 0;
    for (const chance of chances) {
      if (chance.share < 0.003) break;
      const text = chance.share > 0.035 ? visible(tokens[chance.code]) : "";
      part(end, chance.share, chance.code === code ? "rv-taken" : null, text);
      end += chance.share;
    }
    if (end < 0.999) part(end, 1 - end, "rv-rest");
    line.replaceChildren(
      ...parts,
      ...(die === null
        ? []
        : [h("b", { style: `left: ${100 * die}%`, class: die > 0.9 ? "rv-late" : null }, "die")]),
    );
    const listed = chances.slice(0, LISTED);
    if (!listed.some((chance) => chance.code === code)) {
      const own = chances.find((chance) => chance.code === code) ?? { code, share: 0 };
      if (code >= 0) listed[listed.length === LISTED ? LISTED - 1 : listed.length] = own;
    }
    // Kept where they stand, so that a focused button is not lost when its place changes.
    while (list.children.length > listed.length) list.lastElementChild!.remove();
    while (list.children.length < listed.length) list.append(makeChance());
    listed.forEach((chance, k) => {
      const button = list.children[k].firstElementChild as HTMLButtonElement;
      const [name, track, share] = button.children as unknown as HTMLElement[];
      const symbol = tokens[chance.code];
      const percent = `${(100 * chance.share).toFixed(chance.share < 0.0995 ? 1 : 0)} %`;
      name.textContent = visible(symbol);
      (track.firstElementChild as HTMLElement).style.width = `${100 * chance.share}%`;
      share.textContent = percent;
      button.dataset.code = String(chance.code);
      button.disabled = !written;
      button.setAttribute("aria-pressed", String(chance.code === code));
      button.setAttribute(
        "aria-label",
        `${symbol === " " ? "blank" : symbol === "\n" ? "line end" : symbol}, ${percent}${written ? ": put it here" : ""}`,
      );
    });
  }

  function makeChance(): HTMLElement {
    const button = h(
      "button",
      { type: "button", class: "rv-chance" },
      h("kbd", {}),
      h("span", { class: "rv-chance-track" }, h("i", {})),
      h("small", {}),
    );
    button.addEventListener("click", () => putIn(stepNow(), Number(button.dataset.code)));
    return h("li", {}, button);
  }

  function tabulate(): string {
    const lines = ["step,character,by,probability,surprise in bits"];
    for (let t = 0; t < writing.codes.length; t++) {
      const logits = writing.logits(t);
      const share = logits
        ? (rankChances(logits, 1, 0).find(({ code }) => code === writing.codes[t])?.share ?? 0)
        : "";
      const by = t < prompt.length ? "prompt" : writing.forced.has(t) ? "hand" : "die";
      lines.push([t, quote(symbols[t]), by, share, logits ? writing.surprise(t) : ""].join(","));
    }
    return `${lines.join("\n")}\n`;
  }

  // ---- painting
  let seen = -1;
  let spoken = 0;
  signal.addEventListener("abort", () => clearTimeout(spoken));
  function draw(): void {
    const finished = writing.run(performance.now() + SLICE);
    const end = typing
      ? Math.floor(typing.from + ((performance.now() - typing.began) * typing.pace) / 1000)
      : Number.POSITIVE_INFINITY;
    if (end >= writing.codes.length) typing = null;
    const text = writing.codes
      .slice(0, Math.min(end, writing.codes.length))
      .map((code) => tokens[code] ?? " ")
      .join("");
    if (text !== shown) {
      shown = text;
      symbols = [...text];
      view.setSymbols(symbols);
      sayLater();
    }
    if (stale) settle();
    stale = false;
    if (typing) cursor.move({ step: Math.max(0, symbols.length - 1) });
    const [step, unit] = [stepNow(), unitNow()];
    if (step !== seen) view.reveal(step);
    seen = step;
    transport.show(step);
    if (document.activeElement !== unitNumber) unitNumber.value = String(unit);
    if (array !== "surprise")
      strip.show(order, (one) => writing.value(layer, array, step, one), scale, unit, `unit ${unit}`);
    title.textContent =
      array === "surprise"
        ? `${article(kind)} ${kind} of ${plural(units, "unit")} writes`
        : `${article(kind)} ${kind} writes: ${sayArray(array)} of unit ${unit}`;
    view.paint({
      value: valueShown,
      scale,
      cursor: step,
      brush: prompt.length > 0 ? { from: 0, to: Math.min(prompt.length, symbols.length) - 1 } : null,
      marked: [],
      dotted: (index) => writing.forced.has(index),
      paleFrom: writing.done,
    });
    showChances(step);
    if (!finished || typing) repaint();
  }

  /** The text is spoken when it has been still for a moment. */
  function sayLater(): void {
    clearTimeout(spoken);
    spoken = window.setTimeout(() => {
      const written = symbols.slice(prompt.length).join("");
      let bits = 0;
      for (let t = prompt.length; t < symbols.length; t++)
        bits += writing.surprise(t) / (symbols.length - prompt.length);
      const hand = writing.forced.size;
      summary.textContent = `It wrote ${plural(symbols.length - prompt.length, "character")}${hand ? `, ${hand} of them put in by hand` : ""}: “${written.slice(0, 80).replaceAll("\n", " ")}${written.length > 80 ? "…" : ""}”. ${capital(`on average ${formatNumber(bits, 1)} bits of surprise a character`)}, of ${formatNumber(Math.log2(tokens.length), 1)} if it guessed blindly.`;
    }, 600);
  }

  onTheme(signal, refresh);
  cursor.on(repaint);
  beginAnew();
  draw();
});
