// Surgery: hold a gate or a state over some units and steps, and see the network's states and its answer change.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeSlider } from "../lib/controls/slider";
import { makeTransport } from "../lib/controls/transport";
import { hueProperty, scaleOf } from "../lib/draw/colours";
import { makeMapPanel, type Place } from "../lib/draw/map_panel";
import { between, type Region, whole } from "../lib/draw/region";
import { makeTextView, type Stretch } from "../lib/draw/text_view";
import { h } from "../lib/page/dom";
import { askInTurn } from "../lib/page/requests";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { computeRun, recordedRun } from "../lib/trace/cells";
import { copyFloats } from "../lib/trace/floats";
import { softmax } from "../lib/trace/softmax";
import { type Entry, type Matrix, readFloats, readTrace } from "../lib/trace/trace";
import { formatNumber } from "../lib/words/format";
import { capital, sayArray } from "../lib/words/sayings";
import { quote } from "../lib/words/takeaway";
import type { Hold } from "./state";
import {
  chooseBars,
  holdable,
  lossOf,
  rangeOf,
  readAnswer,
  sayAnswer,
  sayHold,
  valueHeld,
  writeHolds,
} from "./state";
import { makeAnswer, makeHoldList } from "./view";

const [LEAST, MOST, ROW] = [120, 300, 7];

/** A run of one sequence: any array of any layer, and the probabilities it ends with. */
interface Outcome {
  at(layer: number, name: string, step: number, unit: number): number;
  shares: Float64Array;
}

