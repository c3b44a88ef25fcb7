// What runs between the vectors of the unrolled graph: arrows forward, loops when folded, ribbons of gradient back.

import type { Tooltip } from "../lib/draw/tooltip";
import { s } from "../lib/page/dom";
import { formatNumber, subscript } from "../lib/words/format";
import type { Band, Layout } from "./layout";
import { ROW_GAP, ribbonWidth } from "./layout";
import type { Flow, Plan } from "./plan";
import { directionOf } from "./plan";

/** Where the graph stands at this moment. */
export interface Place {
  /** Tells this graph's arrow heads from those of another on the page. */
  id: string;
  plan: Plan;
  /** Whether names stand above the outputs. */
  named: boolean;
  sequence: number;
  layout: Layout;
  /** 0 folded, 1 spread out. */
  fold: number;
  /** First and last visible step, and the current one. */
  from: number;
  to: number;
  step: number;
  x: (step: number) => number;
  presence: (step: number) => number;
  /** How large the gradients are in this sequence: as recorded, or after the reader's changes. */
  flow: Flow;
}

type Hue = "x" | "h" | "y" | "cost";
const PROPERTY: Record<Hue, string> = {
  x: "--rv-input",
  h: "--rv-state",
  y: "--rv-output",
  cost: "--rv-line-2",
};

function arrow({ id }: Place, d: string, hue: Hue, opacity: number, current: boolean): SVGPathElement {
  return s("path", {
    d,
    opacity: opacity.toFixed(3),
    class: current ? "rv-arrow rv-current" : "rv-arrow",
    "marker-end": `url(#rv-head-${hue}-${id})`,
    style: `stroke: var(${PROPERTY[hue]})`,
  });
}

export function arrowHeads(id: string): SVGElement {
  const head = (hue: Hue) =>
    s(
      "marker",
      {
        id: `rv-head-${hue}-${id}`,
        viewBox: "0 0 8 8",
        refX: 6,
        refY: 4,
        markerWidth: 11,
        markerHeight: 11,
        markerUnits: "userSpaceOnUse",
        orient: "auto",
      },
      s("path", { d: "M0 0.5L7 4L0 7.5z", style: `fill: var(${PROPERTY[hue]})` }),
    );
  return s("defs", {}, ...(Object.keys(PROPERTY) as Hue[]).map(head));
}

/** The bands that have a vector in this column. */
const bandsAt = ({ layout, plan, sequence }: Place, k: number): Band[] =>
  layout.bands.filter((band) => plan.isAt(band, k, sequence));

/** Upwards from each vector to those that read it, and from each state to the next step's. */
export function drawArrows(place: Place): SVGElement[] {
  const { layout, plan, fold, from, to, step, presence, sequence } = place;
  const drawn: SVGElement[] = [];
  for (let k = from; k <= to; k++) {
    const share = presence(k);
    if (share < 0.02) continue;
    const current = k === step;
    const bands = bandsAt(place, k);
    for (const band of bands) {
      if (band.what === "x") {
        drawn.push(...drawUnknown(place, bands, band, k, share));
        continue;
      }
      for (const below of sourcesOf(place, bands, band)) {
        const hue = below.what === "x" ? "x" : band.what === "y" ? "y" : "h";
        const passes = bands.some(({ slot }) => slot > below.slot && slot < band.slot);
        drawn.push(arrow(place, upward(place.x(k), below, band, passes), hue, share, current));
      }
      // An LSTM's hidden state reads its own cell state alone.
      if (plan.feeds[band.layer].mask && sourcesOf(place, bands, band).length > 0)
        drawn.push(...between(place, place.x(k), band.y + band.strip.height + ROW_GAP / 2, "dropout", share));
      if (band.what !== "y" && share * fold >= 0.02) drawn.push(...drawRecurrence(place, band, k));
    }
    if (layout.cost && plan.isInCost(k, sequence)) {
      const read = bands.filter(({ what }) => what === (plan.readout < 0 ? "hidden" : "y")).at(-1);
      const end = layout.cost.y + layout.cost.radius + 5;
      if (read)
        drawn.push(
          arrow(place, `M${place.x(k)} ${read.y - (place.named ? 22 : 4)}V${end}`, "cost", share, current),
        );
    }
  }
  return drawn;
}

/** Which vectors feed this one: an LSTM's hidden state only its own cell state, all else what the layer reads. */
function sourcesOf({ plan }: Place, bands: Band[], band: Band): Band[] {
  const find = (layer: number, what: Band["what"]) =>
    bands.filter((other) => other.layer === layer && other.what === what);
  if (band.what === "hidden" && find(band.layer, "cell").length > 0) return [];
  const { layers, data } = plan.feeds[band.layer];
  return layers.length ? layers.flatMap((layer) => find(layer, "hidden")) : find(data, "x");
}

