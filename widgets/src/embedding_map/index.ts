// Words on a plane: they move while they learn, their neighbours are listed, and a − b + c is drawn as what it is.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { readColour } from "../lib/draw/colours";
import { clearCanvas } from "../lib/draw/plot";
import { curveProperty } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme, onWidth, prefersReducedMotion } from "../lib/page/widget";
import { copyFloats } from "../lib/trace/floats";
import { History } from "../lib/training/history";
import { makeTrainingBar, type Progress } from "../lib/training/training_bar";
import { formatNumber, plural } from "../lib/words/format";
import { quote } from "../lib/words/takeaway";
import type { Box, Near, Space } from "./word_space";
import { nearest, placeLabels, solveAnalogy, wordTowards } from "./word_space";

const NEIGHBOURS = 8;
const ANSWERS = 3;
/** Frames kept for looking back take at most this much of the page's memory. */
const MEMORY = 12_000_000;
/** Milliseconds between two sayings while the words move. */
const QUIET = 4000;

interface Moment extends Progress {
  vectors: Float32Array;
  places: Float32Array;
}

export default defineWidget("embedding-map", ({ model, root, signal }) => {
  const words: string[] = model.get("words");
  const numbers = new Map(words.map((word, number) => [word, number]));
  const size: number = model.get("size");
  const groups = Object.entries(model.get("groups") as Record<string, string[]>);
  const groupOf = new Map(groups.flatMap(([, members], k) => members.map((word) => [numbers.get(word)!, k])));
  const trains = "step" in (model.get("frame") as object);
  const past = new History<Moment>(
    Math.max(8, Math.min(200, Math.floor(MEMORY / (4 * words.length * (size + 2))))),
  );
  let vectors = copyFloats(model.get("vectors"));
  let target = copyFloats(model.get("places"));
  const places = target.slice();
  const start: Progress = trains ? (model.get("frame") as Progress) : { step: 0, loss: null };
  past.add({ ...start, vectors, places: target });
  /** The moment looked back at; null for the latest. */
  let looking: number | null = null;
  let picked: number = numbers.get(model.get("word")) ?? -1;
  const given: string[] = model.get("analogy");
  let analogy: number[] = given.length === 3 ? given.map((word) => numbers.get(word)!) : [];
  let hovered = -1;
  let neighbours: Near[] = [];
  let answers: Near[] = [];
  /** From vectors to pixels; null follows all words. */
  let view = { x: 0, y: 0, scale: 1 };
  let held = false;
  let [width, height] = [300, 300];
  /** By word, written as usual and in bold. */
  let widths: { usual: number; bold: number }[] = [];
  const sides = new Map<number, number>();

  // ---- the card
  const title = h("h3", {}, `${plural(words.length, "word")} of ${plural(size, "number")} each`);
  const id = `rv-words-${Math.random().toString(36).slice(2)}`;
  const names = h("datalist", { id }, ...words.map((word) => h("option", { value: word })));
  const search = h("input", {
    type: "text",
    list: id,
    placeholder: "find a word",
    "aria-label": "Find a word",
    autocomplete: "off",
    spellcheck: "false",
  });
  const canvas = h("canvas", { "aria-hidden": "true" });
  const map = h(
    "div",
    {
      class: "rv-word-map",
      tabindex: 0,
      role: "group",
      "aria-label":
        "Map of the words. Arrows go to the next word in their direction; plus and minus zoom, 0 shows all; Escape lets the word go.",
    },
    canvas,
  );
  const zoomButton = (label: string, text: string, act: () => void) =>
    h("button", { type: "button", class: "rv-icon", "aria-label": label, title: label, onclick: act }, text);
  const zoom = h(
    "div",
    { class: "rv-zoom", role: "group", "aria-label": "Part of the map" },
    zoomButton("Nearer", "+", () => zoomBy(1.4)),
    zoomButton("Farther", "−", () => zoomBy(1 / 1.4)),
    zoomButton("All words", "⤢", showAll),
  );
  const nearTitle = h("h4", {});
  const nearList = h("ol", { class: "rv-near" });
  const pick = (label: string, place: number) => {
    const field = h("input", {
      type: "text",
      list: id,
      "aria-label": label,
      class: "rv-word-field",
      autocomplete: "off",
      spellcheck: "false",
      value: analogy.length === 3 ? words[analogy[place]] : "",
    });
    field.addEventListener("input", () => {
      readAnalogy();
      field.setAttribute("aria-invalid", String(field.value !== "" && !numbers.has(clean(field.value))));
    });
    return field;
  };
  const fields = [pick("a", 0), pick("minus b", 1), pick("plus c", 2)];
  const answerList = h("ol", { class: "rv-near" });
  const answerNote = h("p", { class: "rv-note" });
  const summary = h("p", { class: "rv-caption", "aria-live": "polite" });
  const legend = h(
    "ul",
    { class: "rv-legend" },
    ...groups.map(([name], k) =>
      h("li", {}, h("i", { style: `background: var(${curveProperty(k)})` }), name),
    ),
  );
  const scrubber = h("input", {
    type: "range",
    min: 0,
    max: 0,
    value: 0,
    "aria-label": "Look back through the training",
  });
  const scrubbed = h("span", { class: "rv-where" });
  const latest = h("button", { type: "button", onclick: () => lookAt(null) }, "Latest");
  const history = h(
    "div",
    { class: "rv-transport", role: "group", "aria-label": "Training so far", hidden: !trains },
    h("span", { class: "rv-note" }, "training so far"),
    scrubber,
    scrubbed,
    latest,
  );
  const table = h("div", {
    class: "rv-table-box rv-word-table",
    tabindex: 0,
    role: "region",
    "aria-label": "All words",
  });
  const listing = h("details", { class: "rv-listing" }, h("summary", {}, "All words as a list"), table);
  const saveMenu = makeSaveMenu({ name: "embedding-map", root, table: tabulate, code: writeLines });
  const bar = trains
    ? makeTrainingBar(model, signal, (progress, [nextVectors, nextPlaces]) =>
        take({ ...progress, vectors: nextVectors, places: nextPlaces }),
      )
    : null;
  const forget = h("button", { type: "button", class: "rv-act", onclick: () => choose(-1) }, "Let go");
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      legend,
      h("div", { class: "rv-controls" }, search, names, saveMenu),
    ),
    ...(bar ? [bar] : []),
    h(
      "div",
      { class: "rv-words" },
      h("div", { class: "rv-word-frame" }, map, zoom),
      h(
        "div",
        { class: "rv-word-side" },
        h("div", { class: "rv-place-head" }, nearTitle, forget),
        nearList,
        h("h4", {}, "a − b + c"),
        h("div", { class: "rv-analogy" }, fields[0], "−", fields[1], "+", fields[2], "≈"),
        answerList,
        answerNote,
      ),
    ),
    history,
    summary,
    listing,
  );

  // ---- what the reader does
  search.addEventListener("input", () => {
    const found = find(search.value);
    if (found >= 0) choose(found);
    else repaint();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const found = find(search.value, true);
    if (found >= 0) choose(found);
  });
  scrubber.addEventListener("input", () => lookAt(scrubber.valueAsNumber));
  listing.addEventListener("toggle", tabulateWords);
  map.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [dx, dy] =
      (
        { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as Record<
          string,
          number[]
        >
      )[event.key] ?? [];
    if (dx !== undefined) {
      const next =
        picked < 0 ? nearestTo(width / 2, height / 2) : wordTowards(picked, dx, dy, words.length, screen);
      if (next >= 0) choose(next);
    } else if (event.key === "+" || event.key === "=") zoomBy(1.4);
    else if (event.key === "-") zoomBy(1 / 1.4);
    else if (event.key === "0") showAll();
    else if (event.key === "Escape") choose(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  let grip: { x: number; y: number; moved: boolean } | null = null;
  const inside = (event: PointerEvent | WheelEvent) => {
    const box = map.getBoundingClientRect();
    return { x: event.clientX - box.left - 1, y: event.clientY - box.top - 1 };
  };
  map.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    map.setPointerCapture(event.pointerId);
    map.focus({ preventScroll: true });
    grip = { ...inside(event), moved: false };
  });
  map.addEventListener("pointermove", (event) => {
    const { x, y } = inside(event);
    if (grip) {
      const [dx, dy] = [x - grip.x, y - grip.y];
      if (!grip.moved && Math.hypot(dx, dy) < 4) return;
      // A finger scrolls the page; two are not needed, the buttons zoom.
      if (event.pointerType === "touch" && !held) return;
      held = true;
      view.x += dx;
      view.y += dy;
      grip = { x, y, moved: true };
    }
    hovered = nearestTo(x, y, 24);
    repaint();
  });
  map.addEventListener("pointerup", (event) => {
    const { x, y } = inside(event);
    if (grip && !grip.moved) choose(nearestTo(x, y, 40));
    grip = null;
  });
  map.addEventListener("pointercancel", () => {
    grip = null;
  });
  map.addEventListener("pointerleave", () => {
    hovered = -1;
    repaint();
  });
  map.addEventListener(
    "wheel",
    (event) => {
      // The page scrolls, unless the map is in use.
      if (document.activeElement !== map && !event.ctrlKey) return;
      event.preventDefault();
      const { x, y } = inside(event);
      zoomBy(Math.exp(-event.deltaY / 400), x, y);
    },
    { passive: false },
  );

  function zoomBy(factor: number, x = width / 2, y = height / 2): void {
    held = true;
    view = { x: x + (view.x - x) * factor, y: y + (view.y - y) * factor, scale: view.scale * factor };
    repaint();
  }
  function showAll(): void {
    held = false;
    repaint();
  }
  const clean = (text: string) => (numbers.has(text.trim()) ? text.trim() : text.trim().toLowerCase());
  /** The word typed; after Enter also the first that begins so. */
  function find(text: string, begins = false): number {
    const wanted = clean(text);
    const exact = numbers.get(wanted);
    if (exact !== undefined || !begins || !wanted) return exact ?? -1;
    return words.findIndex((word) => word.toLowerCase().startsWith(wanted));
  }
  function choose(word: number): void {
    picked = word;
    if (word >= 0 && document.activeElement !== search) search.value = words[word];
    relate();
    sayNow();
    repaint();
  }
  function readAnalogy(): void {
    const found = fields.map((field) => numbers.get(clean(field.value)));
    analogy = found.every((word) => word !== undefined) ? (found as number[]) : [];
    relate();
    sayNow();
    repaint();
  }

  // ---- training
  function take(moment: Moment): void {
    if (moment.vectors.length !== words.length * size) return;
    const last = past.items.at(-1);
    if (last && moment.step < last.step) {
      looking = null;
      sides.clear();
    }
    past.add(moment);
    if (looking === null) show(moment);
    showHistory();
  }
  function show(moment: Moment): void {
    vectors = moment.vectors;
    target = moment.places;
    relate();
    saySoon();
    repaint();
  }
  function lookAt(place: number | null): void {
    looking = place === null || place >= past.items.length - 1 ? null : place;
    show(past.items[looking ?? past.items.length - 1]);
    showHistory();
  }
  function showHistory(): void {
    const shown = looking ?? past.items.length - 1;
    scrubber.max = String(past.items.length - 1);
    scrubber.value = String(shown);
    const text = `after ${plural(past.items[shown].step, "update")}`;
    scrubber.setAttribute("aria-valuetext", text);
    scrubbed.textContent = text;
    latest.hidden = looking === null;
  }

  // ---- what follows from the vectors
  const space = (): Space => ({ vectors, size });

  function relate(): void {
    neighbours = picked >= 0 ? nearest(space(), picked, NEIGHBOURS) : [];
    answers = analogy.length === 3 ? solveAnalogy(space(), analogy[0], analogy[1], analogy[2], ANSWERS) : [];
    nearTitle.textContent =
      picked >= 0 ? `Nearest to “${words[picked]}”` : "Pick a word to see which are nearest.";
    forget.hidden = picked < 0;
    fill(nearList, neighbours);
    fill(answerList, answers);
    answerNote.textContent = answers.length > 0 ? "" : "Choose three words, such as king − man + woman.";
  }

  /** Buttons stay where they are, so that a focused one is not lost while the words move. */
  function fill(list: HTMLElement, found: Near[]): void {
    while (list.children.length > found.length) list.lastElementChild!.remove();
    while (list.children.length < found.length) {
      const button = h("button", { type: "button" }, h("span", {}), h("i", {}, h("b", {})), h("small", {}));
      button.addEventListener("click", () => choose(Number(button.dataset.word)));
      list.append(h("li", {}, button));
    }
    found.forEach(({ word, cosine }, k) => {
      const button = list.children[k].firstElementChild as HTMLButtonElement;
      const [name, track, number] = button.children as unknown as HTMLElement[];
      button.dataset.word = String(word);
      name.textContent = words[word];
      (track.firstElementChild as HTMLElement).style.width = `${100 * Math.max(0, cosine)}%`;
      number.textContent = formatNumber(cosine, 2);
      number.title = "cosine of the angle between the two vectors";
    });
  }

  let said = 0;
  let waiting = 0;
  signal.addEventListener("abort", () => clearTimeout(waiting));
  function saySoon(): void {
    if (waiting) return;
    waiting = window.setTimeout(sayNow, Math.max(0, said + QUIET - performance.now()));
  }
  function sayNow(): void {
    clearTimeout(waiting);
    waiting = 0;
    said = performance.now();
    const list = (found: Near[]) =>
      found.map(({ word, cosine }) => `${words[word]} (${formatNumber(cosine, 2)})`).join(", ");
    let broken = 0;
    for (let word = 0; word < words.length; word++) if (!isPlaced(word)) broken++;
    summary.textContent = [
      picked >= 0 && `Nearest to “${words[picked]}”: ${list(neighbours.slice(0, 5))}.`,
      answers.length > 0 &&
        `${analogy
          .map((word) => words[word])
          .join(" − ")
          .replace(/ − (?=[^−]*$)/, " + ")} ≈ ${list(answers.slice(0, 1))}.`,
      broken > 0 && `${plural(broken, "word")} cannot be drawn: their vectors are not finite.`,
      picked < 0 &&
        answers.length === 0 &&
        "The map shows the two directions in which the vectors differ most.",
    ]
      .filter(Boolean)
      .join(" ");
    if (listing.open) tabulateWords();
  }

  function tabulateWords(): void {
    if (!listing.open) return;
    table.replaceChildren(
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h("tr", {}, h("th", { scope: "col" }, "word"), h("th", { scope: "col" }, "nearest three")),
        ),
        h(
          "tbody",
          {},
          ...words.map((word, k) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, word),
              h(
                "td",
                {},
                nearest(space(), k, 3)
                  .map((near) => words[near.word])
                  .join(", "),
              ),
            ),
          ),
        ),
      ),
    );
  }

  function tabulate(): string {
    const head = ["word", "x", "y", ...Array.from({ length: size }, (_, k) => `v${k}`)];
    const lines = words.map((word, k) =>
      [quote(word), target[2 * k], target[2 * k + 1], ...vectors.subarray(k * size, (k + 1) * size)].join(
        ",",
      ),
    );
    return `${[head.join(","), ...lines].join("\n")}\n`;
  }

  function writeLines(): string {
    const options = [
      picked >= 0 && `word=${JSON.stringify(words[picked])}`,
      analogy.length === 3 && `analogy=(${analogy.map((word) => JSON.stringify(words[word])).join(", ")})`,
    ].filter(Boolean);
    return [
      "import rnnviz_widgets as rw",
      "from rnnviz.data import Words, everyday_sentences",
      "from rnnviz.models import WordLearning",
      "",
      "sentences = everyday_sentences()  # or your own, as a list of strings",
      `learning = WordLearning.skip_gram(Words(sentences), sentences, size=${size})  # torch underneath: learning.training.model`,
      `rw.EmbeddingMap(${["learning", ...options].join(", ")})`,
      "",
    ].join("\n");
  }

  // ---- painting
  const isPlaced = (word: number) =>
    Number.isFinite(target[2 * word]) && Number.isFinite(target[2 * word + 1]);
  const screen = (word: number) => ({
    x: view.x + places[2 * word] * view.scale,
    y: view.y - places[2 * word + 1] * view.scale,
  });

  function nearestTo(x: number, y: number, reach = Number.POSITIVE_INFINITY): number {
    let [best, least] = [-1, reach];
    for (let word = 0; word < words.length; word++) {
      const at = screen(word);
      const far = Math.hypot(at.x - x, at.y - y);
      if (far < least) [best, least] = [word, far];
    }
    return best;
  }

  /** The view that shows all words. */
  function fit(): typeof view {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let word = 0; word < words.length; word++) {
      if (!isPlaced(word)) continue;
      const [x, y] = [target[2 * word], target[2 * word + 1]];
      left = Math.min(left, x);
      right = Math.max(right, x);
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
    if (left > right) return view;
    const [wide, tall] = [right - left || 1e-6, high - low || 1e-6];
    const scale = Math.min((width - 90) / wide, (height - 44) / tall);
    return { x: width / 2 - ((left + right) / 2) * scale, y: height / 2 + ((low + high) / 2) * scale, scale };
  }

  let first = true;
  /** Moves points and view part of the way; true while they still move. */
  function ease(): boolean {
    const step = first || prefersReducedMotion() ? 1 : 0.22;
    let moving = false;
    let shift = 0;
    for (let k = 0; k < places.length; k++) {
      const by = target[k] - places[k];
      if (!Number.isFinite(by)) {
        places[k] = target[k];
        continue;
      }
      places[k] += step * by;
      shift = Math.max(shift, Math.abs(by));
    }
    if (shift * view.scale * (1 - step) > 0.2) moving = true;
    if (!held) {
      const goal = fit();
      const apart =
        Math.abs(goal.x - view.x) +
        Math.abs(goal.y - view.y) +
        100 * Math.abs(Math.log(goal.scale / view.scale));
      view = {
        x: view.x + step * (goal.x - view.x),
        y: view.y + step * (goal.y - view.y),
        scale: view.scale + step * (goal.scale - view.scale),
      };
      if (apart * (1 - step) > 0.5) moving = true;
    }
    first = false;
    return moving;
  }

  const repaint = oncePerFrame(draw, signal);
  function draw(): void {
    const moving = ease();
    const context = clearCanvas(canvas, width, height);
    const colour = (property: string) => readColour(root, property);
    const [ink, pale, accent, paper] = ["--rv-ink", "--rv-line-2", "--rv-accent", "--rv-bg"].map(colour);
    const hues = groups.map((_, k) => colour(curveProperty(k)));
    const family = colour("--rv-font");
    if (widths.length === 0) {
      const measure = (weight: string) => {
        context.font = `${weight} 13px ${family}`;
        return words.map((word) => context.measureText(word).width + 2);
      };
      const [usual, bold] = [measure("400"), measure("600")];
      widths = words.map((_, word) => ({ usual: usual[word], bold: bold[word] }));
    }
    const near = new Set(neighbours.map(({ word }) => word));
    const special = new Set([...analogy, ...answers.slice(0, 1).map(({ word }) => word)]);

    context.lineWidth = 1;
    context.strokeStyle = accent;
    context.globalAlpha = 0.55;
    for (const { word } of neighbours) strokeLine(context, picked, word);
    context.globalAlpha = 1;
    if (answers.length > 0) drawAnalogy(context, colour("--rv-gate-candidate"));

    for (let word = 0; word < words.length; word++) {
      if (!isPlaced(word)) continue;
      const { x, y } = screen(word);
      if (x < -5 || y < -5 || x > width + 5 || y > height + 5) continue;
      const group = groupOf.get(word);
      context.fillStyle = word === picked ? accent : group === undefined ? pale : hues[group];
      context.beginPath();
      context.arc(
        x,
        y,
        word === picked ? 5 : near.has(word) || special.has(word) || group !== undefined ? 3.5 : 2.5,
        0,
        7,
      );
      context.fill();
    }

    const chosen = [picked, hovered, ...special, ...near].filter((word) => word >= 0);
    const needed = new Set(chosen.slice(0, 6));
    const order = [...new Set([...chosen, ...groupOf.keys(), ...words.keys()])].filter(isPlaced);
    const isStrong = (word: number) => needed.has(word) || near.has(word);
    const wide = (word: number) => (isStrong(word) ? widths[word].bold : widths[word].usual);
    const labels = placeLabels(order, screen, wide, { width, height }, sides, 15, needed);
    context.textBaseline = "middle";
    context.textAlign = "left";
    for (const { word, x, y, width: long, height: tall } of labels) {
      drawLeader(context, word, { x, y, width: long, height: tall }, pale);
      const strong = isStrong(word);
      context.font = `${strong ? "600 " : ""}13px ${family}`;
      context.lineWidth = 3;
      context.strokeStyle = paper;
      context.strokeText(words[word], x, y + tall / 2);
      const group = groupOf.get(word);
      context.fillStyle = word === picked ? accent : group === undefined ? ink : hues[group];
      context.globalAlpha = strong || group !== undefined || picked < 0 ? 1 : 0.7;
      context.fillText(words[word], x, y + tall / 2);
      context.globalAlpha = 1;
    }
    map.dataset.labels = String(labels.length);
    if (moving) repaint();
  }

  /** A thin line to a label that found no room beside its point. */
  function drawLeader(context: CanvasRenderingContext2D, word: number, box: Box, colour: string): void {
    const point = screen(word);
    const x = Math.max(box.x, Math.min(box.x + box.width, point.x));
    const y = Math.max(box.y, Math.min(box.y + box.height, point.y));
    if (Math.hypot(point.x - x, point.y - y) < 12) return;
    context.lineWidth = 1;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(point.x, point.y);
    context.lineTo(x, y);
    context.stroke();
  }

  function strokeLine(context: CanvasRenderingContext2D, from: number, to: number): void {
    const [a, b] = [screen(from), screen(to)];
    context.beginPath();
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
    context.stroke();
  }

  /** b → a and c → the answer: two arrows that would be the same if the analogy were perfect and the map held all. */
  function drawAnalogy(context: CanvasRenderingContext2D, colour: string): void {
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = 2;
    for (const [from, to] of [
      [analogy[1], analogy[0]],
      [analogy[2], answers[0].word],
    ]) {
      strokeLine(context, from, to);
      const [a, b] = [screen(from), screen(to)];
      const angle = Math.atan2(b.y - a.y, b.x - a.x);
      if (Math.hypot(b.x - a.x, b.y - a.y) < 12) continue;
      context.beginPath();
      for (const [far, turn] of [
        [5, 0],
        [14, 0.4],
        [14, -0.4],
      ])
        context.lineTo(b.x - far * Math.cos(angle + turn), b.y - far * Math.sin(angle + turn));
      context.fill();
    }
  }

  onWidth(map, signal, (room) => {
    width = room;
    height = Math.round(Math.max(280, Math.min(620, 0.72 * room)));
    map.style.height = `${height + 2}px`;
    first = true;
    repaint();
  });
  onTheme(signal, repaint);
  relate();
  sayNow();
  showHistory();
});
