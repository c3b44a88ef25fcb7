// The course's colours, read from the style sheet so that light and dark need no second table.

/** The custom property that carries the hue of each named array: one legend in the whole course. */
const HUES: Record<string, string> = {
  x: "--rv-input",
  hidden: "--rv-state",
  cell: "--rv-state",
  y: "--rv-output",
  input: "--rv-gate-input",
  forget: "--rv-gate-forget",
  candidate: "--rv-gate-candidate",
  output: "--rv-gate-output",
  reset: "--rv-gate-forget",
  update: "--rv-gate-input",
  grad_hidden: "--rv-grad",
  grad_cell: "--rv-grad",
};

/** Arrays whose values lie between 0 and 1: closed and open. The others have a sign. */
const VALVES = new Set(["input", "forget", "output", "reset", "update"]);

export const isValve = (name: string): boolean => VALVES.has(name);

export const hueProperty = (name: string): string => HUES[name] ?? "--rv-state";

/** What the style sheet says, by card, for as long as the page stays light or dark. */
const read = new WeakMap<Element, { theme: string; colours: Map<string, string> }>();

/**
 * A colour of the course's. Asking the browser makes it bring all styles up to date, which in the middle of a frame
 * costs more than the frame's drawing; so each card asks once.
 */
export function readColour(element: Element, property: string): string {
  const card = element.closest(".rnnviz") ?? element;
  const dark = window.matchMedia?.("(prefers-color-scheme: dark)").matches;
  const theme = `${document.body.dataset.jpThemeLight} ${dark}`;
  let known = read.get(card);
  if (known?.theme !== theme) {
    known = { theme, colours: new Map() };
    read.set(card, known);
  }
  let colour = known.colours.get(property);
  if (colour === undefined) {
    colour = getComputedStyle(card).getPropertyValue(property).trim();
    // Empty until the style sheet is there, or while the card is not in the page.
    if (colour) known.colours.set(property, colour);
  }
  return colour;
}

/** 256 colours, packed as a canvas stores them (ABGR), from the lowest to the highest value of a scale. */
export type Ramp = Uint32Array;

const ramps = new Map<string, Ramp>();

/** Red, green and blue of a colour as the style sheet writes ours, #rrggbb; black until the style sheet is there. */
function channelsOf(colour: string): number[] {
  const number = Number.parseInt(colour.slice(1), 16) || 0;
  return [number >> 16, (number >> 8) & 255, number & 255];
}

export function makeRamp(colours: string[]): Ramp {
  const key = colours.join();
  const made = ramps.get(key);
  if (made) return made;
  const ramp = new Uint32Array(256);
  ramps.set(key, ramp);
  const parts = colours.length - 1;
  const ends = colours.map(channelsOf);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * parts;
    const k = Math.min(Math.floor(at), parts - 1);
    const [r, g, b] = ends[k].map((from, channel) =>
      Math.round(from + (at - k) * (ends[k + 1][channel] - from)),
    );
    ramp[i] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return ramp;
}

export interface Scale {
  low: number;
  high: number;
  ramp: Ramp;
}

/** The scale an array is drawn in: its gate's hue from 0 to 1, or the diverging scale from −limit to limit. */
export function scaleOf(element: Element, name: string, limit = 1): Scale {
  const colour = (property: string) => readColour(element, property);
  return isValve(name)
    ? { low: 0, high: 1, ramp: makeRamp([colour("--rv-mid"), colour(hueProperty(name))]) }
    : {
        low: -limit,
        high: limit,
        ramp: makeRamp([colour("--rv-neg"), colour("--rv-mid"), colour("--rv-pos")]),
      };
}

/** Index into a ramp; NaN has none and gives −1. */
export function rampIndex(value: number, { low, high }: Scale): number {
  if (Number.isNaN(value)) return -1;
  const at = Math.round((255 * (value - low)) / (high - low || 1));
  return Math.max(0, Math.min(255, at));
}

export function cssColour(value: number, scale: Scale): string {
  const index = rampIndex(value, scale);
  if (index < 0) return "transparent";
  const packed = scale.ramp[index];
  return `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
}

/** Black or white, whichever reads better on this colour of the scale. */
export function inkOn(value: number, scale: Scale): string {
  const packed = scale.ramp[Math.max(0, rampIndex(value, scale))];
  const linear = (c: number) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance =
    0.2126 * linear(packed & 255) +
    0.7152 * linear((packed >> 8) & 255) +
    0.0722 * linear((packed >> 16) & 255);
  return luminance > 0.18 ? "#10131a" : "#ffffff";
}
