// A pad to draw on with mouse, finger, pen or keyboard; with an eraser, undo and clear.
import { h } from "../lib/page/dom";
import { keepState } from "../lib/page/kept";
import { onTheme, onWidth } from "../lib/page/widget";
import { BLANK, type Drawing, type KeptDrawing, type Point, packDrawing, unpackDrawing } from "./ink";
import { paintSketch } from "./pad_painter";
import { Sketch, within } from "./sketch";

export interface DrawingPad {
  element: HTMLElement;
  drawing(): Drawing;
  /** Puts something else on the pad, which undo takes away again. */
  put(drawing: Drawing): void;
}

interface Options {
  rows: number;
  columns: number;
  /** Width of the pen, in the data's pixels. */
  pen: number;
  signal: AbortSignal;
  /** After every change, many times a second while a stroke is drawn. */
  changed: () => void;
}

/** How far an arrow key moves the pen, as a share of the pad; with Shift, a quarter of it. */
const STRIDE = 1 / 16;
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const HELP =
  "Drawing pad. Arrow keys move the pen, with Shift in small steps. Space sets it down and lifts it. " +
  "E changes between pen and eraser, Control Z undoes, Delete clears.";

export function makeDrawingPad({ rows, columns, pen, signal, changed }: Options): DrawingPad {
  const sketch = new Sketch();
  const canvas = h("canvas", { "aria-hidden": "true" });
  const marker = h("i", { class: "rv-nib", "aria-hidden": "true" });
  const hint = h("span", { class: "rv-pad-hint", "aria-hidden": "true" }, "Draw a digit");
  const said = h("span", { class: "rv-hidden", role: "status" });
  const style = `aspect-ratio: ${columns} / ${rows}`;
  const pad = h(
    "div",
    { class: "rv-pad", tabindex: 0, role: "application", "aria-label": HELP, style },
    canvas,
    hint,
    marker,
  );
  const tools = makeTools({ choose, undo, clear: () => put(BLANK) });
  const element = h("div", { class: "rv-drawing" }, pad, tools.element, said);

  const hand = keepState<KeptDrawing>(element, "drawing", signal, (kept) => {
    const found = unpackDrawing(kept, rows * columns);
    if (found) put(found);
  });
  const keep = () => hand(packDrawing(sketch.drawing));
  const lift = () => {
    if (sketch.isDown) keep();
    sketch.lift();
    pad.classList.remove("rv-down");
  };

  function choose(erase: boolean): void {
    lift();
    sketch.choose(erase);
    tools.show(sketch);
    pad.classList.toggle("rv-erasing", erase);
  }
  function put(next: Drawing): void {
    lift();
    if (!sketch.put(next)) return;
    refresh();
    keep();
  }
  function undo(): void {
    lift();
    if (!sketch.undo()) return;
    refresh();
    keep();
    said.textContent = "Undone.";
  }
  function refresh(): void {
    paint();
    changed();
  }
  function paint(): void {
    paintSketch(pad, canvas, sketch.drawing, { rows, columns, pen });
    hint.hidden = !sketch.isBlank;
    marker.style.left = `${100 * sketch.nib[0]}%`;
    marker.style.top = `${100 * sketch.nib[1]}%`;
    tools.show(sketch);
  }

  followPointer(pad, sketch, refresh, lift);
  pad.addEventListener("keydown", (event) => {
    const act = keyAction(event);
    if (!act) return;
    event.preventDefault();
    // The transport and the page have uses of their own for these keys.
    event.stopPropagation();
    pad.classList.add("rv-keys");
    act();
    paint();
  });

  function keyAction(event: KeyboardEvent): (() => void) | null {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") return undo;
    if (event.ctrlKey || event.metaKey || event.altKey) return null;
    const arrow = ARROWS[event.key];
    if (arrow) return () => moveNib(arrow, event.shiftKey ? STRIDE / 4 : STRIDE);
    if (event.key === " " || (event.key === "Escape" && sketch.isDown)) return togglePen;
    if (event.key === "e") return toggleEraser;
    if (event.key === "Delete") return () => put(BLANK);
    return event.key === "Backspace" ? undo : null;
  }
  function togglePen(): void {
    if (sketch.isDown) lift();
    else {
      sketch.setDown(sketch.nib);
      refresh();
    }
    pad.classList.toggle("rv-down", sketch.isDown);
    const where = sketch.sayNib(rows, columns);
    said.textContent = `${sketch.erasing ? "Eraser" : "Pen"} ${sketch.isDown ? "down" : "up"}, ${where}.`;
  }
  function toggleEraser(): void {
    choose(!sketch.erasing);
    said.textContent = sketch.erasing ? "Eraser." : "Pen.";
  }
  function moveNib(way: Point, stride: number): void {
    sketch.moveNib(way, stride);
    if (sketch.isDown) refresh();
    said.textContent = sketch.sayNib(rows, columns);
  }

  choose(false);
  onWidth(pad, signal, paint);
  onTheme(signal, paint);
  paint();
  return { element, drawing: () => sketch.drawing, put };
}

interface Tools {
  choose(erase: boolean): void;
  undo(): void;
  clear(): void;
}

function makeTools({ choose, undo, clear }: Tools) {
  const button = (label: string, act: () => void) =>
    h("button", { type: "button", class: "rv-act", onclick: act }, label);
  const pencil = button("Pencil", () => choose(false));
  const eraser = button("Eraser", () => choose(true));
  const undoing = button("Undo", undo);
  const clearing = button("Clear", clear);
  return {
    element: h(
      "div",
      { class: "rv-tools", role: "group", "aria-label": "Drawing tools" },
      pencil,
      eraser,
      undoing,
      clearing,
    ),
    show({ erasing, canUndo, isBlank }: Sketch) {
      pencil.setAttribute("aria-pressed", String(!erasing));
      eraser.setAttribute("aria-pressed", String(erasing));
      undoing.disabled = !canUndo;
      clearing.disabled = isBlank;
    },
  };
}

function followPointer(pad: HTMLElement, sketch: Sketch, refresh: () => void, lift: () => void): void {
  const placeOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = pad.getBoundingClientRect();
    return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
  };
  pad.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    pad.focus({ preventScroll: true });
    pad.setPointerCapture(event.pointerId);
    pad.classList.remove("rv-keys");
    sketch.setDown(placeOf(event));
    refresh();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!sketch.isDown || !pad.hasPointerCapture(event.pointerId)) return;
    // All the places since the last frame, or a quick curve becomes a polygon.
    const moves = event.getCoalescedEvents?.() ?? [];
    sketch.drawTo(...(moves.length ? moves : [event]).map(placeOf));
    refresh();
  });
  for (const end of ["pointerup", "pointercancel"] as const) pad.addEventListener(end, lift);
}
