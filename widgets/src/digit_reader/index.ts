// Draw a digit and watch a recurrent network read it: rows go in one at a time, and its mind moves with them.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import type { Scale } from "../lib/draw/colours";
import { hueProperty, isValve, makeRamp, readColour, scaleOf } from "../lib/draw/colours";
import { cellAt, paintMap } from "../lib/draw/heatmap";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, s, set } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { copyFloats } from "../lib/trace/floats";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray } from "../lib/words/sayings";
import { makeDrawingPad } from "./drawing_pad";
import type { Ink, Placement } from "./ink";
import { seeDrawing } from "./ink";
import type { Reader, Reading } from "./reader";
import { changesOfMind, favourite, percent, readInk, readReader, sayReading } from "./reader";

interface Panel {
  name: string;
  element: HTMLElement;
  figure: HTMLElement;
  canvas: HTMLCanvasElement;
  unread: HTMLElement;
  column: HTMLElement;
  line: HTMLElement;
  reading: HTMLElement;
  scale: Scale;
}

/** How long nothing must move until what is seen is also said. */
const PAUSE = 600;

export default defineWidget("digit-reader", async ({ model, host, root, signal }) => {
  await whenStyled(root);
  const [rows, columns]: number[] = [model.get("rows"), model.get("columns")];
  const placement: Placement = model.get("placement");
  const examples = readExamples(model.get("images"), model.get("labels"), rows * columns);
  const cursor = await connectCursor(model, host, signal);
  let reader = readReader(model, rows);
  let shown = 0;
  let ink: Ink = { rows, columns, data: new Float32Array(rows * columns) };
  let reading: Reading = readInk(reader, ink);
  let panels: Panel[] = [];
  let saying = 0;

  const title = h("h3");
  const layerPicker = h("select", { "aria-label": "Layer" });
  const pad = makeDrawingPad({ rows, columns, pen: placement.pen, signal, changed: () => look() });
  const fit = h("input", { type: "checkbox", checked: true });
  const tooltip = makeTooltip(root);
  const seen = makeSeen();
  const bars = makeBars(reader.classes);
  const shelf = makeShelf();
  const grid = h("div", {
    class: "rv-mind-maps",
    tabindex: 0,
    role: "group",
    "aria-label": "Gates and states, unit by row of the digit. Up and down arrows choose a unit.",
  });
  const summary = h("p", { class: "rv-caption", role: "status" });
  const truth = h("p", { class: "rv-note rv-truth" });
  const transport = makeTransport({
    steps: rows,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step) => `row ${step + 1} of ${rows}`,
  });
  const saveMenu = makeSaveMenu({ name: "digit-reader", root, table: tabulate, code: writeCode });
  const answerTitle = h("h4");
  root.append(
    h("div", { class: "rv-head" }, title, h("div", { class: "rv-controls" }, layerPicker, saveMenu)),
    h(
      "div",
      { class: "rv-reader" },
      h("div", { class: "rv-reader-pad" }, h("h4", {}, "Draw"), pad.element),
      h(
        "div",
        { class: "rv-reader-seen" },
        h(
          "h4",
          {},
          "What it reads, and thinks after each row ",
          h("span", { class: "rv-note" }, h("b", { class: "rv-change" }, "✱"), " changes its mind"),
        ),
        seen.element,
        h("label", { class: "rv-field rv-fit" }, fit, "centre and size it like the data’s digits"),
        shelf.element,
      ),
      h("div", { class: "rv-reader-answer" }, answerTitle, bars.element, truth),
    ),
    transport.element,
    grid,
    h("p", { class: "rv-note" }, "From top to bottom the units, from left to right the rows of the digit."),
    summary,
  );
  fit.addEventListener("change", () => look());
  layerPicker.addEventListener("change", () => {
    shown = Number(layerPicker.value);
    build();
  });
  grid.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    cursor.move({ unit: Math.max(0, Math.min(layerNow().units - 1, unitNow() + by)) });
  });

  const layerNow = () => reader.layers[shown];
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), rows - 1));
  const unitNow = () => Math.min(cursor.get("unit"), layerNow().units - 1);
  const valueAt = (name: string, unit: number, row: number) => reading.states[shown][row][name][unit];

  /** The drawing has changed: see it, read it, show it, all before the next frame. */
  const look = oncePerFrame(() => {
    ink = seeDrawing(pad.drawing(), rows, columns, placement, fit.checked);
    reading = readInk(reader, ink);
    refill();
  }, signal);

  /** Another network, or another layer of it. */
  function build() {
    const { kind, units } = layerNow();
    const deep = reader.layers.length > 1 ? `${reader.layers.length} layers of ` : "";
    const noun = deep
      ? plural(units, `${kind} unit`)
      : `${article(kind)} ${kind} with ${plural(units, "unit")}`;
    title.textContent = `${capital(deep)}${noun} read${deep ? "" : "s"} a digit, row by row`;
    layerPicker.replaceChildren(
      ...reader.layers.map(({ name }, at) =>
        h("option", { value: at, selected: at === shown }, `layer ${name}`),
      ),
    );
    layerPicker.hidden = reader.layers.length < 2;
    const names = [...layerNow().gates, ...(kind === "LSTM" ? ["cell"] : []), "hidden"];
    panels = names.map(makePanel);
    grid.replaceChildren(...panels.map(({ element }) => element));
    refill();
  }

  function makePanel(name: string): Panel {
    const canvas = h("canvas", { "aria-hidden": "true" });
    const unread = h("div", { class: "rv-unread" });
    const column = h("div", { class: "rv-column-mark" });
    const line = h("div", { class: "rv-row-mark" });
    const note = h("span", { class: "rv-reading" });
    const figure = h("div", { class: "rv-map", role: "img" }, canvas, unread, column, line);
    const heading = h(
      "div",
      { class: "rv-map-head" },
      h("strong", { style: `color: var(${hueProperty(name)})` }, capital(sayArray(name))),
      note,
    );
    const place = (event: PointerEvent) =>
      cellAt(figure.getBoundingClientRect(), layerNow().units, rows, event.clientX, event.clientY);
    figure.addEventListener("pointermove", (event) => {
      const { row: unit, column: row } = place(event);
      const value = formatNumber(valueAt(name, unit, row));
      tooltip.show(`${sayArray(name)}, unit ${unit}, row ${row + 1}: ${value}`, event.clientX, event.clientY);
      if (event.buttons & 1) cursor.move({ unit, step: row });
    });
    figure.addEventListener("pointerleave", tooltip.hide);
    figure.addEventListener("pointerdown", (event) => {
      const { row: unit, column: row } = place(event);
      transport.pause();
      grid.focus({ preventScroll: true });
      cursor.move({ unit, step: row, gate: name });
    });
    const element = h("div", { class: "rv-mind-map" }, heading, figure);
    return { name, element, figure, canvas, unread, column, line, reading: note, scale: scaleOf(root, name) };
  }

  /** Paints what was read anew. */
  function refill() {
    const { units, nonlinearity } = layerNow();
    for (const panel of panels) {
      const { name, canvas } = panel;
      const bounded = (name === "hidden" && nonlinearity !== "relu") || name === "candidate" || isValve(name);
      let limit = 1;
      if (!bounded)
        for (const states of reading.states[shown])
          for (const value of states[name]) if (Math.abs(value) > limit) limit = Math.abs(value);
      // A scale is 256 colours worked out: kept until its end moves.
      if (panel.scale.high !== limit) panel.scale = scaleOf(root, name, limit);
      paintMap(
        canvas,
        { rows: units, columns: rows, at: (unit, row) => valueAt(name, unit, row) },
        panel.scale,
      );
    }
    seen.paint();
    draw();
    clearTimeout(saying);
    saying = window.setTimeout(say, PAUSE);
  }

  const blank = () => ink.data.every((value) => value === 0);

  /** In words, once the pen rests: a screen reader can follow no drawing. */
  function say() {
    summary.textContent = sayReading(reading.opinions, blank());
    for (const { name, figure } of panels)
      figure.setAttribute(
        "aria-label",
        `${capital(sayArray(name))}: ${plural(layerNow().units, "unit")} down, ${plural(rows, "row")} of the digit across.`,
      );
  }
  signal.addEventListener("abort", () => clearTimeout(saying));

  const paint = oncePerFrame(draw, signal);

  /** Shows where the cursor is. */
  function draw() {
    const [step, unit] = [stepNow(), unitNow()];
    transport.show(step);
    seen.mark(step);
    bars.show(reading.opinions[step]);
    answerTitle.textContent = step === rows - 1 ? "Its answer" : `If it had to answer after row ${step + 1}`;
    const { base, strokes } = pad.drawing();
    const example = base && examples.find(({ image }) => image === base);
    truth.textContent = example
      ? `An example of the data${strokes.length ? ", drawn over" : ""}: a ${example.label}.` +
        (strokes.length || favourite(reading.opinions[rows - 1]) === example.label ? "" : " It is misread.")
      : "";
    for (const panel of panels) {
      const { units } = layerNow();
      panel.unread.style.left = `${(100 * (step + 1)) / rows}%`;
      panel.column.style.cssText = `left: ${(100 * step) / rows}%; width: ${100 / rows}%`;
      panel.line.style.cssText = `top: ${(100 * unit) / units}%; height: ${100 / units}%`;
      panel.reading.textContent = `unit ${unit}: ${formatNumber(valueAt(panel.name, unit, step), 2)}`;
    }
  }

  /** The few pixels the network is given, and beside each row the answer it would give there. */
  function makeSeen() {
    const canvas = h("canvas", { "aria-hidden": "true" });
    const unread = h("div", { class: "rv-unread" });
    const mark = h("div", { class: "rv-row-mark" });
    const image = h("div", { class: "rv-map rv-seen-image" }, canvas, unread, mark);
    const thoughts = s("svg", { class: "rv-thoughts", "aria-hidden": "true" });
    const element = h(
      "div",
      { class: "rv-seen", style: `--rv-aspect: ${columns} / ${rows}` },
      image,
      thoughts,
    );
    const lines = Array.from({ length: rows }, () => {
      const [bar, name, share] = [s("rect", { rx: 2 }), s("text"), s("text", { class: "rv-share" })];
      const change = s("text", { class: "rv-change" }, "✱");
      thoughts.append(bar, name, share, change);
      return { bar, name, share, change };
    });
    let scale = seenScale();
    let height = 0;
    let width = 0;
    image.addEventListener("pointerdown", (event) => {
      const { row } = cellAt(image.getBoundingClientRect(), rows, columns, event.clientX, event.clientY);
      transport.pause();
      cursor.move({ step: row });
    });
    onWidth(element, signal, () => {
      height = image.clientHeight;
      width = Math.max(60, element.clientWidth - image.clientWidth - 8);
      set(thoughts, { width, height });
      show();
    });
    function seenScale(): Scale {
      return { low: 0, high: 1, ramp: inkRamp(root) };
    }
    function show() {
      paintMap(canvas, { rows, columns, at: (row, column) => ink.data[row * columns + column] }, scale);
      const pitch = height / rows;
      const changes = new Set(changesOfMind(reading.opinions));
      const roomForWords = 12;
      let above = Number.NEGATIVE_INFINITY;
      lines.forEach(({ bar, name, share, change }, row) => {
        const best = favourite(reading.opinions[row]);
        const sure = best < 0 ? 0 : reading.opinions[row][best];
        const changed = changes.has(row);
        const y = (row + 0.5) * pitch;
        const ends = row === rows - 1;
        // Where rows are too thin for words, those have them where something happens, as far as there is room.
        const told =
          ends ||
          ((pitch >= roomForWords || row === 0 || changed) &&
            y - above >= roomForWords &&
            (rows - 0.5) * pitch - y >= roomForWords);
        if (told) above = y;
        const room = Math.max(10, width - 92);
        set(bar, { x: 30, y: y - pitch * 0.3, width: room * sure, height: Math.max(1, pitch * 0.6) });
        set(name, { x: 12, y: y + 5 });
        set(share, { x: 36 + room * sure, y: y + 4 });
        set(change, { x: width - 8, y: y + 5 });
        name.textContent = told ? (best < 0 ? "?" : String(best)) : "";
        share.textContent = told && best >= 0 ? percent(sure) : "";
        change.style.display = changed ? "" : "none";
        name.classList.toggle("rv-changed", changed);
      });
    }
    return {
      element,
      paint: show,
      repaint() {
        scale = seenScale();
      },
      mark(step: number) {
        unread.style.cssText = `top: ${(100 * (step + 1)) / rows}%; left: 0`;
        mark.style.cssText = `top: ${(100 * step) / rows}%; height: ${100 / rows}%`;
        thoughts.querySelectorAll("rect").forEach((bar, row) => {
          bar.classList.toggle("rv-now", row === step);
        });
      },
    };
  }

  /** Examples to pick from, one of each class at a time. */
  function makeShelf() {
    const classes = new Set(examples.map(({ label }) => label)).size;
    const sets = Math.max(1, Math.ceil(examples.length / (classes || 1)));
    let first = 0;
    const list = h("div", { class: "rv-example-list", role: "group", "aria-label": "Examples of the data" });
    const others = h(
      "button",
      {
        type: "button",
        class: "rv-act",
        onclick: () => {
          first = (first + 1) % sets;
          fill();
        },
      },
      "Others",
    );
    others.hidden = sets < 2;
    const element = h(
      "div",
      { class: "rv-examples" },
      h("span", { class: "rv-note" }, "or pick an example"),
      list,
      others,
    );
    function fill() {
      list.replaceChildren(
        ...examples.slice(first * classes, (first + 1) * classes).map(({ image, label }) => {
          const canvas = h("canvas", { "aria-hidden": "true" });
          const scale: Scale = { low: 0, high: 1, ramp: inkRamp(root) };
          paintMap(canvas, { rows, columns, at: (row, column) => image[row * columns + column] }, scale);
          return h(
            "button",
            {
              type: "button",
              class: "rv-example",
              "aria-label": `Example: a ${label}`,
              onclick: () => {
                pad.put({ base: image, strokes: [] });
                // Somebody who looks at one row wants to see that row of the next example.
                transport.pause();
              },
            },
            canvas,
          );
        }),
      );
    }
    return { element, fill };
  }

  function tabulate(): string {
    const { units } = layerNow();
    const names = panels.map(({ name }) => name);
    const classes = Array.from({ length: reader.classes }, (_, k) => `probability_${k}`);
    const head = ["row", ...Array.from({ length: columns }, (_, k) => `ink_${k}`), ...classes];
    for (const name of names) for (let unit = 0; unit < units; unit++) head.push(`${name}_${unit}`);
    const lines = Array.from({ length: rows }, (_, row) => [
      row,
      ...ink.data.subarray(row * columns, (row + 1) * columns),
      ...reading.opinions[row],
      ...names.flatMap((name) => Array.from(reading.states[shown][row][name])),
    ]);
    return `${[head, ...lines].map((line) => line.join(",")).join("\n")}\n`;
  }

  function writeCode(): string {
    const { kind, units, nonlinearity } = reader.layers[0];
    const digits = rows === 28 ? "mnist" : "digits";
    const options = [
      `inputs=${columns}`,
      `units=${units}`,
      `classes=${reader.classes}`,
      ...(reader.layers.length > 1 ? [`layers=${reader.layers.length}`] : []),
      `cell="${kind.toLowerCase()}"`,
      ...(nonlinearity === "relu" ? ['nonlinearity="relu"'] : []),
    ];
    const drawn = Array.from(
      { length: rows },
      (_, row) =>
        `    [${Array.from(ink.data.subarray(row * columns, (row + 1) * columns), (v) => v.toFixed(2))}],`,
    );
    return [
      "import torch",
      "from torch.nn import functional as F",
      "import rnnviz_widgets as rw",
      `from rnnviz.data import ${digits}`,
      "from rnnviz.models import SequenceClassifier",
      "from rnnviz.training import train",
      "",
      `learn, test = ${digits}()`,
      `model = SequenceClassifier(${options.join(", ")})`,
      "for step in train(model, (learn.sequences, learn.targets), loss=F.cross_entropy, steps=1000):",
      "    pass",
      "",
      "drawing = torch.tensor([",
      ...drawn,
      "])",
      "# what it would answer after each row: (row, class)",
      "print(model.read(drawing[:, None]).softmax(-1)[:, 0])",
      "rw.DigitReader(model, test)",
      "",
    ].join("\n");
  }

  onTheme(signal, () => {
    seen.repaint();
    shelf.fill();
    build();
  });
  model.on("change:data", update);
  signal.addEventListener("abort", () => model.off("change:data", update));
  function update() {
    if ((model.get("data") as DataView).byteLength === 0) return;
    reader = readReader(model, rows);
    shown = Math.min(shown, reader.layers.length - 1);
    reading = readInk(reader, ink);
    build();
  }
  cursor.on(paint);
  // The whole digit is read at first; where the cursor is shared, it stays where the others have it.
  if (!model.get("cursor")) cursor.move({ step: rows - 1 });
  shelf.fill();
  build();
  const opening = chooseOpening(reader, examples, rows, columns);
  if (opening) pad.put({ base: opening, strokes: [] });
  say();
});

