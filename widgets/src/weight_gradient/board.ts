// Step by step: each step's part as a small map, its share of the whole, and the picked weight added up.
import { cssColour, type Scale, scaleOf } from "../lib/draw/colours";
import { paintMap } from "../lib/draw/heatmap";
import type { Tooltip } from "../lib/draw/tooltip";
import { h, s, set } from "../lib/page/dom";
import { percent, type WeightState } from "./state";

/** Left of the steps, for the numbers of the axes. */
const GUTTER = 52;
const SHARE = { top: 8, height: 46 };
const FALL = { top: 106, height: 92 };
const BOARD = 232;

/** Where the steps stand: their first pixel, their width, and what lies between two. */
interface Steps {
  x: (step: number) => number;
  pace: number;
  gap: number;
  width: number;
}

export function makeBoard(
  root: HTMLElement,
  state: WeightState,
  tooltip: Tooltip,
  goTo: (step: number) => void,
) {
  const { steps } = state;
  const tiles = Array.from({ length: steps }, (_, k) => makeTile(state, tooltip, k, goTo));
  const strip = h(
    "div",
    { class: "rv-part-strip", "aria-hidden": "true" },
    ...tiles.map(({ element }) => element),
  );
  const title = h("p", { class: "rv-part-title" });
  const drawing = s("svg", { class: "rv-part-drawing", height: BOARD, role: "img" });
  const element = h(
    "div",
    {
      class: "rv-part-board",
      tabindex: 0,
      role: "group",
      "aria-label": "Each step's part of the gradient. Left and right arrows move through time.",
    },
    title,
    strip,
    drawing,
  );
  drawing.addEventListener("pointerdown", (event) => {
    const box = drawing.getBoundingClientRect();
    const place = ((event.clientX - box.left - GUTTER) / (box.width - GUTTER)) * steps;
    if (place >= 0) goTo(Math.min(steps - 1, Math.floor(place)));
  });
  return {
    element,
    drawing,
    refill() {
      const scale = scaleOf(root, "hidden", state.largestPart || 1);
      title.textContent = state.sayPartScale();
      for (const [k, { canvas }] of tiles.entries()) {
        const { rows, columns } = state;
        paintMap(canvas, { rows, columns, at: (row, column) => state.adds(k, row, column) }, scale);
      }
    },
    draw(scale: Scale) {
      for (const [k, tile] of tiles.entries()) {
        tile.element.classList.toggle("rv-waiting", !state.isReached(k));
        tile.element.classList.toggle("rv-now", k === state.step);
      }
      const width = element.clientWidth;
      if (width === 0) return;
      set(drawing, { width });
      const pace = (width - GUTTER) / steps;
      const place: Steps = { x: (k) => GUTTER + k * pace, pace, gap: Math.min(4, pace * 0.15), width };
      drawing.replaceChildren(
        ...drawShares(state, place),
        ...drawFall(state, place, scale),
        ...drawTime(state, place),
      );
      drawing.setAttribute("aria-label", state.sayShares());
    },
  };
}

function makeTile(state: WeightState, tooltip: Tooltip, step: number, goTo: (step: number) => void) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h("div", { class: "rv-part-tile" }, canvas);
  element.addEventListener("pointerdown", () => goTo(step));
  element.addEventListener("pointermove", (event) =>
    tooltip.show(state.sayTile(step), event.clientX, event.clientY),
  );
  element.addEventListener("pointerleave", tooltip.hide);
  return { canvas, element };
}

const label = (text: string, y: number) => s("text", { x: GUTTER - 6, y, "text-anchor": "end" }, text);

const rule = (kind: string, width: number, y: number) =>
  s("line", { class: kind, x1: GUTTER, x2: width, y1: y, y2: y });

