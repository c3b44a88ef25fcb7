// A pad to draw on with mouse, finger, pen or keyboard; with an eraser, undo and clear.
import { readColour } from "../lib/draw/colours";
import { h } from "../lib/page/dom";
import { keepState } from "../lib/page/kept";
import { onTheme, onWidth } from "../lib/page/widget";
import type { Drawing, Point, Stroke } from "./ink";
import { BLANK, ERASER, type KeptDrawing, packDrawing, unpackDrawing } from "./ink";

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

export function makeDrawingPad({ rows, columns, pen, signal, changed }: Options): DrawingPad {
  let drawing: Drawing = BLANK;
  let erasing = false;
  /** The stroke that is being drawn, the last of the drawing's; null while the pen is up. */
  let open: Stroke | null = null;
  let nib: Point = [0.5, 0.25];
  const before: Drawing[] = [];

  const canvas = h("canvas", { "aria-hidden": "true" });
  const marker = h("i", { class: "rv-nib", "aria-hidden": "true" });
  const hint = h("span", { class: "rv-pad-hint", "aria-hidden": "true" }, "Draw a digit");
  const said = h("span", { class: "rv-hidden", role: "status" });
  const pad = h(
    "div",
    {
      class: "rv-pad",
      tabindex: 0,
      role: "application",
      "aria-label":
        "Drawing pad. Arrow keys move the pen, with Shift in small steps. Space sets it down and lifts it. " +
        "E changes between pen and eraser, Control Z undoes, Delete clears.",
      style: `aspect-ratio: ${columns} / ${rows}`,
    },
    canvas,
    hint,
    marker,
  );
  const button = (label: string, act: () => void) =>
    h("button", { type: "button", class: "rv-act", onclick: act }, label);
  const pencil = button("Pencil", () => choose(false));
  const eraser = button("Eraser", () => choose(true));
  const undoing = button("Undo", undo);
  const clearing = button("Clear", () => put(BLANK));
  const tools = h(
    "div",
    { class: "rv-tools", role: "group", "aria-label": "Drawing tools" },
    pencil,
    eraser,
    undoing,
    clearing,
  );
  const element = h("div", { class: "rv-drawing" }, pad, tools, said);

  const keep = keepState<KeptDrawing>(element, "drawing", signal, (kept) => {
    const found = unpackDrawing(kept, rows * columns);
    if (found) put(found);
  });

  function choose(erase: boolean) {
    lift();
    erasing = erase;
    pencil.setAttribute("aria-pressed", String(!erase));
    eraser.setAttribute("aria-pressed", String(erase));
    pad.classList.toggle("rv-erasing", erase);
  }

  function remember() {
    before.push(drawing);
    if (before.length > 200) before.shift();
  }

  function put(next: Drawing) {
    lift();
    if (next.base === drawing.base && next.strokes.length === 0 && drawing.strokes.length === 0) return;
    remember();
    drawing = next;
    refresh();
    keep(packDrawing(drawing));
  }

  function undo() {
    lift();
    const last = before.pop();
    if (!last) return;
    drawing = last;
    refresh();
    keep(packDrawing(drawing));
    said.textContent = "Undone.";
  }

  function setDown(point: Point) {
    remember();
    open = { erase: erasing, points: [point] };
    drawing = { base: drawing.base, strokes: [...drawing.strokes, open] };
    refresh();
  }

  function drawTo(point: Point) {
    open?.points.push(point);
    refresh();
  }

  function lift() {
    if (open) keep(packDrawing(drawing));
    open = null;
    pad.classList.remove("rv-down");
  }

  function refresh() {
    paint();
    changed();
  }

  const placeOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = pad.getBoundingClientRect();
    const within = (value: number) => Math.max(0, Math.min(1, value));
    return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
  };
  pad.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    pad.focus({ preventScroll: true });
    pad.setPointerCapture(event.pointerId);
    pad.classList.remove("rv-keys");
    setDown(placeOf(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!open || !pad.hasPointerCapture(event.pointerId)) return;
    // All the places since the last frame, or a quick curve becomes a polygon.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) open.points.push(placeOf(move));
    refresh();
  });
  for (const end of ["pointerup", "pointercancel"] as const) pad.addEventListener(end, lift);

  pad.addEventListener("keydown", (event) => {
    const act = keyAction(event);
    if (!act) return;
    event.preventDefault();
    // The transport and the page have uses of their own for these keys.
    event.stopPropagation();
    pad.classList.add("rv-keys");
    act();
    showNib();
  });

  function keyAction(event: KeyboardEvent): (() => void) | null {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") return undo;
    if (event.ctrlKey || event.metaKey || event.altKey) return null;
    const arrow = ARROWS[event.key];
    if (arrow) return () => moveNib(arrow, event.shiftKey ? STRIDE / 4 : STRIDE);
    const keys: Record<string, () => void> = {
      " ": () => {
        if (open) lift();
        else setDown(nib);
        pad.classList.toggle("rv-down", open !== null);
        said.textContent = `${erasing ? "Eraser" : "Pen"} ${open ? "down" : "up"}, ${sayNib()}.`;
      },
      e: () => {
        choose(!erasing);
        said.textContent = erasing ? "Eraser." : "Pen.";
      },
      Delete: () => put(BLANK),
      Backspace: undo,
    };
    if (event.key === "Escape" && open) return keys[" "];
    return keys[event.key] ?? null;
  }

  function moveNib([right, down]: Point, stride: number) {
    const within = (value: number) => Math.max(0, Math.min(1, value));
    nib = [within(nib[0] + right * stride), within(nib[1] + down * stride)];
    if (open) drawTo(nib);
    said.textContent = sayNib();
  }

  const sayNib = () =>
    `row ${Math.min(rows, Math.floor(nib[1] * rows) + 1)}, column ${Math.min(columns, Math.floor(nib[0] * columns) + 1)}`;

  function showNib() {
    marker.style.left = `${100 * nib[0]}%`;
    marker.style.top = `${100 * nib[1]}%`;
  }

  function paint() {
    const density = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = pad;
    if (clientWidth === 0) return;
    canvas.width = Math.round(clientWidth * density);
    canvas.height = Math.round(clientHeight * density);
    const context = canvas.getContext("2d")!;
    const ink = readColour(pad, "--rv-ink");
    const { base, strokes } = drawing;
    if (base) {
      context.fillStyle = ink;
      const [width, height] = [canvas.width / columns, canvas.height / rows];
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          context.globalAlpha = Math.max(0, Math.min(1, base[row * columns + column]));
          // To whole pixels of the screen, or fine lines would show between those of the image.
          const [x, y] = [Math.round(column * width), Math.round(row * height)];
          context.fillRect(x, y, Math.round((column + 1) * width) - x, Math.round((row + 1) * height) - y);
        }
      context.globalAlpha = 1;
    }
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = ink;
    for (const { erase, points } of strokes) {
      context.globalCompositeOperation = erase ? "destination-out" : "source-over";
      context.lineWidth = (pen * (erase ? ERASER : 1) * canvas.width) / columns;
      context.beginPath();
      points.forEach(([x, y], k) => {
        const at = [x * canvas.width, y * canvas.height] as const;
        if (k === 0) context.moveTo(...at);
        context.lineTo(...at);
      });
      context.stroke();
    }
    context.globalCompositeOperation = "source-over";
    hint.hidden = base !== null || strokes.length > 0;
    undoing.disabled = before.length === 0;
    clearing.disabled = !hint.hidden;
  }

  choose(false);
  showNib();
  onWidth(pad, signal, paint);
  onTheme(signal, paint);
  return { element, drawing: () => drawing, put };
}