/** What lies between two vectors: a box with its name, or a question mark where nothing is known of it. */
function between({ layout }: Place, x: number, y: number, name: string, share: number): SVGElement[] {
  const width = name === "?" ? 20 : 54;
  const text = width > layout.pitch - 24 ? "d" : name;
  const half = text === name ? width / 2 : 9;
  return [
    s("rect", {
      class: "rv-between",
      x: x - half,
      y: y - 8,
      width: 2 * half,
      height: 16,
      rx: 4,
      opacity: share,
    }),
    s("text", { class: "rv-between", x, y: y + 4, opacity: share }, text),
  ];
}

/** Before a vector that was computed from recorded states in an unknown way: a box, and arrows into and out of it. */
function drawUnknown(place: Place, bands: Band[], band: Band, k: number, share: number): SVGElement[] {
  const { unknown } = place.plan.feeds[band.layer];
  if (!unknown) return [];
  const x = place.x(k);
  const y = band.y + band.strip.height + ROW_GAP / 2;
  const current = k === place.step;
  const below = bands.filter(({ layer, what }) => what === "hidden" && unknown.includes(layer));
  return [
    ...below.map((source) => {
      const passes = bands.some(({ slot }) => slot > source.slot && slot < band.slot);
      const box = { ...band, y: y + 1, strip: { ...band.strip, height: 0 } };
      return arrow(place, upward(x, source, box, passes), "h", share, current);
    }),
    arrow(place, `M${x} ${y - 8}V${band.y + band.strip.height + 7}`, "x", share, current),
    ...between(place, x, y, "?", share),
  ];
}

function upward(x: number, below: Band, above: Band, passes: boolean): string {
  const [start, end] = [below.y - 4, above.y + above.strip.height + 7];
  if (!passes) return `M${x} ${start}V${end}`;
  // Around the vectors in between, which this arrow does not touch.
  const side = Math.max(below.strip.width, above.strip.width) / 2;
  const out = x + side + 16;
  return `M${x + side - 12} ${start}C${out} ${start - 16} ${out} ${end + 22} ${x + side - 12} ${end}`;
}

/** The vector one step earlier in the order in which the layer runs: its own, or that of the layer it continues. */
function earlierOf({ layout, plan, sequence }: Place, band: Band, k: number): Band | null {
  const { reverse } = plan.trace.layers[band.layer];
  if (plan.stepOf(band.layer, k - directionOf(plan.trace.layers[band.layer]).by, sequence) >= 0) return band;
  const { origin, takes } = plan.feeds[band.layer];
  if (origin === undefined || reverse || !takes.includes(band.what)) return null;
  return layout.bands.find(({ layer, what }) => layer === origin && what === band.what) ?? null;
}

function drawRecurrence(place: Place, band: Band, k: number): SVGElement[] {
  const { plan, from, to, step, x, fold, presence, layout } = place;
  const { reverse } = plan.trace.layers[band.layer];
  const middle = band.y + band.strip.height / 2;
  const towards = directionOf(plan.trace.layers[band.layer]).by;
  const end = x(k) - towards * (band.strip.width / 2 + 6);
  const before = k - towards;
  const earlier = earlierOf(place, band, k);
  const seen = earlier !== null && before >= from && before <= to;
  // The arrow that comes from out of sight still says that there was a step before.
  const start = seen
    ? x(before) + towards * (earlier.strip.width / 2 + 5)
    : Math.max(2, Math.min(layout.width - 2, end - towards * 26));
  const line = arrow(place, `M${start} ${middle}H${end}`, "h", presence(k) * fold, k === step);
  const drawn: SVGElement[] = [line];
  const say = (text: string, at: number) =>
    s("text", { x: at, y: middle - 7, class: "rv-initial", opacity: presence(k) * fold }, text);
  if (earlier && earlier.layer !== band.layer) {
    line.classList.add("rv-handover");
    if (seen && band.what === "hidden" && end - start > 66) drawn.push(say("hands over", (start + end) / 2));
  } else if (!earlier && plan.feeds[band.layer].unknownOrigins.length > 0) {
    // Computed from another layer's last state, in a way that is not known.
    drawn.push(...between(place, end - towards * 20, middle, "?", presence(k) * fold));
  } else if (!earlier && !reverse) {
    drawn.push(say(band.what === "cell" ? "c₋₁" : "h₋₁", start - 1));
  }
  return drawn;
}

