// A text on canvas, each symbol on the colour of a value: ten thousand of them, of which only those in sight are
// painted, in every frame anew.

import { h } from "../page/dom";
import type { Scale } from "./colours";
import { cssColour, inkOn, rampIndex, readColour } from "./colours";
import { clearCanvas } from "./plot";
import type { Layout } from "./text_layout";
import { layOut, symbolAt } from "./text_layout";

/** A stretch of symbols, both ends included. */
export interface Stretch {
  from: number;
  to: number;
}

/** What is drawn on the text. */
export interface TextLook {
  /** Value of a symbol; not a number leaves it without a colour. */
  value: (index: number) => number;
  scale: Scale;
  cursor: number;
  /** Where the reader drew a line around a stretch. */
  brush: Stretch | null;
  /** Stretches to be pointed out, each with its number. */
  marked: Stretch[];
  /** A dotted line below: what the network does not know, or what was put in by hand. */
  dotted?: (index: number) => boolean;
  /** Symbols from here on are pale. */
  paleFrom?: number;
}

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

const FONT_SIZE = 15;

export function makeTextView({
  label,
  signal,
  words,
  rows,
  repaint,
  press,
  brush,
  hover,
  leave,
}: Options): TextView {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const space = h("div", { class: "rv-text-space" }, canvas);
  const element = h("div", { class: "rv-text", tabindex: 0, role: "group", "aria-label": label }, space);
  let symbols: readonly string[] = [];
  let layout = layOut([], 40, words);
  let [cell, line, width, height] = [9, 26, 300, 0];
  let pulled: number | null = null;
  let measured = false;

  function resize(): void {
    const room = element.clientWidth;
    if (room === 0) return;
    const context = canvas.getContext("2d")!;
    context.font = font();
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
  const font = () => `${FONT_SIZE}px ${readColour(element, "--rv-mono")}`;

  function paint(look: TextLook): void {
    const context = clearCanvas(canvas, width, height);
    const top = element.scrollTop;
    context.font = font();
    context.textBaseline = "middle";
    context.textAlign = "center";
    const inks: string[] = [];
    const fills: string[] = [];
    const plain = readColour(element, "--rv-ink");
    const faint = readColour(element, "--rv-line-2");
    const [first, end] = inSight(top);
    for (let k = first; k < end; k++) {
      const value = look.value(k);
      const index = rampIndex(value, look.scale);
      const { x, y, w } = place(k, top);
      context.globalAlpha = look.paleFrom !== undefined && k >= look.paleFrom ? 0.35 : 1;
      if (index >= 0) {
        fills[index] ??= cssColour(value, look.scale);
        inks[index] ??= inkOn(value, look.scale);
        context.fillStyle = fills[index];
        context.fillRect(x, y, w, line - 3);
      }
      const symbol = symbols[k];
      if (symbol === "\n") {
        context.fillStyle = index >= 0 ? inks[index] : faint;
        context.globalAlpha *= 0.55;
        context.fillText("⏎", x + w / 2, y + (line - 3) / 2 + 1);
      } else if (symbol !== " ") {
        context.fillStyle = index >= 0 ? inks[index] : plain;
        context.fillText(symbol, x + w / 2, y + (line - 3) / 2 + 1, w + 2);
      }
      if (look.dotted?.(k)) underline(context, x, y, w, index >= 0 ? inks[index] : plain);
    }
    context.globalAlpha = 1;
    look.marked.forEach((stretch, number) => {
      outline(context, stretch, top, readColour(element, "--rv-accent"), [4, 2], String(number + 1));
    });
    if (look.brush) outline(context, look.brush, top, readColour(element, "--rv-accent"), []);
    if (look.cursor >= first && look.cursor < end) {
      const { x, y, w } = place(look.cursor, top);
      context.strokeStyle = plain;
      context.lineWidth = 2;
      context.strokeRect(x - 0.5, y - 0.5, w + 1, line - 2);
    }
  }

  function underline(
    context: CanvasRenderingContext2D,
    x: number,
    y: number,
    w: number,
    colour: string,
  ): void {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.setLineDash([2, 2]);
    context.beginPath();
    context.moveTo(x + 1, y + line - 5);
    context.lineTo(x + w - 1, y + line - 5);
    context.stroke();
    context.setLineDash([]);
  }

  /** A frame around a stretch, row by row, with its number at its beginning. */
  function outline(
    context: CanvasRenderingContext2D,
    { from, to }: Stretch,
    top: number,
    colour: string,
    dash: number[],
    number?: string,
  ): void {
    const last = Math.min(to, symbols.length - 1);
    if (from > last) return;
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.setLineDash(dash);
    for (let row = layout.row[from]; row <= layout.row[last]; row++) {
      const a = place(Math.max(from, layout.begins[row]), top);
      const b = place(Math.min(last, layout.begins[row + 1] - 1), top);
      context.strokeRect(a.x - 0.5, a.y - 1.5, b.x + b.w - a.x + 1, line);
    }
    context.setLineDash([]);
    if (number === undefined) return;
    const { x, y } = place(from, top);
    context.save();
    context.font = `600 10px ${readColour(element, "--rv-font")}`;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = readColour(element, "--rv-on-accent");
    context.fillText(number, x, y + 0.5);
    context.restore();
  }

  function place(k: number, top: number): { x: number; y: number; w: number } {
    return {
      x: PAD + layout.column[k] * cell,
      y: PAD + layout.row[k] * line - top,
      w: layout.width[k] * cell,
    };
  }

  function inSight(top: number): [number, number] {
    const row = Math.max(0, Math.floor((top - PAD) / line));
    const last = Math.min(layout.rows, Math.ceil((top + height) / line) + 1);
    return [layout.begins[Math.min(row, layout.rows - 1)] ?? 0, layout.begins[last] ?? symbols.length];
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
  canvas.addEventListener("pointerdown", (event) => {
    const index = under(event);
    if (index < 0 || event.button !== 0) return;
    element.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pulled = index;
    press(index);
  });
  canvas.addEventListener("pointermove", (event) => {
    const index = under(event);
    if (index < 0) return;
    hover(index, event.clientX, event.clientY);
    if (pulled !== null && brush && index !== pulled)
      brush({ from: Math.min(pulled, index), to: Math.max(pulled, index) }, false);
  });
  const release = (event: PointerEvent) => {
    if (pulled === null) return;
    const index = event.type === "pointercancel" ? pulled : under(event);
    const stretch = { from: Math.min(pulled, index), to: Math.max(pulled, index) };
    pulled = null;
    brush?.(stretch, true);
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", leave);
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
    paint,
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

const PAD = 8;
const BORDER = 2;
