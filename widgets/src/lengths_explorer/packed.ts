// The packed layout, on the same time axis: the longest first, and how many are still running at each step.
import { s } from "../lib/page/dom";
import { STAIR } from "./layout";
import { packBatch } from "./lengths";
import type { Board } from "./row";
import { drawFrame, drawStrip } from "./strip";

export function drawPacked({ state, layout, scales }: Board, step: number, chosen: number): SVGElement[] {
  const { left, cell, stairs, short, x } = layout;
  const { steps, lengths } = state;
  const packed = packBatch(lengths);
  const text = (at: number, y: number, words: string | number, look: string) =>
    s("text", { x: at, y, class: look }, words);
  const title = short ? "packed: longest first" : "packed: what is really computed, longest first";
  const parts: SVGElement[] = [text(0, stairs - 22, title, "rv-start rv-strong")];
  packed.sorted.forEach((sequence, place) => {
    const y = stairs + place * STAIR;
    const name = short ? `${sequence}` : `sequence ${sequence}`;
    const strip = { x: x(0), y: y + 2, cell, height: STAIR - 6 };
    const vectors = Array.from({ length: steps }, (_, t) => state.packedAt(sequence, t));
    parts.push(
      text(left - 10, y + 16, name, sequence === chosen ? "rv-end rv-strong" : "rv-end"),
      drawStrip(vectors, state.units, scales.output, strip),
      ...Array.from({ length: lengths[sequence] }, (_, t) => drawFrame(t, strip, "rv-h")),
    );
  });
  const below = stairs + state.sequences * STAIR + 14;
  for (let t = 0; t < steps; t++) {
    const look = t === step ? "rv-tick rv-now" : "rv-tick";
    parts.push(text(x(t) + cell / 2, below, packed.batchSizes[t] ?? 0, look));
  }
  parts.push(text(left - 10, below, short ? "" : "batch_sizes", "rv-end"));
  return parts;
}
