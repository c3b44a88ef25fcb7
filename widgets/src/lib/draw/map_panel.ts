// One map with its heading, its axes, the marks of the cursor and of a brushed region.
import { range as counted } from "d3-array";
import { h, s, set } from "../page/dom";
import { formatShort } from "../words/format";
import { capital, sayArray } from "../words/sayings";
import { cssColour, hueProperty, type Scale } from "./colours";
import { cellAt, type Map2D, paintMap } from "./heatmap";
import { crop, type Region } from "./region";
import { visible } from "./text_layout";

/** Room for the numbers of the units and what they are, left of a map. */
export const GUTTER = 38;
/** Room for what stands under the columns, and for what they are. */
const BELOW = 31;

export interface Place {
  row: number;
  column: number;
}

export interface View {
  /** The whole map; rows in the order in which they stand. */
  map: Map2D;
  /** The part in view. */
  region: Region;
  scale: Scale;
  height: number;
  /** What stands at a row and under a column. */
  rowName: (row: number) => string;
  labels: string[] | undefined;
}

export interface MapPanel {
  element: HTMLElement;
  figure: HTMLElement;
  reading: HTMLElement;
  note: HTMLElement;
  /** Paints the values anew. */
  paint(view: View): void;
  /** Lays out the axes for the width there is. */
  size(width: number): void;
  /** The cursor's cell; a row or column out of view has no mark. */
  mark(place: Place): void;
  brush(region: Region | null): void;
  /** The cell under the pointer, in the whole map. */
  placeOf(event: PointerEvent): Place;
}

interface Options {
  name: string;
  /** In place of the array's name. */
  title?: string;
  hue?: string;
  /** What its columns are; its rows are units. */
  across?: string;
  hover: (place: Place, event: PointerEvent) => void;
  leave: () => void;
  /** Pressed, then dragged to, then released. */
  press: (place: Place, event: PointerEvent) => void;
  drag: (place: Place, event: PointerEvent) => void;
  release: () => void;
  /** A stretch of an axis that the pointer draws: of units, or of steps. */
  stretch?: (axis: "row" | "column", from: Place, to: Place) => void;
}

export function makeMapPanel(options: Options): MapPanel {
  const { name, title = capital(sayArray(name)), hue = hueProperty(name), across = "step t" } = options;
  const canvas = h("canvas", { "aria-hidden": "true" });
  const column = h("div", { class: "rv-column-mark" });
  const line = h("div", { class: "rv-row-mark" });
  const brushed = h("div", { class: "rv-brush", hidden: true });
  const reading = h("span", { class: "rv-reading" });
  const note = h("span", { class: "rv-note" });
  const bar = h("i", { class: "rv-range-bar" });
  const [least, most] = [h("span"), h("span")];
  const figure = h("div", { class: "rv-map", role: "img" }, canvas, column, line, brushed);
  const steps = s("svg", { class: "rv-axis rv-step-axis", height: BELOW, "aria-hidden": "true" });
  const units = s("svg", { class: "rv-axis rv-unit-axis", width: GUTTER, "aria-hidden": "true" });
  const heading = h(
    "div",
    { class: "rv-map-head" },
    h("strong", { style: `color: var(${hue})` }, title),
    reading,
    note,
    h("span", { class: "rv-range", "aria-hidden": "true" }, least, bar, most),
  );
  const element = h("div", { class: "rv-panel" }, heading, units, figure, steps);
  let view: View | null = null;

  function placeOf(event: PointerEvent): Place {
    const { region } = view!;
    const [rows, columns] = [region.bottom - region.top, region.right - region.left];
    const { row, column: at } = cellAt(
      figure.getBoundingClientRect(),
      rows,
      columns,
      event.clientX,
      event.clientY,
    );
    return { row: region.top + row, column: region.left + at };
  }

  const isReady = () => view !== null;
  followPointer(figure, placeOf, isReady, options);
  if (options.stretch) {
    stretchAlong("row", units, placeOf, isReady, options.stretch);
    stretchAlong("column", steps, placeOf, isReady, options.stretch);
  }

  function paint(next: View) {
    view = next;
    const { map, region, scale } = view;
    const part: Map2D = {
      rows: region.bottom - region.top,
      columns: region.right - region.left,
      at: (row, at) => map.at(region.top + row, region.left + at),
    };
    paintMap(canvas, part, scale);
    const stops = counted(0, 1.01, 0.25).map((at) =>
      cssColour(scale.low + at * (scale.high - scale.low), scale),
    );
    bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
    least.textContent = formatShort(scale.low);
    most.textContent = formatShort(scale.high);
    figure.style.height = `${view.height}px`;
  }

  function size(width: number) {
    if (!view || width <= 0) return;
    const { region, height, rowName, labels } = view;
    set(steps, { width: width + GUTTER });
    set(units, { height });
    steps.replaceChildren(
      ...stepTicks(region, width, labels),
      s("text", { x: GUTTER + width / 2, y: BELOW - 4 }, across),
    );
    units.replaceChildren(
      ...unitTicks(region, height, rowName),
      s("text", { transform: `translate(10 ${height / 2}) rotate(-90)` }, "unit"),
    );
  }

  function mark(place: Place) {
    if (!view) return;
    const { region } = view;
    put(column, crop({ ...region, left: place.column, right: place.column + 1 }, region));
    put(line, crop({ ...region, top: place.row, bottom: place.row + 1 }, region));
  }

  function brush(region: Region | null) {
    put(brushed, view && region ? crop(region, view.region) : null);
  }

  function put(box: HTMLElement, part: Region | null) {
    box.hidden = part === null;
    if (!part) return;
    const { top, bottom, left, right } = view!.region;
    const across = (at: number) => `${(100 * at) / (right - left)}%`;
    const down = (at: number) => `${(100 * at) / (bottom - top)}%`;
    box.style.cssText = `left: ${across(part.left - left)}; width: ${across(part.right - part.left)}; top: ${down(part.top - top)}; height: ${down(part.bottom - part.top)}`;
  }

  return { element, figure, reading, note, paint, size, mark, brush, placeOf };
}

