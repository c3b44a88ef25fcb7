// A small plot that moves with the page: a title, curves on a canvas, a legend, and a line where the cursor is.
import { readColour } from "../lib/draw/colours";
import type { Axis, Frame } from "../lib/draw/plot";
import {
  clearCanvas,
  clip,
  drawAxes,
  drawCurve,
  fitRange,
  fromX,
  linearTicks,
  logTicks,
  toX,
} from "../lib/draw/plot";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";

export interface Curve {
  values: ArrayLike<number>;
  property: string;
  dash?: number[];
  name: string;
  /** Where along x its first value lies; 0 unless given. */
  start?: number;
}

export interface Drawing {
  curves: Curve[];
  /** From where to where the axis runs. */
  across: [number, number];
  /** Fitted to the values unless given; on a log axis in powers of ten. */
  up?: [number, number];
  log?: boolean;
  /** A line across, where the cursor is. */
  at?: number;
}

export interface CurvePanel {
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  note: HTMLElement;
  draw(drawing: Drawing): void;
}

const EDGE = { left: 46, right: 10, top: 8, bottom: 42 };

export function makeCurvePanel(
  title: string,
  {
    height = 200,
    xTitle = "",
    press,
  }: { height?: number; xTitle?: string; press?: (x: number) => void } = {},
): CurvePanel {
  const canvas = h("canvas", { role: "img" });
  const note = h("span", { class: "rv-note" });
  const key = h("ul", { class: "rv-legend" });
  const element = h(
    "div",
    { class: "rv-curve-panel" },
    h("div", { class: "rv-map-head" }, h("strong", {}, title), note),
    canvas,
    key,
  );
  let last: Drawing | null = null;
  let named = "";

  const frameOf = (): Frame => ({
    left: EDGE.left,
    top: EDGE.top,
    width: Math.max(60, element.clientWidth - EDGE.left - EDGE.right),
    height: height - EDGE.top - EDGE.bottom,
  });

  function draw(drawing: Drawing) {
    last = drawing;
    const { curves, across, log = false } = drawing;
    const frame = frameOf();
    const context = clearCanvas(canvas, frame.width + EDGE.left + EDGE.right, height);
    const x: Axis = { range: across, log: false };
    const all = curves.flatMap(({ values }) => Array.from(values));
    const range = drawing.up ?? fitRange(all, log);
    const y: Axis = { range, log };
    drawAxes(
      context,
      frame,
      {
        x,
        y,
        xTicks: linearTicks(across, Math.max(2, frame.width / 70), true),
        yTicks: log ? logTicks(range, 5) : linearTicks(range, 4),
      },
      {
        grid: readColour(canvas, "--rv-line"),
        text: readColour(canvas, "--rv-ink-2"),
        font: "11.5px system-ui, sans-serif",
      },
    );
    const unclip = clip(context, frame);
    for (const { values, property, dash, start } of curves)
      drawCurve(context, values, start ?? 0, x, y, frame, {
        colour: readColour(canvas, property),
        dash: dash ?? [],
      });
    unclip();
    if (xTitle) {
      context.fillStyle = readColour(canvas, "--rv-ink-2");
      context.font = "11.5px system-ui, sans-serif";
      context.textAlign = "center";
      context.fillText(xTitle, frame.left + frame.width / 2, height - 4);
    }
    if (drawing.at !== undefined) {
      context.fillStyle = readColour(canvas, "--rv-ink");
      context.fillRect(toX(drawing.at, x, frame) - 0.75, frame.top, 1.5, frame.height);
    }
    // The legend changes seldom, the curves at every frame.
    const names = curves.map(({ name, property }) => name + property).join("\n");
    if (names !== named) {
      named = names;
      key.replaceChildren(
        ...curves.map(({ name, property, dash }) => h("li", {}, swatch(property, dash), name)),
      );
    }
  }

  if (press) {
    canvas.classList.add("rv-pressable");
    const go = (event: PointerEvent) => {
      if (!last) return;
      const x: Axis = { range: last.across, log: false };
      press(fromX(event.clientX - canvas.getBoundingClientRect().left, x, frameOf()));
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) go(event);
    });
  }
  return { element, canvas, note, draw };
}
