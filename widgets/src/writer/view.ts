// The card of the writer: the prompt, how it writes, the text, and what could have come at the cursor.
import type { AnyModel } from "@anywidget/types";
import { makeTransport } from "../lib/controls/transport";
import type { Scale } from "../lib/draw/colours";
import { makeTooltip } from "../lib/draw/tooltip";
import { stepUnit } from "../lib/draw/unit_strip";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, prefersReducedMotion } from "../lib/page/widget";
import { makeTrainingBar } from "../lib/training/training_bar";
import { makeChances } from "./chances";
import { makeHead } from "./head";
import { makeSettings } from "./settings";
import type { WriterState } from "./state";
import { makeUnitRow } from "./unit_row";
import { makeWrittenText } from "./written_text";

/** Milliseconds of a frame that may go into writing. */
const SLICE = 9;
/** Milliseconds for which the text is still before it is spoken. */
const STILL = 600;

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  model: AnyModel,
  cursor: Cursor,
  state: WriterState,
): void {
  const repaint = oncePerFrame(draw, signal);
  const tooltip = makeTooltip(root);
  const head = makeHead(root, state, refresh);
  const bar =
    "step" in (model.get("frame") as object) &&
    makeTrainingBar(model, signal, (_, data) => {
      state.replaceWeights(data[0]);
      refresh();
    });
  const prompt = makePrompt(state, () => {
    refresh();
    cursor.move({ step: state.prompt.length });
  });
  const settings = makeSettings(state, {
    changed: refresh,
    castAgain(pace) {
      state.castAgain(prefersReducedMotion() ? 0 : pace, performance.now());
      refresh();
      cursor.move({ step: state.prompt.length });
    },
  });
  const units = makeUnitRow(state, cursor, tooltip);
  const text = makeWrittenText(signal, state, tooltip, {
    repaint,
    press(step) {
      transport.pause();
      cursor.move({ step });
    },
  });
  const transport = makeTransport({
    steps: state.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => state.sayWhere(step, steps),
  });
  const chances = makeChances(state, {
    putIn,
    freeEverything() {
      state.freeEverything();
      refresh();
    },
  });
  const summary = makeSummary(state, signal);
  root.append(
    head.element,
    ...(bar ? [bar] : []),
    prompt.element,
    prompt.note,
    settings,
    units.element,
    text.element,
    transport.element,
    chances.element,
    summary.element,
  );
  listenToKeys(root, { text: text.element, strip: units.strip }, state, {
    chooseUnit: (by) => cursor.move({ unit: stepUnit(units.order, state.unit, by) }),
    putIn(code) {
      const { step, steps } = state;
      putIn(step, code);
      if (code !== null) cursor.move({ step: Math.min(steps - 1, step + 1) });
    },
  });

  function putIn(place: number, code: number | null): void {
    if (!state.isWritten(place)) return;
    transport.pause();
    state.putIn(place, code);
    refresh();
  }
  let stale = true;
  function refresh(): void {
    stale = true;
    transport.resize(state.steps);
    repaint();
  }
  let scale!: Scale;
  function draw(): void {
    const finished = state.writing.run(performance.now() + SLICE);
    if (state.reveal(performance.now())) {
      text.fill();
      summary.tellLater();
    }
    if (stale) scale = head.settle();
    stale = false;
    if (state.isTyping) cursor.move({ step: Math.max(0, state.symbols.length - 1) });
    const { step } = state;
    transport.show(step);
    units.draw(scale);
    head.draw();
    text.draw(step, scale);
    chances.draw(step);
    if (!finished || state.isTyping) repaint();
  }

  onTheme(signal, refresh);
  cursor.on(repaint);
  draw();
}

function makePrompt(state: WriterState, changed: () => void) {
  const field = h("textarea", {
    class: "rv-prompt",
    rows: 1,
    spellcheck: "false",
    maxlength: 2000,
    oninput: () => {
      const understood = state.setPrompt(field.value);
      note.textContent = state.complaint;
      if (understood) changed();
    },
  });
  field.value = state.prompt.join("");
  const note = h("span", { class: "rv-note", role: "status" });
  return {
    element: h("label", { class: "rv-typing rv-prompting" }, "Prompt: what it reads first", field),
    note,
  };
}

/** What was written in words, spoken when it has been still for a moment. */
function makeSummary(state: WriterState, signal: AbortSignal) {
  const element = h("p", { class: "rv-caption", "aria-live": "polite" });
  let waiting = 0;
  signal.addEventListener("abort", () => clearTimeout(waiting));
  return {
    element,
    tellLater() {
      clearTimeout(waiting);
      waiting = window.setTimeout(() => {
        element.textContent = state.summarise();
      }, STILL);
    },
  };
}

interface Acts {
  chooseUnit(by: number): void;
  putIn(code: number | null): void;
}

/** Up and down choose a unit; in the text, a letter is put in by hand, and Delete takes it out. */
function listenToKeys(
  root: HTMLElement,
  { text, strip }: { text: HTMLElement; strip: HTMLElement },
  state: WriterState,
  { chooseUnit, putIn }: Acts,
): void {
  const listen = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const inText = event.target === text;
    if (!inText && event.target !== strip) return;
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by !== undefined) chooseUnit(by);
    else if (inText && (event.key === "Delete" || event.key === "Backspace")) putIn(null);
    else if (inText && event.key !== " " && state.knows(event.key)) putIn(state.numberOf(event.key));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  root.addEventListener("keydown", listen, { capture: true });
}
