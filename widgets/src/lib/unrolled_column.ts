// One column of the unrolled graph: every vector of one time step, as cells that answer to hover and click.
import type { Scale } from "./colours";
import { cssColour, hueProperty, inkOn } from "./colours";
import { s } from "./dom";
import { formatShort, subscript } from "./format";
import { paintMap } from "./heatmap";
import type { Band, Layout } from "./unrolled_layout";
import { cellUnder } from "./unrolled_layout";

export interface Column {
  group: SVGGElement;
  label: SVGTextElement;
  /** The words under it, where the author gave some. */
  words: SVGTextElement;
  /** One for each band; null where a band has no vector at this step. */
  frames: (SVGRectElement | null)[];
  /** The tinted ground of the column; it lies under the arrows, which lie under the vectors. */
  ground: SVGRectElement;
}

interface Content {
  scales: Scale[];
  isAt: (band: Band) => boolean;
  /** Whether the cost looks at this step, or null where no cost is drawn. */
  inCost: boolean | null;
  words: string;
  /** What an output says, written above it; empty where it has no names. */
  said: (band: Band) => string;
  values: (band: Band) => ArrayLike<number>;
  /** What stood there before the reader's changes, or null where nothing was changed. */
  before: (band: Band) => ArrayLike<number> | null;
  hover: (band: Band, unit: number, x: number, y: number) => void;
  leave: () => void;
  pick: (band: Band, unit: number) => void;
}

/** More units than this are painted as one picture: a thousand SVG rectangles a column would stutter. */
const MANY = 96;
/** A cell this wide has room for its number. */
const READABLE = 34;

export function drawColumn(step: number, layout: Layout, content: Content): Column {
  const group = s("g");
  const below = layout.height - 6;
  const label = s("text", { y: layout.labels ? below - 18 : below, class: "rv-time" }, `t = ${step}`);
  const words = s("text", { y: below, class: "rv-time rv-words" }, content.words);
  const ground = s("rect", {
    class: "rv-band",
    x: -layout.pitch / 2 + 3,
    y: 2,
    width: layout.pitch - 6,
    height: layout.height - 4,
    rx: 8,
  });
  group.append(label, words);
  if (layout.cost && content.inCost !== null) group.append(costOf(step, layout.cost, content.inCost));
  const frames = layout.bands.map((band, b) => {
    if (!content.isAt(band)) return null;
    const { strip } = band;
    const leftOut = band.what === "y" && content.inCost === false;
    const frame = s("rect", {
      class: "rv-vector",
      style: `stroke: var(${hueProperty(band.what)})`,
      x: -strip.width / 2 - 3,
      y: band.y - 3,
      width: strip.width + 6,
      height: strip.height + 6,
      rx: 5,
    });
    const values = content.values(band);
    const drawn = s(
      "g",
      { class: leftOut ? "rv-left-out" : null },
      frame,
      ...(band.units > MANY
        ? [pictureOf(band, values, content.scales[b])]
        : cellsOf(band, values, content, b)),
      ...(strip.cellWidth >= READABLE ? numbersOf(band, values, content.scales[b]) : []),
      sensorOf(band, content),
    );
    const said = content.said(band);
    if (said) drawn.append(s("text", { class: "rv-said", y: band.y - 9 }, said));
    group.append(drawn);
    return frame;
  });
  return { group, label, words, frames, ground };
}

/** This step's part of the cost; grey and dashed where the cost leaves it out. */
function costOf(step: number, { y, radius }: { y: number; radius: number }, inCost: boolean): SVGElement {
  return s(
    "g",
    { class: inCost ? "rv-step-cost" : "rv-step-cost rv-left-out" },
    s("circle", { cy: y, r: radius }),
    s("text", { y: y + 4 }, inCost ? `L${subscript(step)}` : "–"),
  );
}

function cellsOf(band: Band, values: ArrayLike<number>, content: Content, b: number): SVGElement[] {
  const { columns, cellWidth, cellHeight, width } = band.strip;
  const before = content.before(band);
  return Array.from({ length: band.units }, (_, unit) =>
    s("rect", {
      class: before !== null && before[unit] !== values[unit] ? "rv-unit rv-changed" : "rv-unit",
      x: (unit % columns) * cellWidth - width / 2,
      y: band.y + Math.floor(unit / columns) * cellHeight,
      width: cellWidth,
      height: cellHeight,
      fill: cssColour(values[unit], content.scales[b]),
    }),
  );
}

function pictureOf({ strip, units, y }: Band, values: ArrayLike<number>, scale: Scale): SVGElement {
  const canvas = document.createElement("canvas");
  const at = (row: number, column: number) => {
    const unit = row * strip.columns + column;
    return unit < units ? values[unit] : Number.NaN;
  };
  paintMap(canvas, { rows: strip.rows, columns: strip.columns, at }, scale);
  return s("image", {
    href: canvas.toDataURL(),
    x: -strip.width / 2,
    y,
    width: strip.width,
    height: strip.height,
    preserveAspectRatio: "none",
    style: "image-rendering: pixelated",
  });
}

/** The values themselves, written into the cells. */
function numbersOf({ strip, units, y }: Band, values: ArrayLike<number>, scale: Scale): SVGElement[] {
  return Array.from({ length: units }, (_, unit) =>
    s(
      "text",
      {
        class: "rv-number",
        x: (unit + 0.5) * strip.cellWidth - strip.width / 2,
        y: y + strip.cellHeight / 2 + 4,
        style: `fill: ${inkOn(values[unit], scale)}`,
      },
      formatShort(values[unit]),
    ),
  );
}

/** One see-through rectangle over a vector, which knows which cell lies under the pointer. */
function sensorOf(band: Band, { hover, leave, pick }: Content): SVGElement {
  const { strip, units, y } = band;
  const sensor = s("rect", {
    class: "rv-sensor",
    x: -strip.width / 2,
    y,
    width: strip.width,
    height: strip.height,
  });
  const unitAt = (event: MouseEvent) => {
    const box = sensor.getBoundingClientRect();
    return cellUnder(strip, units, event.clientX - box.left, event.clientY - box.top);
  };
  sensor.addEventListener("pointermove", (event) => {
    const unit = unitAt(event);
    if (unit >= 0) hover(band, unit, event.clientX, event.clientY);
    else leave();
  });
  sensor.addEventListener("pointerleave", leave);
  sensor.addEventListener("click", (event) => {
    const unit = unitAt(event);
    if (unit >= 0) pick(band, unit);
  });
  return sensor;
}
