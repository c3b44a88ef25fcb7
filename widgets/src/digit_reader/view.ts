// The card of the reader: the pad, what is seen of it, the answer, and what goes on inside.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme } from "../lib/page/widget";
import { makeBars } from "./bars";
import { makeDrawingPad } from "./drawing_pad";
import { makeMindMaps } from "./maps";
import { makeSeen } from "./seen";
import { makeShelf } from "./shelf";
import type { ReaderState } from "./state";

/** How long nothing must move until what is seen is also said. */
const PAUSE = 600;

export interface ReaderView {
  /** Another network, or another layer of it. */
  build(): void;
}

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: ReaderState,
): ReaderView {
  const { rows, columns, placement } = state;
  const title = h("h3");
  const layers = makeLayerPicker(state, () => build());
  const fit = h("input", { type: "checkbox", checked: true });
  fit.addEventListener("change", () => look());
  const pad = makeDrawingPad({ rows, columns, pen: placement.pen, signal, changed: () => look() });
  const goToRow = (step: number) => {
    transport.pause();
    cursor.move({ step });
  };
  const seen = makeSeen(root, signal, state, goToRow);
  const bars = makeBars(state.reader.classes);
  const shelf = makeShelf(root, state, (image) => {
    pad.put({ base: image, strokes: [] });
    // Somebody who looks at one row wants to see that row of the next example.
    transport.pause();
  });
  const maps = makeMindMaps(root, state, {
    goTo: (place) => cursor.move(place),
    press: () => transport.pause(),
    moveUnit: (by) => cursor.move({ unit: state.clampUnit(unitNow() + by) }),
  });
  const summary = h("p", { class: "rv-caption", role: "status" });
  const truth = h("p", { class: "rv-note rv-truth" });
  const answerTitle = h("h4");
  const transport = makeTransport({
    steps: rows,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step) => `row ${step + 1} of ${rows}`,
  });
  const saveMenu = makeSaveMenu({
    name: "digit-reader",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h("div", { class: "rv-head" }, title, h("div", { class: "rv-controls" }, layers.element, saveMenu)),
    h(
      "div",
      { class: "rv-reader" },
      h("div", { class: "rv-reader-pad" }, h("h4", {}, "Draw"), pad.element),
      h("div", { class: "rv-reader-seen" }, makeSeenTitle(), seen.element, makeFit(fit), shelf.element),
      h("div", { class: "rv-reader-answer" }, answerTitle, bars.element, truth),
    ),
    transport.element,
    maps.element,
    h("p", { class: "rv-note" }, "From top to bottom the units, from left to right the rows of the digit."),
    summary,
  );

  const unitNow = () => state.clampUnit(cursor.get("unit"));
  /** The drawing has changed: see it, read it, show it, all before the next frame. */
  const look = oncePerFrame(() => {
    state.see(pad.drawing(), fit.checked);
    refill();
  }, signal);

  function build(): void {
    title.textContent = state.title;
    layers.show();
    maps.build();
    refill();
  }
  let saying = 0;
  signal.addEventListener("abort", () => clearTimeout(saying));
  /** Paints what was read anew. */
  function refill(): void {
    maps.paint();
    seen.paint();
    draw();
    clearTimeout(saying);
    saying = window.setTimeout(say, PAUSE);
  }
  /** In words, once the pen rests: a screen reader can follow no drawing. */
  function say(): void {
    summary.textContent = state.tell();
    maps.say();
  }
  /** Shows where the cursor is. */
  function draw(): void {
    const row = state.clampRow(cursor.get("step"));
    transport.show(row);
    seen.mark(row);
    bars.show(state.opinions[row]);
    maps.mark(row, unitNow());
    answerTitle.textContent = row === rows - 1 ? "Its answer" : `If it had to answer after row ${row + 1}`;
    truth.textContent = state.sayTruth(pad.drawing());
  }
  cursor.on(oncePerFrame(draw, signal));
  onTheme(signal, () => {
    seen.recolour();
    shelf.fill();
    build();
  });
  shelf.fill();
  build();
  const opening = state.chooseOpening();
  if (opening) pad.put({ base: opening, strokes: [] });
  say();
  return { build };
}

function makeLayerPicker(state: ReaderState, changed: () => void) {
  const element = h("select", { "aria-label": "Layer" });
  element.addEventListener("change", () => {
    state.shown = Number(element.value);
    changed();
  });
  return {
    element,
    show() {
      const { layers } = state.reader;
      element.replaceChildren(
        ...layers.map(({ name }, value) =>
          h("option", { value, selected: value === state.shown }, `layer ${name}`),
        ),
      );
      element.hidden = layers.length < 2;
    },
  };
}

const makeSeenTitle = (): HTMLElement =>
  h(
    "h4",
    {},
    "What it reads, and thinks after each row ",
    h("span", { class: "rv-note" }, h("b", { class: "rv-change" }, "✱"), " changes its mind"),
  );

const makeFit = (box: HTMLInputElement): HTMLElement =>
  h("label", { class: "rv-field rv-fit" }, box, "centre and size it like the data’s digits");