export default defineWidget("surgery", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const { feeds } = trace;
  const take = readFloats(model);
  const tables: Record<string, Entry> = model.get("tables");
  const matrix = (entry: Entry): Matrix => ({ shape: entry.shape as Matrix["shape"], data: take(entry) });
  const table = (name: string) => (tables[name] ? matrix(tables[name]) : null);
  const [logits, weight, bias, embedding] = ["logits", "weight", "bias", "embedding"].map(table);
  const classes: string[] = model.get("classes");
  const targets: number[] = model.get("targets");
  const vocabulary: string[] = model.get("vocabulary");
  const inPage: boolean = model.get("by_page");
  const own: string = model.get("layer");

  let array: string = model.get("array");
  let holds: Hold[] = (model.get("holds") as Hold[]).map((one) => ({ ...one }));
  let chosen = holds.length - 1;
  let changes = false;
  /** Words put in another's place, by sequence and step. */
  const replaced = new Map<string, number>();
  let drawn: Region | null = null;
  let corner: Place | null = null;
  let now: Outcome | null = null;
  let untouched: Outcome | null = null;
  let key = "";

  const indexNow = () =>
    Math.max(
      0,
      trace.layers.findIndex(({ name }) => name === cursor.get("layer")),
      cursor.get("layer") === "" ? trace.layers.findIndex(({ name }) => name === own) : 0,
    );
  const layerNow = () => trace.layers[indexNow()];
  const sequenceNow = () => Math.min(cursor.get("sequence"), layerNow().sequences - 1);
  const length = () => layerNow().lengths[sequenceNow()];
  const stepNow = () => Math.min(cursor.get("step"), length() - 1);
  const unitNow = () => Math.min(cursor.get("unit"), layerNow().units - 1);
  const labelsNow = () => {
    const row = trace.labels?.[sequenceNow()]?.slice(0, length());
    return row?.map((label, t) => vocabulary[replaced.get(`${sequenceNow()}/${t}`) ?? -1] ?? label);
  };
  const targetNow = (): number | undefined => targets[sequenceNow()];

  // ---- the card
  const picker = makeSequencePicker(cursor, layerNow().sequences);
  const gatePicker = h("select", {
    "aria-label": "What is shown and held",
    onchange: () => showArray(gatePicker.value),
  });
  const layerPicker = h(
    "select",
    {
      "aria-label": "Layer",
      hidden: trace.layers.length < 2,
      onchange: () => cursor.move({ layer: layerPicker.value }),
    },
    ...trace.layers.map(({ name }) => h("option", { value: name }, name)),
  );
  const compare = h("input", {
    type: "checkbox",
    onchange: () => {
      changes = compare.checked;
      repaint();
    },
  });
  const wordPicker = h(
    "select",
    { "aria-label": "The word at the cursor", onchange: replaceWord },
    ...vocabulary.map((word, number) => h("option", { value: number }, word)),
  );
  const stretch = h("span", { class: "rv-stretch", role: "status" });
  const slider = makeSlider({
    label: "hold at",
    low: 0,
    high: 1,
    step: 0.05,
    value: 0,
    choose: setValue,
  });
  const holdButton = h("button", { type: "button", class: "rv-primary", onclick: holdHere }, "Hold");
  const releaseButton = h("button", { type: "button", onclick: releaseAll }, "Let go of everything");
  const said = h("p", { class: "rv-caption", role: "status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const answer = makeAnswer(classes);
  const list = makeHoldList(chooseHold, (place) => {
    holds.splice(place, 1);
    chosen = holds.length - 1;
    changed();
  });
  const text = makeTextView({
    label: "What it reads; draw along it to choose steps",
    signal,
    words: (trace.labels ?? []).some((row) => row.some((label) => label.length > 1)),
    rows: 6,
    repaint: () => repaint(),
    press: (step) => cursor.move({ step }),
    brush: (stretch: Stretch, done) => {
      drawn = { top: 0, bottom: layerNow().units, left: stretch.from, right: stretch.to + 1 };
      if (done) cursor.move({ step: stretch.to });
      repaint();
    },
    hover: () => {},
    leave: () => {},
  });
  const panel = makeMapPanel({
    name: "hidden",
    title: " ",
    across: trace.labels ? "read so far" : "step t",
    hover: ({ row, column }) => {
      panel.reading.textContent = `unit ${row}, step ${column}: ${formatNumber(shownAt(row, column), 2)}`;
    },
    leave: () => {
      panel.reading.textContent = "";
    },
    press: (place) => {
      corner = place;
      drawn = null;
      cursor.move({ step: place.column, unit: place.row });
    },
    drag: (place) => {
      if (!corner || (corner.row === place.row && corner.column === place.column && !drawn)) return;
      drawn = between(corner, place);
      repaint();
    },
    release: () => {
      corner = null;
    },
  });
  panel.figure.append(h("div", { class: "rv-held", hidden: true }));
  const heldMark = panel.figure.querySelector<HTMLElement>(".rv-held")!;
  const transport = makeTransport({
    steps: length(),
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => {
      const label = labelsNow()?.[step];
      return label === undefined ? `step ${step + 1} of ${steps}` : `“${label}” · ${step + 1} of ${steps}`;
    },
  });
  const tools = h(
    "div",
    { class: "rv-scalpel", role: "group", "aria-label": "Hold a gate or a state" },
    stretch,
    slider.element,
    holdButton,
    releaseButton,
  );
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Surgery on a trained network"),
      h(
        "div",
        { class: "rv-controls" },
        picker,
        layerPicker,
        gatePicker,
        h("label", { class: "rv-field" }, compare, "show the change"),
        embedding && h("label", { class: "rv-field" }, "word", wordPicker),
        makeSaveMenu({
          name: "surgery",
          root,
          table: tabulate,
          code: () => writeHolds(holds, sequenceNow()),
        }),
      ),
    ),
    h(
      "div",
      { class: "rv-surgery" },
      h("div", {}, trace.labels ? text.element : null, tools, list.element, panel.element, transport.element),
      h("div", {}, answer.element, said),
    ),
    problem,
  );
  const requests = inPage
    ? null
    : askInTurn(model, signal, (message) => {
        problem.hidden = message === null;
        problem.textContent = message ?? "";
      });

  // ---- holding
  function region(): Region {
    const { units } = layerNow();
    return drawn ?? { top: 0, bottom: units, left: stepNow(), right: stepNow() + 1 };
  }
  function unitsOf({ top, bottom }: Region): number[] | null {
    return top === 0 && bottom >= layerNow().units
      ? null
      : Array.from({ length: bottom - top }, (_, k) => top + k);
  }
  function holdHere() {
    const { left, right } = region();
    const units = unitsOf(region());
    holds.push({
      layer: layerNow().name,
      gate: array,
      units,
      from: left,
      to: Math.min(right, length()) - 1,
      value: Number(slider.input.value),
    });
    chosen = holds.length - 1;
    drawn = null;
    changed();
  }
  function setValue(value: number) {
    if (holds[chosen]?.gate === array) {
      holds[chosen].value = value;
      changed();
    }
  }
  function chooseHold(place: number) {
    chosen = chosen === place ? -1 : place;
    if (chosen >= 0) {
      const { gate, layer, value, from } = holds[chosen];
      cursor.move({ layer, step: Math.min(from, length() - 1) });
      if (gate !== array) showArray(gate);
      slider.show(value);
    }
    repaint();
  }
  function releaseAll() {
    holds = [];
    chosen = -1;
    drawn = null;
    replaced.clear();
    changed();
  }
  function showArray(name: string) {
    array = name;
    if (holds[chosen]?.gate !== name) chosen = holds.map(({ gate }) => gate).lastIndexOf(name);
    bound();
    repaint();
  }
  function bound() {
    const [low, high] = rangeOf(array);
    const value = holds[chosen]?.gate === array ? holds[chosen].value : 0;
    slider.bound(low, high);
    slider.show(value);
  }
  function replaceWord() {
    const at = `${sequenceNow()}/${stepNow()}`;
    const word = Number(wordPicker.value);
    if (vocabulary[word] === trace.labels?.[sequenceNow()]?.[stepNow()]) replaced.delete(at);
    else replaced.set(at, word);
    changed();
  }
  function changed() {
    key = "";
    repaint();
  }

  // ---- running
  function inputsOf(sequence: number): Map<string, Float64Array> {
    const inputs = new Map<string, Float64Array>();
    for (const [at, word] of replaced) {
      const [where, step] = at.split("/").map(Number);
      if (where !== sequence) continue;
      const width = embedding!.shape[1];
      inputs.set(`0/${step}`, Float64Array.from(embedding!.data.subarray(word * width, (word + 1) * width)));
    }
    return inputs;
  }
  function runInPage(sequence: number, held: readonly Hold[]): Outcome {
    const inputs = inputsOf(sequence);
    const run =
      held.length === 0 && inputs.size === 0
        ? recordedRun(trace, sequence)
        : computeRun(trace, sequence, feeds, inputs, (layer, gate, unit, step) =>
            valueHeld(held, trace.layers[layer].name, gate, unit, step),
          );
    const top = trace.layers.length - 1;
    const hidden = run.at(top, "hidden", trace.layers[top].lengths[sequence] - 1);
    return {
      at: (layer, name, step, unit) => run.at(layer, name, step)[unit],
      shares: readAnswer(hidden, weight!, bias),
    };
  }
  function recordedOutcome(sequence: number): Outcome {
    const run = recordedRun(trace, sequence);
    const count = classes.length;
    const row = logits!.data.subarray(sequence * count, (sequence + 1) * count);
    return {
      at: (layer, name, step, unit) => run.at(layer, name, step)[unit],
      shares: softmax(Float64Array.from(row)),
    };
  }
  /** What Python answered last, where it speaks of this sequence. */
  function answeredOutcome(sequence: number): Outcome | null {
    const got = model.get("answer");
    if (got?.sequence !== sequence) return null;
    const floats = copyFloats(model.get("answer_data"));
    const part = ({ shape, offset }: Entry) =>
      floats.subarray(offset, offset + shape.reduce((product, n) => product * n, 1));
    const recorded = recordedRun(trace, sequence);
    return {
      at(layer, name, step, unit) {
        const entry: Entry | undefined = got.arrays[trace.layers[layer].name]?.[name];
        return entry ? part(entry)[step * entry.shape[1] + unit] : recorded.at(layer, name, step)[unit];
      },
      shares: softmax(Float64Array.from(part(got.logits))),
    };
  }
  function refresh() {
    const sequence = sequenceNow();
    const wanted = `${sequence}`;
    if (key === wanted && now) return;
    key = wanted;
    if (inPage) {
      untouched = runInPage(sequence, []);
      now = holds.length ? runInPage(sequence, holds) : untouched;
      return;
    }
    untouched = recordedOutcome(sequence);
    if (holds.length === 0) now = untouched;
    else {
      now ??= untouched;
      requests!.ask({ sequence, holds });
    }
  }
  if (!inPage) {
    const arrived = () => {
      if (holds.length) now = answeredOutcome(sequenceNow()) ?? now;
      repaint();
    };
    model.on("change:answer", arrived);
    signal.addEventListener("abort", () => model.off("change:answer", arrived));
  }

  // ---- drawing
  const repaint = oncePerFrame(draw, signal);
  const shownAt = (unit: number, step: number): number => {
    const value = now!.at(indexNow(), array, step, unit);
    return changes ? value - untouched!.at(indexNow(), array, step, unit) : value;
  };
  let listed = "";

  function draw() {
    const layer = layerNow();
    if (listed !== layer.name) {
      listed = layer.name;
      const names = holdable(layer);
      if (!names.includes(array)) array = names[names.length - 1];
      gatePicker.replaceChildren(
        ...names.map((name) => h("option", { value: name }, capital(sayArray(name)))),
      );
      bound();
    }
    gatePicker.value = array;
    layerPicker.value = layer.name;
    picker.value = String(sequenceNow());
    refresh();
    transport.resize(length());
    transport.show(stepNow());
    drawMap();
    drawText();
    drawTools();
    drawAnswer();
  }

  function scaleNow() {
    let largest = 0;
    const { units } = layerNow();
    for (let t = 0; t < length(); t++)
      for (let k = 0; k < units; k++) largest = Math.max(largest, Math.abs(shownAt(k, t)) || 0);
    const bounded = array === "cell" || changes ? Math.max(0.1, largest) : 1;
    return scaleOf(root, changes ? "hidden" : array, bounded);
  }
  let scale = scaleOf(root, "hidden");

  function drawMap() {
    const { units } = layerNow();
    scale = scaleNow();
    const heading = panel.element.querySelector("strong")!;
    heading.textContent = `${capital(sayArray(array))}${changes ? ", change by what is held" : ""}`;
    heading.style.color = `var(${hueProperty(array)})`;
    panel.paint({
      map: { rows: units, columns: length(), at: shownAt },
      region: whole(units, length()),
      scale,
      height: Math.max(LEAST, Math.min(MOST, ROW * units)),
      rowName: String,
      labels: labelsNow(),
    });
    panel.size(panel.figure.clientWidth);
    panel.mark({ row: unitNow(), column: stepNow() });
    panel.brush(drawn);
    panel.figure.setAttribute(
      "aria-label",
      `${capital(sayArray(array))} of ${units} units over ${length()} steps. ${said.textContent}`,
    );
    drawHeld();
  }

  function drawHeld() {
    const one = holds[chosen];
    heldMark.hidden = !one || one.layer !== layerNow().name;
    if (heldMark.hidden) return;
    const { units } = layerNow();
    const [first, last] = one.units ? [one.units[0], one.units[one.units.length - 1]] : [0, units - 1];
    const part = (at: number, of: number) => `${(100 * at) / of}%`;
    const to = Math.min(one.to, length() - 1);
    heldMark.style.cssText =
      `left: ${part(one.from, length())}; width: ${part(to - one.from + 1, length())}; ` +
      `top: ${part(first, units)}; height: ${part(last - first + 1, units)}`;
  }

  let shownSymbols = "";
  function drawText() {
    const labels = labelsNow();
    if (!labels) return;
    const next = labels.join("\u0000");
    if (next !== shownSymbols) {
      shownSymbols = next;
      text.setSymbols(labels);
    }
    const { left, right } = region();
    text.paint({
      value: (step) => shownAt(unitNow(), step),
      scale,
      cursor: stepNow(),
      brush: drawn ? { from: left, to: right - 1 } : null,
      marked: [],
      dotted: (step) =>
        replaced.has(`${sequenceNow()}/${step}`) || holds.some(({ from, to }) => step >= from && step <= to),
    });
  }

  function drawTools() {
    const { left, right } = region();
    const draft: Hold = {
      layer: layerNow().name,
      gate: array,
      units: unitsOf(region()),
      from: left,
      to: right - 1,
      value: Number(slider.input.value),
    };
    const words = sayHold(draft, labelsNow(), length(), trace.layers.length > 1);
    stretch.textContent = `${drawn ? "Chosen" : "At the cursor"}: ${words}. Draw along the text or over the map to choose more.`;
    releaseButton.disabled = holds.length === 0 && replaced.size === 0;
    list.show(
      holds.map((one) => sayHold(one, labelsNow(), length(), trace.layers.length > 1)),
      chosen,
    );
    const word = vocabulary.indexOf(labelsNow()?.[stepNow()] ?? "");
    if (document.activeElement !== wordPicker) wordPicker.value = String(word);
  }

  function drawAnswer() {
    const [before, after] = [untouched!.shares, now!.shares];
    const target = replaced.size ? undefined : targetNow();
    answer.show(chooseBars(before, after, target, 5), before, after, target);
    answer.loss(
      target === undefined ? null : lossOf(before, target),
      target === undefined ? null : lossOf(after, target),
      holds.length > 0,
    );
    const words = sayAnswer(classes, before, after, target, holds.length);
    if (said.textContent !== words) said.textContent = words;
  }

  function tabulate(): string {
    const lines = ["class,untouched,now"];
    classes.forEach((name, k) => {
      lines.push(`${quote(name)},${untouched!.shares[k]},${now!.shares[k]}`);
    });
    return `${lines.join("\n")}\n`;
  }

  cursor.on(() => {
    // What was chosen holds as long as the cursor stays in it.
    if (drawn && (stepNow() < drawn.left || stepNow() >= drawn.right)) drawn = null;
    repaint();
  });
  onWidth(root, signal, () => {
    text.resize();
    repaint();
  });
  onTheme(signal, repaint);
  bound();
  draw();
});