interface Example {
  image: Float32Array;
  label: number;
}

function readExamples(view: DataView, labels: number[], size: number): Example[] {
  const floats = copyFloats(view);
  return labels.map((label, k) => ({ label, image: floats.subarray(k * size, (k + 1) * size) }));
}

/** An example worth looking at first: read rightly, after more than one change of mind. */
function chooseOpening(reader: Reader, examples: Example[], rows: number, columns: number) {
  const worth = examples.slice(0, 20).map(({ image, label }) => {
    const { opinions } = readInk(reader, { rows, columns, data: image });
    const right = favourite(opinions[rows - 1]) === label;
    return { image, score: right ? Math.min(3, changesOfMind(opinions).length) : -1 };
  });
  worth.sort((a, b) => b.score - a.score);
  return worth[0]?.image ?? null;
}

/** The first of a page's widgets may be drawn before the style sheet with its colours is there. */
async function whenStyled(root: HTMLElement): Promise<void> {
  for (let frames = 0; frames < 300 && readColour(root, "--rv-ink") === ""; frames++)
    await new Promise((done) => requestAnimationFrame(done));
}

const article = (kind: string): string => (kind === "GRU" ? "A" : "An");

/** Ink looks like ink: no hue of a vector's, and none of a sign's. */
function inkRamp(root: HTMLElement) {
  const colour = (property: string) => readColour(root, property);
  return makeRamp([colour("--rv-mid"), colour("--rv-ink")]);
}

/** One bar a class; the longest says its name loudest. */
function makeBars(classes: number) {
  const bars = Array.from({ length: classes }, (_, k) => {
    const [bar, share] = [h("i"), h("span")];
    const line = h(
      "div",
      { class: "rv-digit-bar", "aria-hidden": "true" },
      h("span", {}, k),
      h("div", { class: "rv-digit-track" }, bar),
      share,
    );
    return { line, bar, share };
  });
  const element = h("div", { class: "rv-digit-bars", role: "img" }, ...bars.map(({ line }) => line));
  return {
    element,
    show(opinion: Float64Array) {
      const best = favourite(opinion);
      bars.forEach(({ line, bar, share }, k) => {
        const value = Number.isFinite(opinion[k]) ? opinion[k] : 0;
        bar.style.transform = `scaleX(${value})`;
        share.textContent = percent(value);
        line.classList.toggle("rv-best", k === best);
      });
      const order = Array.from(opinion.keys()).sort((a, b) => opinion[b] - opinion[a]);
      const list = order.slice(0, 3).map((k) => `${k} with ${percent(opinion[k])}`);
      element.setAttribute("aria-label", `Probabilities, the largest first: ${list.join(", ")}.`);
    },
  };
}
