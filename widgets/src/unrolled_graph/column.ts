// One column of the unrolled graph: every vector of one time step, as cells that answer to hover and click.
import type { Scale } from "../lib/draw/colours";
import { cssColour, hueProperty, inkOn } from "../lib/draw/colours";
import { paintMap } from "../lib/draw/heatmap";
import { s } from "../lib/page/dom";
import { formatShort, subscript } from "../lib/words/format";
import type { Band, Layout } from "./layout";
import { cellUnder } from "./layout";

export interface Column {
  group: SVGGElement;
  label: SVGTextElement;
  /** The words under it, where the author gave some. */
  words: SVGTextElement;
  /** One for each band; null where a band has no vector at this step. */
  frames: (SVGRectElement | null)[];
  /** The tinted ground of the column; it lies under the arrows, which lie under the vectors. */
  ground: SVGRectElement;
  /** Which vectors it has; another step can move in where they are the same. */
  shape: string;
  /** Shows another step: new numbers in the same elements. */
  fill: (step: number, content: Content) => void;
}

export interface Content {
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

/** Which elements a column of this content consists of. */
export const shapeOf = ({ bands }: Layout, { isAt, inCost, said }: Content): string =>
  `${bands.map((band) => (isAt(band) ? (said(band) ? "s" : "v") : "-")).join("")} ${inCost}`;

export function drawColumn(step: number, layout: Layout, content: Content): Column {
  let now = content;
  const group = s("g");
  const below = layout.height - 6;
  const label = s("text", { y: layout.labels ? below - 18 : below, class: "rv-time" });
  const words = s("text", { y: below, class: "rv-time rv-words" });
  const ground = s("rect", {
    class: "rv-band",
    x: -layout.pitch / 2 + 3,
    y: 2,
    width: layout.pitch - 6,
    height: layout.height - 4,
    rx: 8,
  });
  group.append(label, words);
  const cost = layout.cost && content.inCost !== null ? costOf(layout.cost, content.inCost) : null;
  if (cost) group.append(cost.element);
  const vectors = layout.bands.map((band, b) =>
    content.isAt(band) ? drawVector(band, b, content, () => now) : null,
  );
  group.append(...vectors.flatMap((vector) => (vector ? [vector.element] : [])));
  const column: Column = {
    ...{ group, label, words, ground },
    frames: vectors.map((vector) => vector?.frame ?? null),
    shape: shapeOf(layout, content),
    fill(next, what) {
      now = what;
      label.textContent = `t = ${next}`;
      words.textContent = what.words;
      cost?.fill(next);
      for (const vector of vectors) vector?.fill(what);
    },
  };
  column.fill(step, content);
  return column;
}

interface Part {
  elements: SVGElement[];
  fill: (values: ArrayLike<number>, content: Content) => void;
}

function drawVector(band: Band, b: number, content: Content, now: () => Content) {
  const { strip } = band;
  const frame = s("rect", {
    class: "rv-vector",
    style: `stroke: var(${hueProperty(band.what)})`,
    x: -strip.width / 2 - 3,
    y: band.y - 3,
    width: strip.width + 6,
    height: strip.height + 6,
    rx: 5,
  });
  const parts: Part[] = [band.units > MANY ? pictureOf(band, b) : cellsOf(band, b)];
  if (strip.cellWidth >= READABLE) parts.push(numbersOf(band, b));
  const said = content.said(band) ? s("text", { class: "rv-said", y: band.y - 9 }) : null;
  const element = s(
    "g",
    { class: band.what === "y" && content.inCost === false ? "rv-left-out" : null },
    frame,
    ...parts.flatMap(({ elements }) => elements),
    sensorOf(band, now),
    said,
  );
  const fill = (what: Content) => {
    const values = what.values(band);
    for (const part of parts) part.fill(values, what);
    if (said) said.textContent = what.said(band);
  };
  return { element, frame, fill };
}

/** This step's part of the cost; grey and dashed where the cost leaves it out. */
function costOf({ y, radius }: { y: number; radius: number }, inCost: boolean) {
  const text = s("text", { y: y + 4 });
  const element = s(
    "g",
    { class: inCost ? "rv-step-cost" : "rv-step-cost rv-left-out" },
    s("circle", { cy: y, r: radius }),
    text,
  );
  return {
    element,
    fill(step: number) {
      text.textContent = inCost ? `L${subscript(step)}` : "–";
    },
  };
}

function cellsOf(band: Band, b: number): Part {
  const { columns, cellWidth, cellHeight, width } = band.strip;
  const cells = Array.from({ length: band.units }, (_, unit) =>
    s("rect", {
      x: (unit % columns) * cellWidth - width / 2,
      y: band.y + Math.floor(unit / columns) * cellHeight,
      width: cellWidth,
      height: cellHeight,
    }),
  );
  return {
    elements: cells,
    fill(values, content) {
      const before = content.before(band);
      for (const [unit, cell] of cells.entries()) {
        const changed = before !== null && before[unit] !== values[unit];
        cell.setAttribute("class", changed ? "rv-unit rv-changed" : "rv-unit");
        cell.setAttribute("fill", cssColour(values[unit], content.scales[b]));
      }
    },
  };
}

function pictureOf({ strip, units, y }: Band, b: number): Part {
  const canvas = document.createElement("canvas");
  const image = s("image", {
    x: -strip.width / 2,
    y,
    width: strip.width,
    height: strip.height,
    preserveAspectRatio: "none",
    style: "image-rendering: pixelated",
  });
  return {
    elements: [image],
    fill(values, { scales }) {
      const at = (row: number, column: number) => {
        const unit = row * strip.columns + column;
        return unit < units ? values[unit] : Number.NaN;
      };
      paintMap(canvas, { rows: strip.rows, columns: strip.columns, at }, scales[b]);
      image.setAttribute("href", canvas.toDataURL());
    },
  };
}

/** The values themselves, written into the cells. */
function numbersOf({ strip, units, y }: Band, b: number): Part {
  const texts = Array.from({ length: units }, (_, unit) =>
    s("text", {
      class: "rv-number",
      x: (unit + 0.5) * strip.cellWidth - strip.width / 2,
      y: y + strip.cellHeight / 2 + 4,
    }),
  );
  return {
    elements: texts,
    fill(values, { scales }) {
      for (const [unit, text] of texts.entries()) {
        text.style.fill = inkOn(values[unit], scales[b]);
        text.textContent = formatShort(values[unit]);
      }
    },
  };
}

/** One see-through rectangle over a vector, which knows which cell lies under the pointer. */
function sensorOf(band: Band, now: () => Content): SVGElement {
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
    if (unit >= 0) now().hover(band, unit, event.clientX, event.clientY);
    else now().leave();
  });
  sensor.addEventListener("pointerleave", () => now().leave());
  sensor.addEventListener("click", (event) => {
    const unit = unitAt(event);
    if (unit >= 0) now().pick(band, unit);
  });
  return sensor;
}
