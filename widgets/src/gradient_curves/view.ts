// The card of the curves: while a control moves, they are drawn here, frame by frame; at rest plotly draws them again.
import type { AnyModel } from "@anywidget/types";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import { type Frame, fromX } from "../lib/draw/plot";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame } from "../lib/page/widget";
import { tellCurves } from "../lib/words/gradient_story";
import { paintCurves } from "./canvas";
import { makeLegend } from "./legend";
import { makePickers } from "./pickers";
import { writeCurves } from "./recipe";
import { makeSettings } from "./settings";
import { type CurveHeader, type CurvesState, countSequences } from "./state";
import { coarse, StillPicture } from "./still";

/** How long the controls must rest before plotly draws. */
const REST = 160;

interface Parts {
  model: AnyModel;
  root: HTMLElement;
  signal: AbortSignal;
  cursor: Cursor;
  state: CurvesState;
  /** Something about the curves is different. */
  changed: () => void;
}

export function makeView({ model, root, signal, cursor, state, changed }: Parts) {
  const title = h("h3");
  const headers = model.get("curves") as CurveHeader[];
  const labels = model.get("labels") as string[][];
  const sequencePicker = makeSequencePicker(cursor, countSequences(headers));
  const pickers = makePickers(state, changed);
  const legend = makeLegend(state, changed);
  const canvas = h("canvas", { "aria-hidden": "true" });
  const figure = h("div", { class: "rv-figure" });
  const plot = h("div", { class: "rv-plot", role: "group" }, figure, canvas);
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const trouble = h("p", { class: "rv-note rv-trouble" });
  const story = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: 2,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => {
      const label = labels[state.sequence]?.[step];
      return `t = ${step} of ${steps - 1}${label === undefined ? "" : ` · ${label}`}`;
    },
  });
  // Above the plot there is room for plotly's buttons: on it they would cover the curves' last steps. Fingers need
  // larger ones.
  const margin = { left: 72, right: 18, top: coarse() ? 52 : 40, bottom: 44 };
  const still = new StillPicture(root, figure, state, margin, signal, () => repaint());
  const saveMenu = makeSaveMenu({
    name: "gradient-curves",
    root,
    vectors: () => still.asSvg(),
    table: () => state.tabulate(),
    code: () => writeCurves(model, state),
  });
  const say = (message: string | null) => {
    problem.hidden = !message;
    problem.textContent = message ?? "";
  };
  const [quantity, scale, bound] = pickers.elements;
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h("div", { class: "rv-controls" }, quantity, scale, sequencePicker, bound, saveMenu),
    ),
    // What is turned stands above what it moves: on a small screen both are in sight. Only fresh cells can be turned.
    ...((model.get("cells") as string[]).length > 0 ? [makeSettings(model, signal, say)] : []),
    legend.element,
    plot,
    transport.element,
    problem,
    trouble,
    story,
  );

  const stepNow = () => state.clampStep(cursor.get("step"));
  const frame = (): Frame => ({
    left: margin.left,
    top: margin.top,
    width: Math.max(10, still.width - margin.left - margin.right),
    height: still.height - margin.top - margin.bottom,
  });

  function show(): void {
    transport.show(stepNow());
    legend.read(stepNow());
    plot.classList.toggle("rv-still", still.stands);
    const { width, height } = still;
    paintCurves({ root, canvas, width, height, box: frame() }, state, stepNow(), still.stands);
  }
  const repaint = oncePerFrame(show, signal);

  let rest = 0;
  signal.addEventListener("abort", () => clearTimeout(rest));

  /** Draws other curves at once, and lets plotly follow when it is quiet. */
  function showCurves(): void {
    still.outdate();
    transport.resize(state.steps);
    sequencePicker.value = String(state.sequence);
    pickers.show();
    title.textContent = `How much gradient reaches each of ${state.steps} steps`;
    legend.build();
    // Not in the next frame: Python's answers come one at a time, and the one after waits for this.
    show();
    clearTimeout(rest);
    rest = window.setTimeout(() => {
      tell();
      void still.draw();
    }, REST);
  }

  function tell(): void {
    story.textContent = tellCurves(state.shown(), state.symbol);
    plot.setAttribute("aria-label", story.textContent);
    trouble.textContent = state.trouble();
  }

  /** The plot has this width from now on. */
  function resize(width: number): void {
    still.width = width;
    still.height = width < 480 ? 280 : 340;
    plot.style.height = `${still.height}px`;
    showCurves();
  }

  followPointer(plot, (pixel) => {
    const box = frame();
    if (pixel < box.left - 4 || pixel > box.left + box.width + 4) return;
    transport.pause();
    cursor.move({ step: state.clampStep(Math.round(fromX(pixel, state.axes().x, box))) });
  });

  /** The curves are there all the same; only zooming is not. */
  const sayNoZoom = () =>
    story.after(h("p", { class: "rv-note" }, "Plotly could not be loaded, so this plot cannot be zoomed."));

  return { plot, still, repaint, showCurves, resize, sayNoZoom };
}

/** Calls `follow` with how far to the right in the plot the reader points. */
function followPointer(plot: HTMLElement, follow: (pixel: number) => void): void {
  const point = (event: MouseEvent) => follow(event.clientX - plot.getBoundingClientRect().left);
  plot.addEventListener("pointermove", (event) => {
    // A pressed button zooms; a finger that moves may be scrolling the page.
    if (event.buttons === 0 && event.pointerType !== "touch") point(event);
    if (event.buttons === 1 && event.pointerType === "touch") point(event);
  });
  plot.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") point(event);
  });
  plot.addEventListener("click", point);
}