/** Shares of the whole gradient. */
function drawShares(state: WeightState, { x, pace, gap, width }: Steps): SVGElement[] {
  const numbered = state.share.filter(Number.isFinite);
  const tallest = Math.max(1e-12, ...numbered.map((value) => Math.max(0, value)));
  const deepest = Math.max(0, ...numbered.map((value) => Math.max(0, -value)));
  const unit = SHARE.height / (tallest + deepest);
  const zero = SHARE.top + tallest * unit;
  const children: SVGElement[] = [rule("rv-rule", width, zero), label("share", zero + 4)];
  for (const [k, value] of state.share.entries()) {
    if (!Number.isFinite(value)) continue;
    const size = Math.abs(value) * unit;
    children.push(
      s("rect", {
        class: `rv-share${state.isReached(k) ? "" : " rv-waiting"}`,
        x: x(k) + gap / 2,
        width: Math.max(0.5, pace - gap),
        y: value >= 0 ? zero - size : zero,
        height: Math.max(0.75, size),
      }),
    );
    const middle = { x: x(k) + pace / 2, y: SHARE.top + SHARE.height + 14, "text-anchor": "middle" };
    if (pace >= 38) children.push(s("text", middle, percent(value)));
  }
  return children;
}

/** The picked weight, added up from the last step to the first. */
function drawFall(state: WeightState, { x, pace, gap, width }: Steps, scale: Scale): SVGElement[] {
  const { steps } = state;
  const values = Array.from({ length: steps }, (_, k) => state.sum(k));
  const goal = state.total();
  const finite = [0, goal, ...values].filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const y = (value: number) => FALL.top + FALL.height - ((value - low) / (high - low || 1)) * FALL.height;
  const children: SVGElement[] = [rule("rv-rule", width, y(0)), label("0", y(0) + 4)];
  if (Number.isFinite(goal)) children.push(rule("rv-goal", width, y(goal)));
  if (Math.abs(y(goal) - y(0)) > 12) children.push(label(".grad", y(goal) + 4));
  for (const [k, value] of values.entries()) {
    const before = value - state.adds(k);
    if (!Number.isFinite(value) || !Number.isFinite(before)) continue;
    const waiting = state.isReached(k) ? "" : " rv-waiting";
    const [top, bottom] = [Math.min(y(value), y(before)), Math.max(y(value), y(before))];
    children.push(
      s("rect", {
        class: `rv-fall${waiting}`,
        x: x(k) + gap / 2,
        width: Math.max(0.5, pace - gap),
        y: top,
        height: Math.max(1.5, bottom - top),
        fill: cssColour(Math.sign(state.adds(k)) * scale.high * 0.85, scale),
      }),
    );
    const next = state.after(k);
    if (next < 0 || next >= steps) continue;
    const [x1, x2] = [x(Math.min(k, next)) + pace / 2, x(Math.max(k, next)) + pace / 2];
    children.push(s("line", { class: `rv-step-line${waiting}`, x1, x2, y1: y(value), y2: y(value) }));
  }
  return children;
}

/** Where in time, and the cursor. */
function drawTime(state: WeightState, { x, pace }: Steps): SVGElement[] {
  const { step: now, steps, labels } = state;
  const every = Math.max(1, Math.ceil((labels.length ? 22 : 26) / pace));
  const children: SVGElement[] = [];
  for (let k = 0; k < steps; k++) {
    if (k !== now && (k % every !== 0 || Math.abs(k - now) < every)) continue;
    const place = { x: x(k) + pace / 2, y: BOARD - 6, "text-anchor": "middle" };
    children.push(s("text", { ...place, class: k === now ? "rv-here" : "" }, labels[k] ?? String(k)));
  }
  return [
    ...children,
    label("t", BOARD - 6),
    s("rect", {
      class: "rv-cursor",
      x: x(now) + 0.5,
      width: Math.max(1, pace - 1),
      y: 0.5,
      height: BOARD - 22,
      rx: 4,
    }),
    // Over the cursor, which it may cross.
    s("text", { x: 0, y: FALL.top - 12, class: "rv-what" }, `${state.nameWeight()}, added up`),
  ];
}