/** A pointer that hovers, presses and drags over the map. */
function followPointer(
  figure: HTMLElement,
  placeOf: (event: PointerEvent) => Place,
  isReady: () => boolean,
  options: Options,
): void {
  figure.addEventListener("pointermove", (event) => {
    if (!isReady()) return;
    options.hover(placeOf(event), event);
    if (event.buttons & 1) options.drag(placeOf(event), event);
  });
  figure.addEventListener("pointerleave", options.leave);
  figure.addEventListener("pointerdown", (event) => {
    if (!isReady() || event.button !== 0) return;
    figure.setPointerCapture(event.pointerId);
    options.press(placeOf(event), event);
  });
  figure.addEventListener("pointerup", options.release);
}

/** A pointer that draws a stretch of an axis. */
function stretchAlong(
  axis: "row" | "column",
  strip: SVGElement,
  placeOf: (event: PointerEvent) => Place,
  isReady: () => boolean,
  stretch: (axis: "row" | "column", from: Place, to: Place) => void,
): void {
  strip.classList.add("rv-brushable");
  let from: Place | null = null;
  strip.addEventListener("pointerdown", (event) => {
    if (!isReady() || event.button !== 0) return;
    strip.setPointerCapture(event.pointerId);
    from = placeOf(event);
    stretch(axis, from, from);
  });
  strip.addEventListener("pointermove", (event) => {
    if (from) stretch(axis, from, placeOf(event));
  });
  for (const end of ["pointerup", "pointercancel"] as const)
    strip.addEventListener(end, () => {
      from = null;
    });
}

/** 1, 2, 5, 10, …: the least round number that leaves no more marks than there is room for. */
function roundStep(count: number, room: number): number {
  for (let size = 1; ; size *= 10)
    for (const step of [size, 2 * size, 5 * size]) if (count / step <= Math.max(1, room)) return step;
}

/** The round numbers from `first` up to `last`, so many apart. */
const rounds = (first: number, last: number, every: number): number[] =>
  counted(Math.ceil(first / every) * every, last, every);

/** Marks under a map: the sequence's own symbols where they fit, else the numbers of some steps. */
function stepTicks({ left, right }: Region, width: number, labels: string[] | undefined): SVGElement[] {
  const steps = right - left;
  const pitch = width / steps;
  const at = (t: number, text: string) => s("text", { x: GUTTER + (t - left + 0.5) * pitch, y: 13 }, text);
  const own = labels?.slice(left, right);
  const longest = own ? own.reduce((most, label) => Math.max(most, label.length), 0) : 0;
  if (own && longest * 7 + 2 <= pitch) return own.map((label, t) => at(left + t, visible(label)));
  const every = roundStep(steps, width / (own ? 14 + 8 * longest : 60));
  return rounds(left, right, every).map((t) => at(t, own ? visible(own[t - left]) : String(t)));
}

function unitTicks({ top, bottom }: Region, height: number, name: (row: number) => string): SVGElement[] {
  const rows = bottom - top;
  const every = roundStep(rows, Math.min(5, height / 14));
  return rounds(top, bottom, every).map((row) =>
    s(
      "text",
      { class: "rv-unit-tick", x: GUTTER - 5, y: ((row - top + 0.5) * height) / rows + 4 },
      name(row),
    ),
  );
}