/** Folded, every state comes back to itself at the step that its layer runs next. */
export function drawLoops(place: Place): SVGElement[] {
  const { layout, fold, step, plan } = place;
  const share = (1 - fold) ** 2;
  if (share < 0.02) return [];
  const x = place.x(step);
  return bandsAt(place, step)
    .filter((band) => band.what === "hidden" || band.what === "cell")
    .flatMap((band) => {
      const middle = band.y + band.strip.height / 2;
      const half = band.strip.width / 2;
      const reach = Math.min(54, layout.width / 2 - half - 14);
      // The hidden state's loop runs over its vector, the cell state's under it.
      const side = band.what === "cell" ? -1 : 1;
      const far = band.what === "cell" ? band.y + band.strip.height + 14 : band.y - 27;
      // A layer that runs back through time leaves on the left and comes in on the right.
      const { by, word } = directionOf(plan.trace.layers[band.layer]);
      const d =
        `M${x + by * (half + 5)} ${middle}h${by * (reach - 26)}q${by * 12} 0 ${by * 12} ${-12 * side}` +
        `V${far + 10 * side}q0 ${-10 * side} ${-10 * by} ${-10 * side}H${x - by * (half + reach - 10)}` +
        `q${-10 * by} 0 ${-10 * by} ${10 * side}V${middle - 12 * side}` +
        `q0 ${12 * side} ${12 * by} ${12 * side}h${by * (reach - 28)}`;
      const words = s(
        "text",
        {
          x: x + by * (half + reach - 4),
          y: middle + 4,
          opacity: share,
          "text-anchor": by > 0 ? "start" : "end",
        },
        `${band.what === "cell" ? "c" : "h"}, one step ${word}`,
      );
      const loop = arrow(place, d, "h", share, true);
      // Where the card is too narrow for the words, the loop speaks for itself.
      return x + half + reach + 110 < layout.width ? [loop, words] : [loop];
    });
}

/**
 * The backward pass, as wide as the gradient that flows there: down from the cost into each state, and back through
 * time. What the wave has not reached yet, to the left of the current step, is a shadow.
 */
export function drawRibbons(place: Place, tooltip: Tooltip): SVGElement[] {
  const { plan, layout, sequence, from, to, step, x, fold, flow } = place;
  if (fold < 0.02) return [];
  const { largest } = flow;
  const last = plan.steps(sequence) - 1;
  const drawn: SVGElement[] = [];
  const draw = (
    from: [number, number],
    to: [number, number],
    norm: number,
    reached: boolean,
    text: string,
  ) => {
    const width = ribbonWidth(norm, largest);
    if (width === 0) return;
    const [along, across] = [Math.sign(to[0] - from[0]), Math.sign(to[1] - from[1])];
    // The ribbon ends where its head begins.
    const neck = [to[0] - 9 * along, to[1] - 9 * across];
    const half = width / 2 + 4;
    const opacity = fold * (reached ? 1 : 0.22);
    const ribbon = s("path", {
      d: `M${from}L${neck}`,
      class: reached ? "rv-ribbon rv-reached" : "rv-ribbon",
      "stroke-width": width,
      "stroke-opacity": 0.25 + (0.6 * width) / 14,
      opacity,
    });
    ribbon.addEventListener("pointermove", (event) =>
      tooltip.show(`${text}: ${formatNumber(norm)}`, event.clientX, event.clientY),
    );
    ribbon.addEventListener("pointerleave", tooltip.hide);
    const side = (by: number) => [
      neck[0] + by * half * Math.abs(across),
      neck[1] + by * half * Math.abs(along),
    ];
    drawn.push(ribbon, s("polygon", { points: `${to} ${side(1)} ${side(-1)}`, opacity }));
  };
  for (const band of layout.bands) {
    const { layer, what } = band;
    if (what !== "hidden" && what !== "cell") continue;
    const middle = band.y + band.strip.height / 2;
    const half = band.strip.width / 2 + 6;
    const { reverse } = plan.trace.layers[layer];
    const onlyTotal = plan.tellsOnlyTotal(layer);
    const name = what === "cell" ? "c" : "h";
    // A layer that runs from the end has its gradient run from the beginning.
    const isReached = (k: number) => (reverse ? last - k : k) >= step;
    for (let k = from; k <= to; k++) {
      const own = plan.stepOf(layer, k, sequence);
      if (own < 0) continue;
      if (what === "hidden" && !isHandedOver(place, band, k))
        draw(
          [x(k), band.y - ROW_GAP + 10],
          [x(k), band.y - 5],
          flow.norm(onlyTotal ? "total" : "above", layer, own),
          isReached(k),
          onlyTotal
            ? `Gradient that reaches h${subscript(k)} in all, from above and from the step after it`
            : `Gradient that reaches h${subscript(k)} from above`,
        );
      const earlier = earlierOf(place, band, k);
      if (!earlier) continue;
      const towards = -directionOf(plan.trace.layers[layer]).by;
      const there = k + towards;
      const way = earlier.layer === layer ? what : "above";
      const norm = flow.norm(way, earlier.layer, plan.stepOf(earlier.layer, there, sequence));
      const start = x(k) + towards * half;
      const seen = there >= from && there <= to;
      const end = seen
        ? x(there) - towards * (earlier.strip.width / 2 + 5)
        : Math.max(2, Math.min(layout.width - 2, start + towards * 26));
      draw(
        [start, middle],
        [end, middle],
        norm,
        isReached(there),
        `Gradient that comes back to ${name}${subscript(there)} from t = ${k}`,
      );
    }
  }
  return drawn;
}

/** Whether what reaches this state from outside its layer comes from a layer that continues it. */
function isHandedOver({ plan, sequence }: Place, band: Band, k: number): boolean {
  const isOrigin = plan.feeds.some(({ origin }) => origin === band.layer);
  return isOrigin && plan.stepOf(band.layer, k + 1, sequence) < 0;
}
