// A translator to watch: the encoder fills up word by word, the decoder chooses word by word; any word can be forced.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { scaleOf } from "../lib/draw/colours";
import { GUTTER, type MapPanel, makeMapPanel } from "../lib/draw/map_panel";
import { whole } from "../lib/draw/region";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { type Entry, type Layer, type Matrix, readFloats } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { quote, write } from "../lib/words/takeaway";
import {
  type Hypothesis,
  readSentence,
  type Said,
  sayGreedily,
  searchBeam,
  splitWords,
  type Translator,
  topOf,
} from "./translation";

const LONGEST = 20;
const MOST_WORDS = 30;
const TOP = 5;

interface Header {
  units: number;
  weights: Record<string, Entry>;
}

export default defineWidget("translator", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const machine = readMachine();
  const reverse: boolean = model.get("reverse");
  const source: string[] = model.get("source");
  const target: string[] = model.get("target");
  const numberOf = new Map(source.map((word, number) => [word, number]));
  const examples: [string, string][] = model.get("examples");
  const known = new Map(examples);
  /** As typed; the first word first. */
  let words: string[] = [];
  /** In the order of reading. */
  let order: number[] = [];
  let states: Float64Array[] = [];
  let said: Said[] = [];
  let beams: Hypothesis[] = [];
  const forced = new Map<number, number>();

  const input = h("input", {
    type: "text",
    "aria-label": "Sentence to translate",
    spellcheck: "false",
    autocomplete: "off",
    maxlength: 200,
  });
  const picker = h("select", { "aria-label": "Example" }, h("option", { value: "" }, "an example…"));
  for (const [sentence] of examples) picker.append(h("option", { value: sentence }, sentence));
  const complaint = h("p", { class: "rv-note", role: "status" });
  const tooltip = makeTooltip(root);
  const encoder = makePanel("Encoder", () => states, 0);
  const decoder = makePanel("Decoder", () => said.map(({ hidden }) => hidden), 1);
  encoder.note.textContent = "its state after each word read";
  decoder.note.textContent = "its state before each word said";
  const handing = h("p", { class: "rv-note rv-handing" });
  const sentence = h("div", {
    class: "rv-said rv-in-picture",
    role: "group",
    "aria-label": "Translation, word by word",
  });
  const free = h("button", { type: "button", onclick: letGo }, "Let it choose again");
  const chances = h("div", { class: "rv-next-words" });
  const attention = h("div", {
    class: "rv-table-box rv-attention",
    tabindex: 0,
    role: "region",
    "aria-label": "Attention",
  });
  const width = h("input", { type: "range", min: 1, max: 6, value: 3, "aria-label": "Width of the beam" });
  const widthSaid = h("output", {}, "3");
  const beamList = h("ol", { class: "rv-beams" });
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: 1,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => {
      if (step < order.length) return `reading “${wordRead(step)}”`;
      const place = step - order.length;
      return place < said.length ? `saying “${target[said[place].chosen]}”` : `step ${step + 1} of ${steps}`;
    },
  });
  const saveMenu = makeSaveMenu({
    name: "translation",
    root,
    table: () => {
      const columns = machine.score ? order.map((_, k) => `attention to ${wordRead(k)}`) : [];
      const lines = [["place", "word", "probability", "forced", ...columns].map(quote).join(",")];
      for (const [place, one] of said.entries())
        lines.push(
          [
            place,
            quote(target[one.chosen]),
            one.chances[one.chosen],
            forced.has(place),
            ...(one.weights ?? []),
          ].join(","),
        );
      return `${lines.join("\n")}\n`;
    },
    code: () =>
      [
        "import torch",
        "import rnnviz_widgets as rw",
        "from rnnviz.data import made_up_pairs, stack_pairs",
        "from rnnviz.models import EncoderDecoder, translate, translation_loss",
        "from rnnviz.training import train",
        "",
        "pairs = made_up_pairs()  # or your own, see rnnviz.data.Pairs",
        "source, target = pairs.vocabularies()",
        `options = dict(embedding=${machine.read.shape[1]}, units=${machine.encoder.units}, attention=${write(machine.score !== null)}, reverse=${write(reverse)})`,
        "model = EncoderDecoder(len(source), len(target), **options)",
        "inputs, wanted = stack_pairs(pairs, source, target)",
        "def draw(generator):",
        "    rows = torch.randint(inputs.shape[1], (32,), generator=generator)",
        "    return inputs[:, rows], wanted[:, rows]",
        "for step in train(model, draw, loss=translation_loss, learning_rate=0.005, steps=350, clip_norm=1.0):",
        "    pass",
        `sentence = ${write(words.join(" ") || "i drink milk")}`,
        `print(translate(model, sentence, source, target${forcedCode()}))`,
        "rw.Translator(model, source, target, sentence=sentence, examples=pairs)",
        "",
      ].join("\n"),
  });

  root.append(
    h(
      "div",
      { class: "rv-head" },
      h(
        "h3",
        {},
        machine.score
          ? "Translator with attention"
          : "Translator without attention: one state carries the sentence",
      ),
      h("div", { class: "rv-controls" }, saveMenu),
    ),
    h("div", { class: "rv-controls rv-sentence" }, input, picker),
    complaint,
    h("div", { class: "rv-translating" }, encoder.element, decoder.element),
    handing,
    h("div", { class: "rv-controls rv-said-row" }, h("strong", {}, "It says"), sentence, free),
    h(
      "div",
      { class: "rv-translating" },
      h("div", {}, h("div", { class: "rv-map-head" }, h("strong", {}, "The next word")), chances),
      h(
        "div",
        {},
        h(
          "div",
          { class: "rv-map-head" },
          h("strong", {}, "Beam search"),
          h("label", { class: "rv-field" }, "width", width, widthSaid),
        ),
        beamList,
        h(
          "p",
          { class: "rv-note" },
          "Ranked by the chance for each word, or the shortest would nearly always win.",
        ),
      ),
    ),
    attention,
    transport.element,
    spoken,
  );

  function readMachine(): Translator {
    const take = readFloats(model);
    const matrix = (entry: Entry): Matrix => ({ shape: entry.shape as Matrix["shape"], data: take(entry) });
    const parts = model.get("parts") as Record<string, Entry>;
    const layer = (header: Header, name: string): Layer => ({
      name,
      kind: "GRU",
      nonlinearity: "tanh",
      reverse: false,
      arrays: new Map(),
      gates: ["reset", "update", "candidate"],
      input: { shape: [1, 1, parts.read.shape[1]], data: new Float32Array(0) },
      initialHidden: { shape: [1, header.units], data: new Float32Array(header.units) },
      initialCell: null,
      weights: new Map(Object.entries(header.weights).map(([key, entry]) => [key, matrix(entry)])),
      lengths: [1],
      steps: 1,
      sequences: 1,
      units: header.units,
    });
    return {
      encoder: layer(model.get("encoder"), "encoder"),
      decoder: layer(model.get("decoder"), "decoder"),
      read: matrix(parts.read),
      recall: matrix(parts.recall),
      score: parts.score ? matrix(parts.score) : null,
      combine: parts.combine_weight
        ? { weight: matrix(parts.combine_weight), bias: matrix(parts.combine_bias) }
        : null,
      say: { weight: matrix(parts.say_weight), bias: matrix(parts.say_bias) },
      go: model.get("go"),
      end: model.get("end"),
    };
  }

  function makePanel(title: string, vectors: () => Float64Array[], part: 0 | 1): MapPanel {
    const goTo = ({ row, column }: { row: number; column: number }) => {
      transport.pause();
      cursor.move({ step: part === 0 ? column : order.length + column, unit: row });
    };
    return makeMapPanel({
      name: "hidden",
      title,
      hue: "--rv-state",
      across: part === 0 ? "word read" : "word said",
      hover: ({ row, column }, event) => {
        const value = vectors()[column]?.[row];
        if (value !== undefined)
          tooltip.show(
            `unit ${row}, “${nameOf(part, column)}”: ${formatNumber(value)}`,
            event.clientX,
            event.clientY,
          );
      },
      leave: tooltip.hide,
      press: goTo,
      drag: goTo,
      release() {},
    });
  }

  function wordRead(place: number): string {
    return words[reverse ? words.length - 1 - place : place];
  }
  function nameOf(part: 0 | 1, place: number): string {
    return part === 0 ? wordRead(place) : target[said[place].chosen];
  }
  function steps(): number {
    return order.length + said.length;
  }
  function stepNow(): number {
    return Math.max(0, Math.min(cursor.get("step"), steps() - 1));
  }
  /** The place in the translation that the cursor is at; −1 while the sentence is still being read. */
  function placeNow(): number {
    return stepNow() - order.length;
  }
  function forcedCode(): string {
    if (forced.size === 0) return "";
    const last = Math.max(...forced.keys());
    return `, forced=${JSON.stringify(said.slice(0, last + 1).map(({ chosen }) => target[chosen]))}`;
  }

  input.addEventListener("input", () => readAnew(input.value));
  picker.addEventListener("change", () => {
    if (picker.value === "") return;
    input.value = picker.value;
    readAnew(picker.value);
    picker.value = "";
  });
  width.addEventListener("input", () => {
    widthSaid.textContent = width.value;
    search();
  });

  function readAnew(text: string) {
    const all = splitWords(text);
    words = all.slice(0, MOST_WORDS);
    forced.clear();
    const numbers = words.map((word) => numberOf.get(word) ?? 0);
    const strange = [...new Set(words.filter((word) => !numberOf.has(word)))];
    complaint.textContent =
      words.length === 0
        ? "Type a sentence: it is translated as you type."
        : [
            strange.length
              ? `It does not know ${strange.map((word) => `“${word}”`).join(", ")}, and reads [UNK].`
              : "",
            all.length > MOST_WORDS ? `Only the first ${MOST_WORDS} words are read.` : "",
            known.has(words.join(" ")) ? `In the corpus: ${known.get(words.join(" "))}` : "",
          ]
            .filter(Boolean)
            .join(" ");
    order = reverse ? numbers.reverse() : numbers;
    states = words.length ? readSentence(machine, order) : [];
    say();
    cursor.move({ step: Math.max(0, steps() - 1) });
    search();
  }

  function say() {
    said = states.length ? sayGreedily(machine, states, forced, LONGEST) : [];
    transport.resize(steps());
    refill();
  }

  function force(place: number, word: number) {
    // What was forced later belonged to a sentence that has changed.
    for (const later of [...forced.keys()]) if (later > place) forced.delete(later);
    forced.set(place, word);
    say();
    cursor.move({ step: order.length + place });
    paint();
  }

  function letGo() {
    forced.clear();
    say();
  }

  function search() {
    beams = states.length ? searchBeam(machine, states, Number(width.value), LONGEST) : [];
    beamList.replaceChildren(
      ...beams.map(({ words: chosen, logChance }) => {
        const text = chosen.filter((word) => word !== machine.end).map((word) => target[word]);
        return h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              onclick: () => {
                forced.clear();
                for (const [place, word] of chosen.entries()) forced.set(place, word);
                say();
              },
            },
            joinFrench(text) || "(nothing)",
          ),
          h("span", { class: "rv-note" }, percent(Math.exp(logChance))),
        );
      }),
    );
  }

  function refill() {
    paintStates(
      encoder,
      states,
      order.map((_, k) => wordRead(k)),
      "No word is read yet.",
    );
    paintStates(
      decoder,
      said.map(({ hidden }) => hidden),
      said.map(({ chosen }) => target[chosen]),
      "No word is said yet.",
    );
    sentence.replaceChildren(
      ...said.map(({ chosen, chances: all }, place) =>
        h(
          "button",
          {
            type: "button",
            class: "rv-word",
            "aria-label": `word ${place + 1}: ${target[chosen]}, ${percent(all[chosen])}${forced.has(place) ? ", forced" : ""}`,
            onclick: () => cursor.move({ step: order.length + place }),
          },
          target[chosen],
          forced.has(place) && h("span", { class: "rv-pin", "aria-hidden": "true" }, "✎"),
        ),
      ),
    );
    free.hidden = forced.size === 0;
    drawAttention();
    size();
    paint();
  }

  function paintStates(panel: MapPanel, vectors: Float64Array[], labels: string[], nothing: string) {
    const units = machine.encoder.units;
    panel.element.classList.toggle("rv-nothing", vectors.length === 0);
    panel.paint({
      map: {
        rows: units,
        columns: Math.max(1, vectors.length),
        at: (row, column) => vectors[column]?.[row] ?? Number.NaN,
      },
      region: whole(units, Math.max(1, vectors.length)),
      scale: scaleOf(root, "hidden"),
      height: 150,
      rowName: String,
      labels: vectors.length ? labels : [""],
    });
    panel.figure.setAttribute(
      "aria-label",
      vectors.length ? `State of ${plural(units, "unit")} at ${labels.join(", ")}.` : nothing,
    );
  }

  /** One row a word said, one column a word of the sentence, in its own order. */
  function drawAttention() {
    attention.hidden = !machine.score || said.length === 0;
    if (attention.hidden) return attention.replaceChildren();
    const column = (k: number) => (reverse ? words.length - 1 - k : k);
    const rows = said.map(({ chosen, weights }, place) =>
      h(
        "tr",
        { "data-place": place },
        h("th", { scope: "row" }, target[chosen]),
        ...words.map((_, k) => {
          const weight = weights?.[column(k)] ?? 0;
          return h(
            "td",
            { style: `--share: ${Math.round(100 * weight)}%`, class: weight > 0.5 ? "rv-strong" : null },
            weight.toFixed(2),
          );
        }),
      ),
    );
    attention.replaceChildren(
      h(
        "table",
        {},
        h("caption", {}, "Attention: where each said word looked in the sentence"),
        h("thead", {}, h("tr", {}, h("td"), ...words.map((word) => h("th", { scope: "col" }, word)))),
        h("tbody", {}, ...rows),
      ),
    );
  }

  function size() {
    for (const panel of [encoder, decoder]) panel.size(panel.element.clientWidth - GUTTER);
  }

  const paint = oncePerFrame(draw, signal);

  function draw() {
    const [step, place] = [stepNow(), placeNow()];
    const unit = Math.max(0, Math.min(cursor.get("unit"), machine.encoder.units - 1));
    transport.show(step);
    encoder.mark({ row: unit, column: place < 0 ? step : -1 });
    decoder.mark({ row: unit, column: place });
    encoder.reading.textContent = place < 0 && states[step] ? formatNumber(states[step][unit]) : "";
    decoder.reading.textContent = place >= 0 && said[place] ? formatNumber(said[place].hidden[unit]) : "";
    for (const [k, button] of [...sentence.children].entries()) {
      button.classList.toggle("rv-unsaid", k > place);
      button.setAttribute("aria-current", String(k === place));
    }
    for (const row of attention.querySelectorAll<HTMLElement>("tr[data-place]"))
      row.classList.toggle("rv-here", Number(row.dataset.place) === place);
    handing.textContent = states.length
      ? `The decoder begins with the encoder’s last state, after “${wordRead(order.length - 1)}”${
          machine.score ? ", and looks back at all the others." : ". It sees nothing else of the sentence."
        }`
      : "";
    drawChances(place);
    spoken.textContent = sayStep(step, place);
  }

  function drawChances(place: number) {
    const one = said[place];
    if (!one) {
      chances.replaceChildren(
        h(
          "p",
          { class: "rv-note" },
          states.length ? "It is still reading. Go on, or press a word of the translation." : "",
        ),
      );
      return;
    }
    const held = chances.contains(document.activeElement);
    const top = topOf(one.chances, TOP);
    if (!top.includes(one.chosen)) top.push(one.chosen);
    chances.replaceChildren(
      ...top.map((word) =>
        h(
          "button",
          {
            type: "button",
            class: "rv-chance",
            style: `--share: ${100 * one.chances[word]}%`,
            "aria-current": String(word === one.chosen),
            "aria-label": `say ${target[word]}, ${percent(one.chances[word])}`,
            onclick: () => force(place, word),
          },
          h("span", {}, target[word]),
          h("span", { class: "rv-note" }, percent(one.chances[word])),
        ),
      ),
    );
    // Whoever chose with the keyboard goes on from the word that is now chosen.
    if (held) chances.querySelector<HTMLElement>("[aria-current=true]")!.focus();
  }

  function sayStep(step: number, place: number): string {
    if (words.length === 0) return "There is no sentence.";
    if (place < 0) return `Word ${step + 1} of ${words.length} is read: “${wordRead(step)}”.`;
    const one = said[place];
    const chance = percent(one.chances[one.chosen]);
    const looked = one.weights
      ? ` It looked most at “${wordRead(topOf(one.weights, 1)[0])}” (${percent(Math.max(...one.weights))}).`
      : "";
    const whole = joinFrench(
      said.filter(({ chosen }) => chosen !== machine.end).map(({ chosen }) => target[chosen]),
    );
    return `Word ${place + 1}: “${target[one.chosen]}”, ${chance}${forced.has(place) ? ", forced" : ""}.${looked} The whole: ${whole}.`;
  }

  onWidth(encoder.element, signal, () => {
    size();
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  input.value = model.get("sentence");
  readAnew(input.value);
});

/** Words as they are written: no blank after an apostrophe. */
const joinFrench = (words: string[]): string => words.join(" ").replaceAll("' ", "'");

/** A share in words short enough for a button. */
const percent = (share: number): string =>
  share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
