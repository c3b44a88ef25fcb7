// The card of the translator: the sentence, the states of both networks, what is said, and what else could be.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { makeAttention } from "./attention";
import { makeBeam } from "./beam";
import { makeChances } from "./chances";
import { makeMaps } from "./maps";
import { makeSaidWords } from "./said_words";
import { makeSentence } from "./sentence";
import type { TranslatorState } from "./state";

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: TranslatorState,
  beginning: string,
): void {
  const paint = oncePerFrame(draw, signal);
  const goTo = (step: number, unit?: number) => {
    transport.pause();
    cursor.move(unit === undefined ? { step } : { step, unit });
  };
  const sentence = makeSentence(state, beginning, readAnew);
  const maps = makeMaps(root, state, goTo);
  const handing = h("p", { class: "rv-note rv-handing" });
  const said = makeSaidWords(state, {
    goTo: (step) => cursor.move({ step }),
    changed: refill,
  });
  const chances = makeChances(state, (place, word) => {
    state.force(place, word);
    refill();
    cursor.move({ step: state.stepOf(place) });
    paint();
  });
  const beam = makeBeam(state, refill);
  const attention = makeAttention(state);
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: 1,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => state.sayWhere(step, steps),
  });
  const saveMenu = makeSaveMenu({
    name: "translation",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h("div", { class: "rv-head" }, h("h3", {}, state.title), h("div", { class: "rv-controls" }, saveMenu)),
    sentence.element,
    sentence.complaint,
    maps.element,
    handing,
    said.element,
    h("div", { class: "rv-translating" }, chances.element, beam.element),
    attention.element,
    transport.element,
    spoken,
  );

  function readAnew(text: string): void {
    state.read(text);
    sentence.complain();
    refill();
    cursor.move({ step: Math.max(0, state.steps - 1) });
    beam.fill();
  }
  /** Shows another translation. */
  function refill(): void {
    transport.resize(state.steps);
    maps.fill();
    said.fill();
    attention.fill();
    maps.size();
    paint();
  }
  function draw(): void {
    transport.show(state.step);
    maps.mark();
    said.mark();
    attention.mark();
    handing.textContent = state.sayHanding();
    chances.draw();
    spoken.textContent = state.tell();
  }

  onWidth(maps.element.firstElementChild!, signal, () => {
    maps.size();
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  readAnew(beginning);
}
