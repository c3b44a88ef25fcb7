// Vectors as coloured strips, and the frames around them.
import type { Scale } from "../lib/draw/colours";
import { paintMap } from "../lib/draw/heatmap";
import { s } from "../lib/page/dom";

export interface Place {
  x: number;
  y: number;
  cell: number;
  height: number;
}

/** Vectors of `size` numbers side by side, one a step, cut apart so that their frames have room. */
export function drawStrip(
  vectors: (ArrayLike<number> | null)[],
  size: number,
  scale: Scale,
  place: Place,
): SVGElement {
  const canvas = document.createElement("canvas");
  const count = vectors.length;
  // Of a thousand units, those shown that a screen has pixels for.
  const shown = Math.max(1, Math.min(size, Math.floor(4096 / count)));
  const at = (_: number, column: number) =>
    vectors[Math.floor(column / shown)]?.[Math.floor(((column % shown) * size) / shown)] ?? Number.NaN;
  paintMap(canvas, { rows: 1, columns: shown * count, at }, scale);
  const href = canvas.toDataURL();
  const stretched = { preserveAspectRatio: "none", height: 1 };
  const cut = (t: number) =>
    s(
      "svg",
      {
        x: place.x + t * place.cell + 3,
        y: place.y,
        width: place.cell - 6,
        height: place.height,
        viewBox: `${t * shown} 0 ${shown} 1`,
        preserveAspectRatio: "none",
      },
      s("image", { ...stretched, href, width: shown * count, style: "image-rendering: pixelated" }),
    );
  return s("g", {}, ...vectors.map((each, t) => (each ? cut(t) : s("g"))));
}

/** The frame around the vector of step `t`. */
export const drawFrame = (t: number, { x, y, cell, height }: Place, look: string): SVGElement =>
  s("rect", {
    class: `rv-step-frame ${look}`,
    x: x + t * cell + 3,
    y,
    width: cell - 6,
    height,
    rx: 4,
  });
