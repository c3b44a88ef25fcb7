// A text on canvas, each symbol on the colour of a value: ten thousand of them, of which only those in sight are
// painted, in every frame anew.

import { h } from "../page/dom";
import type { Layout } from "./text_layout";
import { layOut, symbolAt } from "./text_layout";
import { PAD, paintText, readFont, type Stretch, type TextLook } from "./text_painter";

interface Options {
  label: string;
  signal: AbortSignal;
  words: boolean;
  /** Rows in sight; longer texts scroll. */
  rows: number;
  /** Asked to paint: calls `paint` of the view with what there is to see, at most once a frame. */
  repaint: () => void;
  /** A symbol was pressed. */
  press: (index: number) => void;
  /** A stretch was drawn with the pointer; both ends are the same where it was only a press. */
  brush?: (stretch: Stretch, done: boolean) => void;
  hover: (index: number, x: number, y: number) => void;
  leave: () => void;
}

export interface TextView {
  element: HTMLElement;
  setSymbols(symbols: readonly string[]): void;
  /** Fits the text into the element's width; to be called when that changes. */
  resize(): void;
  paint(look: TextLook): void;
  /** Scrolls so that a symbol is in sight. */
  reveal(index: number): void;
  layout(): Layout;
}

const BORDER = 2;

export function makeTextView(options: Options): TextView {
  const { label, signal, words, rows, repaint } = options;
  const canvas = h("canvas", { "aria-hidden": "true" });
  const space = h("div", { class: "rv-text-space" }, canvas);
  const element = h("div", { class: "rv-text", tabindex: 0, role: "group", "aria-label": label }, space);
  let symbols: readonly string[] = [];
  let layout = layOut([], 40, words);
  let [cell, line, width, height] = [9, 26, 300, 0];
  let measured = false;

  function resize(): void {
    const room = element.clientWidth;
    if (room === 0) return;
    const context = canvas.getContext("2d")!;
    context.font = readFont(element);
    cell = context.measureText("m").width + (words ? 0 : 1);
    line = matchMedia("(pointer: coarse)").matches ? 32 : 26;
    width = room;
    measured = true;
    arrange();
  }

  /** Lays the symbols out anew; measures nothing, since that would cost more than all else while a text changes. */
  function arrange(): void {
    layout = layOut(symbols, Math.max(8, Math.floor((width - 2 * PAD) / cell)), words);
    const whole = layout.rows * line + 2 * PAD;
    const next = Math.min(whole, rows * line + 2 * PAD);
    if (next !== height) element.style.height = `${next + BORDER}px`;
    height = next;
    space.style.height = `${whole}px`;
    repaint();
  }

  function under(event: PointerEvent): number {
    const box = canvas.getBoundingClientRect();
    return symbolAt(
      layout,
      Math.floor((event.clientY - box.top + element.scrollTop - PAD) / line),
      Math.floor((event.clientX - box.left - PAD) / cell),
    );
  }

  element.addEventListener("scroll", repaint, { passive: true });
  followPointer(element, canvas, under, options);
  // Its width follows the page's; fonts may come late.
  const observer = new ResizeObserver(() => {
    if (element.clientWidth !== width) resize();
  });
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());

  return {
    element,
    setSymbols(next) {
      symbols = next;
      if (measured) arrange();
      else resize();
    },
    resize,
    paint(look) {
      const top = element.scrollTop;
      paintText(canvas, element, { symbols, layout, cell, line, width, height, top }, look);
    },
    reveal(index) {
      if (index < 0 || index >= symbols.length) return;
      const y = PAD + layout.row[index] * line;
      // Not scrollIntoView: that would move the page as well.
      if (y < element.scrollTop + line) element.scrollTop = Math.max(0, y - line);
      else if (y + 2 * line > element.scrollTop + height) element.scrollTop = y + 2 * line - height;
    },
    layout: () => layout,
  };
}

/** A pointer that hovers over symbols, presses one, and draws along a stretch of them. */
function followPointer(
  element: HTMLElement,
  canvas: HTMLElement,
  under: (event: PointerEvent) => number,
  options: Options,
): void {
  let pulled: number | null = null;
  canvas.addEventListener("pointerdown", (event) => {
    const index = under(event);
    if (index < 0 || event.button !== 0) return;
    element.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pulled = index;
    options.press(index);
  });
  canvas.addEventListener("pointermove", (event) => {
    const index = under(event);
    if (index < 0) return;
    options.hover(index, event.clientX, event.clientY);
    if (pulled !== null && options.brush && index !== pulled)
      options.brush({ from: Math.min(pulled, index), to: Math.max(pulled, index) }, false);
  });
  const release = (event: PointerEvent) => {
    if (pulled === null) return;
    const index = event.type === "pointercancel" ? pulled : under(event);
    const stretch = { from: Math.min(pulled, index), to: Math.max(pulled, index) };
    pulled = null;
    options.brush?.(stretch, true);
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", options.leave);
}
