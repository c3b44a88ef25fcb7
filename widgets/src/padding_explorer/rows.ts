// The picture of the batches: sequences move to their new rows, and the cursor goes from one to the next.
import { animate } from "../lib/controls/transport";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, set } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { Painter } from "./painter";
import { LEFT, type PaddingState, type Row } from "./state";

export interface Picture {
  element: HTMLElement;
  /** Lets every sequence move to its row. */
  arrange(): void;
}

export function makePicture(
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: PaddingState,
): Picture {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h(
    "div",
    {
      class: "rv-padding-picture",
      tabindex: 0,
      role: "slider",
      "aria-label": "Sequence",
      "aria-orientation": "vertical",
    },
    canvas,
  );
  const painter = new Painter(root, canvas, state);
  const tip = makeTooltip(root);
  let width = 0;
  let shown = new Map<number, Row>();
  let pointing = false;
  let stop = () => {};

  function paint(): void {
    if (width === 0) return;
    const place = cursor.get("sequence");
    painter.paint(width, shown, pointing ? place : null);
    set(element, {
      "aria-valuemin": 0,
      "aria-valuemax": state.lengths.length - 1,
      "aria-valuenow": Math.min(place, state.lengths.length - 1),
      "aria-valuetext": state.sayPlace(place),
    });
  }
  const repaint = oncePerFrame(paint, signal);

  let held = false;
  root.addEventListener("pointerdown", (event) => {
    held = event.target instanceof HTMLInputElement && event.target.type === "range";
  });
  window.addEventListener("pointerup", () => (held = false), { signal });

  function arrange(): void {
    if (width === 0) return;
    const { rows } = state.arrangement;
    const before = shown;
    stop();
    // Only what is there already can move; a hand at a control sees its work at once.
    const same = before.size === rows.size && [...rows.keys()].every((place) => before.has(place));
    const moved = same && [...rows].some(([place, row]) => Math.abs(before.get(place)!.y - row.y) > 1);
    stop = animate(moved && !held ? 450 : 0, signal, (progress) => {
      shown = new Map(
        [...rows].map(([place, row]) => {
          const old = before.get(place);
          if (!same || !old || progress === 1) return [place, row];
          const mix = (from: number, to: number) => from + (to - from) * progress;
          return [place, { y: mix(old.y, row.y), until: mix(old.until, row.until) }];
        }),
      );
      paint();
    });
  }

  const leave = () => {
    pointing = false;
    tip.hide();
    repaint();
  };
  element.addEventListener("pointermove", (event) => {
    const { rows, thick } = state.arrangement;
    const y = event.clientY - canvas.getBoundingClientRect().top;
    const found = [...rows].find(([, row]) => y >= row.y && y < row.y + thick);
    if (!found) return leave();
    pointing = true;
    cursor.move({ sequence: found[0] });
    tip.show(state.sayPlace(found[0]), event.clientX, event.clientY);
    repaint();
  });
  element.addEventListener("pointerleave", leave);
  element.addEventListener("blur", leave);
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { rows, thick } = state.arrangement;
    const order = [...rows.keys()];
    const at = Math.max(0, order.indexOf(cursor.get("sequence")));
    const next = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: order.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    pointing = true;
    const place = order[Math.max(0, Math.min(order.length - 1, next))];
    cursor.move({ sequence: place });
    const box = canvas.getBoundingClientRect();
    tip.show(state.sayPlace(place), box.left + LEFT + 40, box.top + rows.get(place)!.y + thick);
    repaint();
  });
  cursor.on(repaint);
  onTheme(signal, paint);
  onWidth(element, signal, (now) => {
    width = now;
    shown = new Map();
    arrange();
  });
  return { element, arrange };
}
