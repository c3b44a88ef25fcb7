// What runs between the vectors of the unrolled graph: arrows forward, loops when folded, ribbons of gradient back.
import type { Feed } from "./cells";
import { s } from "./dom";
import { formatNumber } from "./format";
import type { Tooltip } from "./tooltip";
import type { Band, Layout } from "./unrolled_layout";
import { ribbonWidth } from "./unrolled_layout";

/** Where the graph stands at this moment. */
export interface Place {
  /** Tells this graph's arrow heads from those of another on the page. */
  id: string;
  layout: Layout;
  /** 0 folded, 1 spread out. */
  fold: number;
  /** First and last visible step, and the current one. */
  from: number;
  to: number;
  step: number;
  x: (step: number) => number;
  presence: (step: number) => number;
}

type Hue = "x" | "h";
const PROPERTY = { x: "--rv-input", h: "--rv-state" };

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
  return s("defs", {}, head("x"), head("h"));
}

/** Upwards from each vector to those that read it, and from each state to the next step's. */
export function drawArrows(place: Place, feeds: Feed[], isReverse: (layer: number) => boolean): SVGElement[] {
  const { layout, fold, from, to, step, x, presence } = place;
  const drawn: SVGElement[] = [];
  for (let k = from; k <= to; k++) {
    const share = presence(k);
    if (share < 0.02) continue;
    const current = k === step;
    layout.bands.forEach((band, b) => {
      if (band.what === "x") return;
      for (const source of sourcesOf(layout.bands, band, feeds)) {
        const below = layout.bands[source];
        const hue = below.what === "x" ? "x" : "h";
        drawn.push(arrow(place, upward(x(k), below, band, b - source > 1), hue, share, current));
      }
      if (share * fold >= 0.02) drawn.push(...drawRecurrence(place, band, k, isReverse(band.layer)));
    });
  }
  return drawn;
}

/** Which bands feed this one: an LSTM's hidden state only its own cell state, all else what the layer reads. */
function sourcesOf(bands: Band[], band: Band, feeds: Feed[]): number[] {
  const find = (layer: number, what: Band["what"]) =>
    bands.findIndex((other) => other.layer === layer && other.what === what);
  if (band.what === "hidden" && find(band.layer, "cell") >= 0) return [];
  const { layers, data } = feeds[band.layer];
  return layers.length ? layers.map((layer) => find(layer, "hidden")) : [find(data, "x")];
}

function upward(x: number, below: Band, above: Band, passes: boolean): string {
  const [start, end] = [below.y - 4, above.y + above.strip.height + 7];
  if (!passes) return `M${x} ${start}V${end}`;
  // Around the vectors in between, which this arrow does not touch.
  const side = Math.max(below.strip.width, above.strip.width) / 2;
  const out = x + side + 16;
  return `M${x + side - 12} ${start}C${out} ${start - 16} ${out} ${end + 22} ${x + side - 12} ${end}`;
}

function drawRecurrence(place: Place, band: Band, k: number, reverse: boolean): SVGElement[] {
  const { from, to, step, x, fold, presence, layout } = place;
  const middle = band.y + band.strip.height / 2;
  const half = band.strip.width / 2;
  const towards = reverse ? -1 : 1;
  const end = x(k) - towards * (half + 6);
  const before = k - towards;
  const seen = before >= from && before <= to;
  // The arrow that comes from out of sight still says that there was a step before.
  const start = seen
    ? x(before) + towards * (half + 5)
    : Math.max(2, Math.min(layout.width - 2, end - towards * 26));
  const drawn: SVGElement[] = [
    arrow(place, `M${start} ${middle}H${end}`, "h", presence(k) * fold, k === step),
  ];
  if (k === 0 && !reverse)
    drawn.push(
      s(
        "text",
        { x: start - 1, y: middle - 6, class: "rv-initial", opacity: presence(k) * fold },
        band.what === "cell" ? "c₋₁" : "h₋₁",
      ),
    );
  return drawn;
}

/** Folded, every state comes back to itself one step later. */
export function drawLoops(place: Place): SVGElement[] {
  const { layout, fold, step } = place;
  const share = (1 - fold) ** 2;
  if (share < 0.02) return [];
  const x = place.x(step);
  return layout.bands
    .filter((band) => band.what !== "x")
    .flatMap((band) => {
      const middle = band.y + band.strip.height / 2;
      const half = band.strip.width / 2;
      const reach = Math.min(54, layout.width / 2 - half - 14);
      // The hidden state's loop runs over its vector, the cell state's under it.
      const side = band.what === "cell" ? -1 : 1;
      const far = band.what === "cell" ? band.y + band.strip.height + 14 : band.y - 27;
      const d =
        `M${x + half + 5} ${middle}h${reach - 26}q12 0 12 ${-12 * side}V${far + 10 * side}` +
        `q0 ${-10 * side} -10 ${-10 * side}H${x - half - reach + 10}q-10 0 -10 ${10 * side}` +
        `V${middle - 12 * side}q0 ${12 * side} 12 ${12 * side}h${reach - 28}`;
      const words = s(
        "text",
        { x: x + half + reach - 4, y: middle + 4, opacity: share },
        band.what === "cell" ? "c, one step later" : "h, one step later",
      );
      const loop = arrow(place, d, "h", share, true);
      // Where the card is too narrow for the words, the loop speaks for itself.
      return x + half + reach + 110 < layout.width ? [loop, words] : [loop];
    });
}

/** Between two steps, a ribbon as wide as the gradient that flows back there. */
export function drawRibbons(place: Place, band: Band, norms: number[], tooltip: Tooltip): SVGElement[] {
  const { from, to, x, fold } = place;
  if (fold < 0.02) return [];
  const largest = norms.reduce((most, norm) => Math.max(most, norm), 0);
  const middle = band.y + band.strip.height / 2;
  const drawn: SVGElement[] = [];
  for (let k = Math.max(1, from); k <= to; k++) {
    const width = ribbonWidth(norms[k - 1], largest);
    const right = x(k) - band.strip.width / 2 - 6;
    const left = k > from ? x(k - 1) + band.strip.width / 2 + 6 : Math.max(2, right - 26);
    const ribbon = s("path", {
      d: `M${right} ${middle}H${left}`,
      "stroke-width": width,
      "stroke-opacity": 0.25 + (0.6 * width) / 14,
      opacity: fold,
    });
    const text = `‖∂L/∂h‖ at t = ${k - 1}: ${formatNumber(norms[k - 1])}`;
    ribbon.addEventListener("pointermove", (event) => tooltip.show(text, event.clientX, event.clientY));
    ribbon.addEventListener("pointerleave", tooltip.hide);
    drawn.push(ribbon);
  }
  return drawn;
}
