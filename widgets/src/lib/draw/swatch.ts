// How the curves of several models are told apart: by hue, and by dashes for those who do not see hues.
import { s } from "../page/dom";

/** Solid for the first, then ever more broken. */
const DASHES = [[], [7, 4], [2, 3], [9, 4, 2, 4]];

/** The custom property with the colour of the curve of that number. */
export const curveProperty = (index: number): string => `--rv-curve-${(index % 6) + 1}`;

export const curveDash = (index: number): number[] => DASHES[index % DASHES.length];

/** A piece of a line, as a legend shows it. */
export const swatch = (property: string, dash: number[] = []): SVGElement =>
  s(
    "svg",
    { class: "rv-swatch", viewBox: "0 0 26 6", width: 26, height: 6, "aria-hidden": "true" },
    s("path", {
      d: "M0 3H26",
      style: `stroke: var(${property})`,
      "stroke-dasharray": dash.join(" ") || null,
    }),
  );
