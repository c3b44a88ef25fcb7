// How often each unit's gates are closed and how often wide open: one mark a unit, one shape and hue a gate
// (after Karpathy, Johnson & Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015, figure 2).
import { type SymbolType, symbol, symbolCircle, symbolSquare, symbolTriangle } from "d3-shape";
import { hueProperty, isValve } from "../lib/draw/colours";
import { h, s } from "../lib/page/dom";
import { type Layer, valueAt } from "../lib/trace/trace";
import { plural } from "../lib/words/format";
import { shareOpen } from "../lib/words/sayings";

const SHAPES: SymbolType[] = [symbolCircle, symbolSquare, symbolTriangle];
const SIZE = 190;
const EDGE = { left: 38, right: 10, top: 8, bottom: 34 };

interface Dot {
  gate: string;
  unit: number;
  closed: number;
  open: number;
}

/** Shares of the valid steps of all sequences, unit by unit. */
export function saturationOf(layer: Layer): Dot[] {
  return layer.gates.filter(isValve).flatMap((gate) => {
    const block = layer.arrays.get(gate)!;
    return Array.from({ length: block.shape[2] }, (_, unit) => {
      function* values() {
        for (let k = 0; k < layer.sequences; k++)
          for (let t = 0; t < layer.lengths[k]; t++) yield valueAt(block, t, k, unit);
      }
      return { gate, unit, ...shareOpen(values()) };
    });
  });
}

export interface Saturation {
  element: HTMLElement;
  show(layer: Layer): void;
  mark(unit: number): void;
}

export function makeSaturation(choose: (unit: number, gate: string) => void): Saturation {
  const x = (share: number) => EDGE.left + share * (SIZE - EDGE.right - EDGE.left);
  const y = (share: number) => SIZE - EDGE.bottom + share * (EDGE.top - SIZE + EDGE.bottom);
  const dots = s("g");
  const chosen = s("g", { class: "rv-chosen" });
  const ticks = [0, 0.5, 1].flatMap((at) => [
    s("line", { x1: x(at), x2: x(at), y1: y(0), y2: y(1) }),
    s("line", { x1: x(0), x2: x(1), y1: y(at), y2: y(at) }),
    s("text", { x: x(at), y: y(0) + 14 }, String(at)),
    s("text", { x: x(0) - 6, y: y(at) + 4, class: "rv-unit-tick" }, String(at)),
  ]);
  const picture = s(
    "svg",
    { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "rv-axis", role: "img" },
    ...ticks,
    // No unit can be closed and open at once: the corner above this line stays empty.
    s("line", { class: "rv-most", x1: x(0), y1: y(1), x2: x(1), y2: y(0) }),
    s("text", { x: x(0.5), y: SIZE - 3 }, "share of steps closed (< 0.1)"),
    s("text", { x: 10, y: y(0.5), transform: `rotate(-90 10 ${y(0.5)})` }, "wide open (> 0.9)"),
    dots,
    chosen,
  );
  const key = h("ul", { class: "rv-legend" });
  const said = h("span", { class: "rv-note" });
  const element = h(
    "div",
    { class: "rv-saturation" },
    h("div", { class: "rv-map-head" }, h("strong", {}, "Saturation of the gates"), said),
    picture,
    h(
      "div",
      {},
      key,
      h(
        "p",
        { class: "rv-note" },
        "A mark for each unit’s gate. Far right: nearly always closed. High up: nearly always open. Lower left: in between, where a gate passes a share.",
      ),
    ),
  );
  let all: Dot[] = [];
  let gates: string[] = [];

  picture.addEventListener("pointerdown", (event) => {
    const box = picture.getBoundingClientRect();
    const [px, py] = [
      ((event.clientX - box.left) * SIZE) / box.width,
      ((event.clientY - box.top) * SIZE) / box.height,
    ];
    const far = (dot: Dot) => (x(dot.closed) - px) ** 2 + (y(dot.open) - py) ** 2;
    const nearest = all.reduce((best, dot) => (far(dot) < far(best) ? dot : best), all[0]);
    if (nearest && far(nearest) < 20 ** 2) choose(nearest.unit, nearest.gate);
  });

  const draw = (dot: Dot, size: number) =>
    s("path", {
      d: symbol(SHAPES[gates.indexOf(dot.gate) % SHAPES.length], size)(),
      transform: `translate(${x(dot.closed).toFixed(1)} ${y(dot.open).toFixed(1)})`,
      style: `--hue: var(${hueProperty(dot.gate)})`,
    });

  function show(layer: Layer) {
    all = saturationOf(layer);
    gates = [...new Set(all.map((dot) => dot.gate))];
    element.hidden = all.length === 0;
    dots.replaceChildren(...all.map((dot) => draw(dot, 26)));
    key.replaceChildren(
      ...gates.map((gate) =>
        h(
          "li",
          {},
          s(
            "svg",
            { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" },
            s("path", {
              d: symbol(SHAPES[gates.indexOf(gate) % SHAPES.length], 60)(),
              style: `--hue: var(${hueProperty(gate)})`,
            }),
          ),
          `${gate} gate`,
        ),
      ),
    );
    const steps = layer.lengths.reduce((sum, length) => sum + length, 0);
    picture.setAttribute(
      "aria-label",
      `Saturation over ${plural(steps, "step")}. ${gates.map((gate) => saySaturation(gate, all)).join(" ")}`,
    );
  }

  function mark(unit: number) {
    const mine = all.filter((dot) => dot.unit === unit);
    chosen.replaceChildren(...mine.map((dot) => draw(dot, 90)));
    said.textContent = mine.length ? `unit ${unit}` : "";
  }

  return { element, show, mark };
}

/** The text alternative: how many units of a gate are saturated most of the time. */
export function saySaturation(gate: string, dots: Dot[]): string {
  const mine = dots.filter((dot) => dot.gate === gate);
  const closed = mine.filter((dot) => dot.closed > 0.5).length;
  const open = mine.filter((dot) => dot.open > 0.5).length;
  return `${gate} gate: of ${plural(mine.length, "unit")}, ${closed} mostly closed, ${open} mostly open.`;
}
