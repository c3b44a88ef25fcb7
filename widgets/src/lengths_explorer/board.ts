// The board of the batch: every sequence in its row, the packed layout below, and handles where sequences end.
import { type Scale, scaleOf } from "../lib/draw/colours";
import { makeTooltip } from "../lib/draw/tooltip";
import { h, s, set } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { formatNumber } from "../lib/words/format";
import { makeGrips } from "./grips";
import { type Layout, layOut } from "./layout";
import { drawPacked } from "./packed";
import { drawRow } from "./row";
import type { BatchState } from "./state";

export interface BoardView {
  element: HTMLElement;
  picture: SVGSVGElement;
  /** Takes the page's colours again. */
  chooseScales(): void;
  draw(width: number, step: number, chosen: number): void;
  focusFirst(): void;
}

interface Hand {
  drag(sequence: number, length: number): void;
  keep(): void;
}

export function makeBoard(root: HTMLElement, state: BatchState, cursor: Cursor, hand: Hand): BoardView {
  const hatching = `rv-pad-${Math.random().toString(36).slice(2)}`;
  const drawn = s("g", { "aria-hidden": "true" });
  const tooltip = makeTooltip(root);
  let layout = layOut(600, state.steps, state.sequences);
  let scales = chooseScales(root, state);
  const grips = makeGrips(state, {
    ...hand,
    stepsUnder: (clientX) =>
      Math.round((clientX - picture.getBoundingClientRect().left - layout.left) / layout.cell),
  });
  const picture = s(
    "svg",
    { role: "group", "aria-label": "Lengths of the sequences" },
    makeHatching(hatching),
    drawn,
    grips.element,
  );
  const point = (output: SVGElement, sequence: number, t: number) => {
    output.addEventListener("pointermove", (event) => {
      const values = Array.from(state.outputAt(sequence, t)!, (value) => formatNumber(value, 2));
      const said = `${values.slice(0, 6).join(", ")}${values.length > 6 ? ", …" : ""}`;
      tooltip.show(`h of sequence ${sequence} at t = ${t}: ${said}`, event.clientX, event.clientY);
    });
    output.addEventListener("pointerleave", tooltip.hide);
    output.addEventListener("click", () => cursor.move({ step: t, sequence }));
  };

  return {
    element: h("div", { class: "rv-lengths-frame" }, picture),
    picture,
    chooseScales() {
      scales = chooseScales(root, state);
    },
    draw(width, step, chosen) {
      layout = layOut(width, state.steps, state.sequences);
      set(picture, {
        width: layout.width,
        height: layout.height,
        viewBox: `0 0 ${layout.width} ${layout.height}`,
      });
      const board = { state, layout, scales, hatching, point };
      const rows = Array.from({ length: state.sequences }, (_, k) => drawRow(board, k, k === chosen));
      drawn.replaceChildren(
        ...drawTimes(layout, state.steps, step),
        ...rows.flat(),
        ...drawPacked(board, step, chosen),
      );
      grips.show(layout);
    },
    focusFirst: grips.focus,
  };
}

/** The step that the cursor is at, and the names of all. */
function drawTimes({ x, cell, right, height, short }: Layout, steps: number, step: number): SVGElement[] {
  const parts: SVGElement[] = [
    s("rect", { class: "rv-band", x: x(step) + 1, y: 2, width: cell - 2, height: height - 4, rx: 8 }),
  ];
  for (let t = 0; t < steps; t++) {
    const look = t === step ? "rv-tick rv-now" : "rv-tick";
    parts.push(s("text", { x: x(t) + cell / 2, y: 20, class: look }, cell < 44 ? t : `t = ${t}`));
  }
  const end = { x: x(steps) + right / 2 + 6, y: 20, class: "rv-tick" };
  parts.push(s("text", end, short ? "h_n" : "final state"));
  return parts;
}

const makeHatching = (id: string): SVGElement =>
  s(
    "defs",
    {},
    s(
      "pattern",
      { id, width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      s("rect", { class: "rv-pad-ground", width: 8, height: 8 }),
      s("rect", { class: "rv-pad-line", width: 2, height: 8 }),
    ),
  );

function chooseScales(root: HTMLElement, { layer, trace }: BatchState): { input: Scale; output: Scale } {
  const largest = (values: Float32Array) =>
    values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0) || 1;
  const bounded = layer.nonlinearity !== "relu";
  return {
    output: scaleOf(root, "hidden", bounded ? 1 : largest(layer.arrays.get("hidden")!.data)),
    input: scaleOf(root, "hidden", largest(trace.layers[0].input.data)),
  };
}
