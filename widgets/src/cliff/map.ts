// The error from above: a map on which the start is dragged.
import { readColour } from "../lib/draw/colours";
import type { Axis, Frame } from "../lib/draw/plot";
import { clearCanvas, clip, drawAxes, fromX, linearTicks, toX, toY } from "../lib/draw/plot";
import { h } from "../lib/page/dom";
import { drawBall, drawPath } from "./balls";
import { B, BALLS, type CliffState, W, within } from "./state";
import type { Surface } from "./surface";

const MARGIN = { left: 56, right: 10, top: 10, bottom: 42 };
const X: Axis = { range: W, log: false };
const Y: Axis = { range: B, log: false };

export interface Picture {
  element: HTMLElement;
  paint(width: number, height: number): void;
}

/** `start` is called where the reader puts the balls. */
export function makeMap(
  root: HTMLElement,
  state: CliffState,
  surface: Surface,
  start: (w: number, b: number) => void,
): Picture {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const element = h("div", { class: "rv-plot rv-cliff-map", role: "img" }, canvas);
  let frame: Frame = { left: 0, top: 0, width: 1, height: 1 };
  const put = (event: PointerEvent) => {
    const bounds = element.getBoundingClientRect();
    const up = 1 - (event.clientY - bounds.top - frame.top) / frame.height;
    start(within(fromX(event.clientX - bounds.left, X, frame), W), within(B[0] + up * (B[1] - B[0]), B));
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    put(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) put(event);
  });

  return {
    element,
    paint(width, height) {
      frame = {
        left: MARGIN.left,
        top: MARGIN.top,
        width: Math.max(10, width - MARGIN.left - MARGIN.right),
        height: height - MARGIN.top - MARGIN.bottom,
      };
      const context = clearCanvas(canvas, width, height);
      context.imageSmoothingEnabled = true;
      context.drawImage(surface.plate, frame.left, frame.top, frame.width, frame.height);
      paintAxes(context, root, frame, height);
      const place = ([w, b]: [number, number]): [number, number] => [toX(w, X, frame), toY(b, Y, frame)];
      const done = clip(context, frame);
      for (const ball of BALLS.keys())
        drawPath(
          context,
          root,
          ball,
          state.trail(ball).map(({ at }) => place(at)),
        );
      done();
      for (const ball of BALLS.keys()) {
        // A ball off the map waits at its edge.
        const [across, down] = place(state.paths[ball][state.now].at);
        drawBall(context, root, ball, [
          within(across, [frame.left, frame.left + frame.width]),
          within(down, [frame.top, frame.top + frame.height]),
        ]);
      }
    },
  };
}

function paintAxes(context: CanvasRenderingContext2D, root: HTMLElement, frame: Frame, height: number): void {
  const font = `12.5px ${readColour(root, "--rv-font")}`;
  drawAxes(
    context,
    frame,
    { x: X, y: Y, xTicks: linearTicks(W, 6), yTicks: linearTicks(B, 5) },
    { grid: "rgb(128 128 128 / 0.18)", text: readColour(root, "--rv-ink-2"), font },
  );
  context.fillStyle = readColour(root, "--rv-ink");
  context.font = font;
  context.textAlign = "center";
  context.fillText("weight w", frame.left + frame.width / 2, height - 6);
  context.save();
  context.translate(11, frame.top + frame.height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText("bias b", 0, 0);
  context.restore();
}
