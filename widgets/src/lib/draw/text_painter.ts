// Paints the part of a text that is in sight: each symbol on the colour of its value, frames around stretches.
import type { Scale } from "./colours";
import { cssColour, inkOn, rampIndex, readColour } from "./colours";
import { clearCanvas } from "./plot";
import type { Layout } from "./text_layout";

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

/** A text laid out: the size of a symbol and of what is in sight, in pixels, and how far it is scrolled. */
export interface Sight {
  symbols: readonly string[];
  layout: Layout;
  cell: number;
  line: number;
  width: number;
  height: number;
  top: number;
}

export const PAD = 8;
const FONT_SIZE = 15;

export const readFont = (element: HTMLElement): string =>
  `${FONT_SIZE}px ${readColour(element, "--rv-mono")}`;

/** The box of a symbol on the canvas. */
function placeOf({ layout, cell, line, top }: Sight, k: number): { x: number; y: number; w: number } {
  return {
    x: PAD + layout.column[k] * cell,
    y: PAD + layout.row[k] * line - top,
    w: layout.width[k] * cell,
  };
}

function inSight({ symbols, layout, line, height, top }: Sight): [number, number] {
  const row = Math.max(0, Math.floor((top - PAD) / line));
  const last = Math.min(layout.rows, Math.ceil((top + height) / line) + 1);
  return [layout.begins[Math.min(row, layout.rows - 1)] ?? 0, layout.begins[last] ?? symbols.length];
}

export function paintText(
  canvas: HTMLCanvasElement,
  element: HTMLElement,
  sight: Sight,
  look: TextLook,
): void {
  const context = clearCanvas(canvas, sight.width, sight.height);
  context.font = readFont(element);
  context.textBaseline = "middle";
  context.textAlign = "center";
  const [first, end] = inSight(sight);
  paintSymbols(context, element, sight, look, [first, end]);
  const accent = readColour(element, "--rv-accent");
  look.marked.forEach((stretch, number) => {
    outline(context, sight, stretch, accent, [4, 2]);
    if (stretch.from < sight.symbols.length)
      paintNumber(context, element, sight, stretch.from, String(number + 1));
  });
  if (look.brush) outline(context, sight, look.brush, accent, []);
  if (look.cursor < first || look.cursor >= end) return;
  const { x, y, w } = placeOf(sight, look.cursor);
  context.strokeStyle = readColour(element, "--rv-ink");
  context.lineWidth = 2;
  context.strokeRect(x - 0.5, y - 0.5, w + 1, sight.line - 2);
}

function paintSymbols(
  context: CanvasRenderingContext2D,
  element: HTMLElement,
  sight: Sight,
  look: TextLook,
  [first, end]: [number, number],
): void {
  const { symbols, line } = sight;
  const inks: string[] = [];
  const fills: string[] = [];
  const plain = readColour(element, "--rv-ink");
  const faint = readColour(element, "--rv-line-2");
  for (let k = first; k < end; k++) {
    const value = look.value(k);
    const index = rampIndex(value, look.scale);
    const { x, y, w } = placeOf(sight, k);
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
    if (look.dotted?.(k)) underline(context, x, y + line - 5, w, index >= 0 ? inks[index] : plain);
  }
  context.globalAlpha = 1;
}

function underline(context: CanvasRenderingContext2D, x: number, y: number, w: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.setLineDash([2, 2]);
  context.beginPath();
  context.moveTo(x + 1, y);
  context.lineTo(x + w - 1, y);
  context.stroke();
  context.setLineDash([]);
}

/** A frame around a stretch, row by row. */
function outline(
  context: CanvasRenderingContext2D,
  sight: Sight,
  { from, to }: Stretch,
  colour: string,
  dash: number[],
): void {
  const { symbols, layout, line } = sight;
  const last = Math.min(to, symbols.length - 1);
  if (from > last) return;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.setLineDash(dash);
  for (let row = layout.row[from]; row <= layout.row[last]; row++) {
    const a = placeOf(sight, Math.max(from, layout.begins[row]));
    const b = placeOf(sight, Math.min(last, layout.begins[row + 1] - 1));
    context.strokeRect(a.x - 0.5, a.y - 1.5, b.x + b.w - a.x + 1, line);
  }
  context.setLineDash([]);
}

/** The number of a stretch, in a disc at its beginning. */
function paintNumber(
  context: CanvasRenderingContext2D,
  element: HTMLElement,
  sight: Sight,
  from: number,
  number: string,
): void {
  const { x, y } = placeOf(sight, from);
  context.save();
  context.font = `600 10px ${readColour(element, "--rv-font")}`;
  context.fillStyle = readColour(element, "--rv-accent");
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = readColour(element, "--rv-on-accent");
  context.fillText(number, x, y + 0.5);
  context.restore();
}
