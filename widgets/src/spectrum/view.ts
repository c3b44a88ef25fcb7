// The card of a spectrum: the plane of one step, and two plots over all steps.
import type { AnyModel } from "@anywidget/types";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import { paintPlane } from "../lib/draw/complex_plane";
import { fitRange } from "../lib/draw/plot";
import { capDecades, makeStepCurves, type StepLine } from "../lib/draw/step_curves";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import type { SpectrumState } from "./state";

const DASHES = [5, 4];
const DOTS = [2, 3];
const HEIGHT = 230;

export function makeView(
  model: AnyModel,
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: SpectrumState,
): void {
  const sequencePicker = makeSequencePicker(cursor, state.sequences);
  const goTo = (step: number) => {
    transport.pause();
    cursor.move({ step });
  };
  const plane = h("canvas", { role: "img" });
  const singular = makeStepCurves(root, goTo);
  const product = makeStepCurves(root, goTo);
  const board = h(
    "div",
    {
      class: "rv-spectrum",
      tabindex: 0,
      role: "group",
      "aria-label": "Spectrum. Left and right arrows move through time.",
    },
    makeFigure("Eigenvalues at this step", plane, [
      makePoint("--rv-state", "inside the circle: fades"),
      makePoint("--rv-bad", "outside: grows"),
    ]),
    makeFigure("Singular values at every step", singular.element, [
      makeLine("--rv-grad", "largest"),
      makeLine("--rv-state", "median"),
      makeLine("--rv-grad", "smallest", DOTS),
    ]),
    makeFigure("Running product of the Jacobians", product.element, [
      makeLine("--rv-grad", "its norm"),
      makeLine("--rv-ink-2", "bound: product of largest singular values", DASHES),
      makeLine("--rv-accent", "product of spectral radii", DOTS),
    ]),
  );
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: state.size,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => `t = ${step} · step ${step + 1} of ${steps}`,
  });
  const saveMenu = makeSaveMenu({
    name: "spectrum",
    root,
    table: () => state.tabulate(),
    code: (file) => state.writeCode(file),
    recorded: model,
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, state.title),
      h("div", { class: "rv-controls" }, sequencePicker, saveMenu),
    ),
    board,
    transport.element,
    spoken,
  );

  let drawn = -1;
  const paint = oncePerFrame(draw, signal);
  function draw(): void {
    state.sequence = cursor.get("sequence");
    if (state.sequence !== drawn) {
      drawn = state.sequence;
      sequencePicker.value = String(drawn);
      transport.resize(state.steps);
    }
    const step = state.clamp(cursor.get("step"));
    transport.show(step);
    paintPlane(root, plane, state.eigenvaluesAt(step), 300);
    plane.setAttribute("aria-label", state.sayPlane(step));
    const picture = (lines: StepLine[]) => {
      const range = fitRange(
        lines.flatMap(({ values }) => Array.from(values)),
        true,
      );
      return { lines, steps: state.steps, step, y: { range: capDecades(range), log: true }, height: HEIGHT };
    };
    const { largest, median, smallest } = state.singularValues;
    singular.paint(
      picture([
        { values: largest, property: "--rv-grad" },
        { values: median, property: "--rv-state" },
        { values: smallest, property: "--rv-grad", dash: DOTS },
      ]),
    );
    singular.element.setAttribute("aria-label", state.saySingular(step));
    product.paint(
      picture([
        { values: state.product("bound"), property: "--rv-ink-2", dash: DASHES },
        { values: state.product("radius"), property: "--rv-accent", dash: DOTS },
        { values: state.product("norm"), property: "--rv-grad" },
      ]),
    );
    product.element.setAttribute("aria-label", state.sayProduct(step));
    spoken.textContent = state.tell(step);
  }
  onWidth(board, signal, paint);
  onTheme(signal, paint);
  cursor.on(paint);
  draw();
}

const makeLine = (property: string, text: string, dash: number[] = []): HTMLElement =>
  h("li", {}, swatch(property, dash), text);

const makePoint = (property: string, text: string): HTMLElement =>
  h("li", {}, h("i", { class: "rv-point", style: `--rv-swatch: var(${property})` }), text);

const makeFigure = (title: string, canvas: HTMLCanvasElement, items: HTMLElement[]): HTMLElement =>
  h(
    "div",
    { class: "rv-spectrum-part" },
    h("strong", {}, title),
    canvas,
    h("ul", { class: "rv-legend" }, ...items),
  );
