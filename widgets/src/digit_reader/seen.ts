// The few pixels the network is given, and beside each row the answer it would give there.
import { makeRamp, readColour, type Scale } from "../lib/draw/colours";
import { cellAt, paintMap } from "../lib/draw/heatmap";
import { h, s, set } from "../lib/page/dom";
import { onWidth } from "../lib/page/widget";
import { changesOfMind, favourite, percent } from "./reader";
import type { ReaderState } from "./state";

/** Height of a line of words. */
const WORDS = 12;

export interface Seen {
  element: HTMLElement;
  paint(): void;
  /** Takes the page's colours again. */
  recolour(): void;
  mark(row: number): void;
}

/** Ink looks like ink: no hue of a vector's, and none of a sign's. */
export const inkScale = (root: HTMLElement): Scale => ({
  low: 0,
  high: 1,
  ramp: makeRamp(["--rv-mid", "--rv-ink"].map((property) => readColour(root, property))),
});

export function makeSeen(
  root: HTMLElement,
  signal: AbortSignal,
  state: ReaderState,
  goTo: (row: number) => void,
): Seen {
  const { rows, columns } = state;
  const canvas = h("canvas", { "aria-hidden": "true" });
  const unread = h("div", { class: "rv-unread" });
  const mark = h("div", { class: "rv-row-mark" });
  const image = h("div", { class: "rv-map rv-seen-image" }, canvas, unread, mark);
  const thoughts = s("svg", { class: "rv-thoughts", "aria-hidden": "true" });
  const element = h("div", { class: "rv-seen", style: `--rv-aspect: ${columns} / ${rows}` }, image, thoughts);
  const lines = Array.from({ length: rows }, () => {
    const [bar, name, share] = [s("rect", { rx: 2 }), s("text"), s("text", { class: "rv-share" })];
    const change = s("text", { class: "rv-change" }, "✱");
    thoughts.append(bar, name, share, change);
    return { bar, name, share, change };
  });
  let scale = inkScale(root);
  let [width, height] = [0, 0];
  image.addEventListener("pointerdown", (event) =>
    goTo(cellAt(image.getBoundingClientRect(), rows, columns, event.clientX, event.clientY).row),
  );
  onWidth(element, signal, () => {
    height = image.clientHeight;
    width = Math.max(60, element.clientWidth - image.clientWidth - 8);
    set(thoughts, { width, height });
    paint();
  });

  function paint(): void {
    const { ink, opinions } = state;
    paintMap(canvas, { rows, columns, at: (row, column) => ink.data[row * columns + column] }, scale);
    const pitch = height / rows;
    const changes = new Set(changesOfMind(opinions));
    const told = chooseTold(rows, pitch, changes);
    const room = Math.max(10, width - 92);
    lines.forEach(({ bar, name, share, change }, row) => {
      const best = favourite(opinions[row]);
      const sure = best < 0 ? 0 : opinions[row][best];
      const y = (row + 0.5) * pitch;
      set(bar, { x: 30, y: y - pitch * 0.3, width: room * sure, height: Math.max(1, pitch * 0.6) });
      set(name, { x: 12, y: y + 5 });
      set(share, { x: 36 + room * sure, y: y + 4 });
      set(change, { x: width - 8, y: y + 5 });
      name.textContent = told.has(row) ? (best < 0 ? "?" : String(best)) : "";
      share.textContent = told.has(row) && best >= 0 ? percent(sure) : "";
      change.style.display = changes.has(row) ? "" : "none";
      name.classList.toggle("rv-changed", changes.has(row));
    });
  }

  return {
    element,
    paint,
    recolour() {
      scale = inkScale(root);
    },
    mark(row) {
      unread.style.cssText = `top: ${(100 * (row + 1)) / rows}%; left: 0`;
      mark.style.cssText = `top: ${(100 * row) / rows}%; height: ${100 / rows}%`;
      for (const [k, { bar }] of lines.entries()) bar.classList.toggle("rv-now", k === row);
    },
  };
}

/** Where rows are too thin for words, those have them where something happens, as far as there is room. */
export function chooseTold(rows: number, pitch: number, changes: ReadonlySet<number>): Set<number> {
  const told = new Set<number>();
  let above = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < rows - 1; row++) {
    const y = (row + 0.5) * pitch;
    const happens = pitch >= WORDS || row === 0 || changes.has(row);
    if (!happens || y - above < WORDS || (rows - 0.5) * pitch - y < WORDS) continue;
    told.add(row);
    above = y;
  }
  return told.add(rows - 1);
}
