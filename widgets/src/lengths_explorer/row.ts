// One sequence of the batch: its inputs, its outputs, its mask, and where its final state is taken.
import type { Scale } from "../lib/draw/colours";
import { s } from "../lib/page/dom";
import type { Layout } from "./layout";
import { ROW } from "./layout";
import { fitWord } from "./lengths";
import type { BatchState } from "./state";
import { drawFrame, drawStrip, type Place } from "./strip";

export interface Board {
  state: BatchState;
  layout: Layout;
  scales: { input: Scale; output: Scale };
  /** The id of the hatching of what is padded. */
  hatching: string;
  /** What the pointer does on an output. */
  point(output: SVGElement, sequence: number, t: number): void;
}

const INPUT = { y: 6, height: 14 };
const OUTPUT = { y: 25, height: 22 };

export function drawRow(board: Board, sequence: number, chosen: boolean): SVGElement[] {
  const { layout } = board;
  const y = layout.y(sequence);
  const name = s(
    "text",
    { x: layout.left - 10, y: y + ROW / 2 + 4, class: chosen ? "rv-end rv-strong" : "rv-end" },
    layout.short ? sequence : `sequence ${sequence}`,
  );
  return [
    name,
    ...drawInputs(board, sequence),
    ...drawMask(board, sequence),
    ...drawOutputs(board, sequence),
    ...drawFinal(board, sequence),
  ];
}

const placeOf = (
  { layout }: Board,
  sequence: number,
  { y, height }: { y: number; height: number },
): Place => ({
  x: layout.x(0),
  y: layout.y(sequence) + y,
  cell: layout.cell,
  height,
});

function drawInputs(board: Board, sequence: number): SVGElement[] {
  const { state, layout, scales, hatching } = board;
  const { steps, trace } = state;
  const place = placeOf(board, sequence, INPUT);
  const length = state.lengths[sequence];
  const parts: SVGElement[] = [];
  if (!trace.labels) {
    const vectors = Array.from({ length: steps }, (_, t) => state.inputAt(sequence, t));
    parts.push(drawStrip(vectors, trace.layers[0].input.shape[2], scales.input, place));
  }
  for (let t = 0; t < steps; t++) {
    if (t >= length) {
      const box = { x: layout.x(t) + 3, width: layout.cell - 6, rx: 4, y: place.y, height: place.height };
      parts.push(s("rect", { ...box, fill: `url(#${hatching})` }), drawFrame(t, place, "rv-padded"));
    } else if (!trace.labels) parts.push(drawFrame(t, place, "rv-x"));
    else {
      const word = trace.labels[sequence][t] ?? "";
      // The last one leaves room for the handle at the sequence's end.
      const room = layout.cell - (t === length - 1 ? 9 : 2);
      const { text, size } = fitWord(word, room);
      const where = { x: layout.x(t) + 1 + room / 2, y: place.y + 12 };
      parts.push(
        s(
          "text",
          { ...where, class: "rv-token", style: `font-size: ${size}px` },
          text === word ? null : s("title", {}, word),
          text,
        ),
      );
    }
  }
  return parts;
}

function drawMask({ state, layout }: Board, sequence: number): SVGElement[] {
  const y = layout.y(sequence) + 66;
  return Array.from({ length: state.steps }, (_, t) => {
    const valid = t < state.lengths[sequence];
    return s(
      "text",
      { x: layout.x(t) + layout.cell / 2, y, class: valid ? "rv-mask rv-on" : "rv-mask" },
      valid ? "1" : "0",
    );
  });
}

function drawOutputs(board: Board, sequence: number): SVGElement[] {
  const { state, layout, scales } = board;
  const place = placeOf(board, sequence, OUTPUT);
  const vectors = Array.from({ length: state.steps }, (_, t) => state.outputAt(sequence, t));
  const parts: SVGElement[] = [];
  for (let t = 0; t < state.steps; t++)
    if (!state.isRun(sequence, t))
      parts.push(
        drawFrame(t, place, "rv-zero"),
        s("text", { x: layout.x(t) + layout.cell / 2, y: place.y + 15, class: "rv-tick" }, "0"),
      );
  parts.push(drawStrip(vectors, state.units, scales.output, place));
  for (let t = 0; t < state.steps; t++) {
    if (!state.isRun(sequence, t)) continue;
    const look =
      t === state.finalStep(sequence) ? " rv-final" : t < state.lengths[sequence] ? "" : " rv-stray";
    const output = drawFrame(t, place, `rv-h${look}`);
    board.point(output, sequence, t);
    parts.push(output);
  }
  return parts;
}

/** From the step where it is taken to the table of final states. */
function drawFinal({ state, layout, scales }: Board, sequence: number): SVGElement[] {
  const { cell, right } = layout;
  const y = layout.y(sequence);
  const end = layout.x(state.steps) + 14;
  const at = layout.x(state.finalStep(sequence));
  const from = state.isReverse ? at + 8 : at + cell - 8;
  const place = { x: end + 6, y: y + OUTPUT.y, cell: right - 24, height: OUTPUT.height };
  const parts: SVGElement[] = [
    s("path", {
      class: "rv-final-wire",
      d: `M${from} ${y + 47}v3q0 4 4 4H${end - 8}q6 0 6 -5v-7q0 -6 6 -6h3`,
    }),
    drawStrip([state.finalOf(sequence)], state.units, scales.output, place),
    drawFrame(0, place, "rv-h rv-final"),
  ];
  if (state.isReverse) {
    const start = layout.x(state.lastStep(sequence));
    parts.push(
      s("path", { class: "rv-final-wire", d: `M${start + cell - 8} ${y + 22}H${start + 10}l5 -3m-5 3l5 3` }),
      s("title", {}, `The reverse direction starts at t = ${state.lastStep(sequence)}`),
    );
  }
  return parts;
}
