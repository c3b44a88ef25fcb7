// The card of the impulse: one time axis, the impulse above, its echoes below, and what the models cost.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { makeCosts } from "./costs";
import { makeInputStrip } from "./input_strip";
import { makeModelRow } from "./model_row";
import { MODELS } from "./responses";
import { makeSettings } from "./settings";
import type { ResponseState, Traits } from "./state";

export interface ResponseView {
  /** Something else is set. */
  show(): void;
}

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: ResponseState,
  choose: (change: Partial<Traits>) => void,
): ResponseView {
  const stepNow = () => state.clamp(cursor.get("step"));
  const goTo = (step: number) => cursor.move({ step });
  const settings = makeSettings(state, choose);
  const head = makeHead(root, state, choose, () => show());
  const strip = makeInputStrip(root, state, { choose, stepNow, goTo, pause: () => transport.pause() });
  const hint = h("p", { class: "rv-note" });
  const rows = MODELS.map((name, k) =>
    makeModelRow(root, state, name, settings.models[name], k === MODELS.length - 1, (step) => {
      transport.pause();
      goTo(step);
    }),
  );
  const transport = makeTransport({
    steps: state.steps,
    signal,
    keys: root,
    move: goTo,
    where: (step, count) => `t = ${step} of ${count - 1}`,
  });
  const spoken = h("p", { class: "rv-hidden", "aria-live": "polite" });
  const legend = h("p", { class: "rv-caption" });
  const costs = makeCosts(root, state);
  root.append(
    head.element,
    settings.presets,
    h(
      "div",
      { class: "rv-responses" },
      h(
        "div",
        { class: "rv-response rv-response-input" },
        h("div", {}, h("strong", {}, "Input x"), hint),
        strip.element,
      ),
      ...rows.map(({ element }) => element),
    ),
    transport.element,
    legend,
    // Below the answers: whoever opens the page should see what the models do before what else can be set.
    settings.common,
    costs.element,
    spoken,
  );
  for (const sliders of root.querySelectorAll(".rv-sliders"))
    sliders.addEventListener("keydown", (event) => event.stopPropagation());

  let [width, steps] = [0, 0];
  function paint(): void {
    if (width === 0) return;
    strip.paint(width);
    for (const row of rows) row.paint(width, stepNow());
    transport.show(stepNow());
  }
  const repaint = oncePerFrame(paint, signal);
  function show(): void {
    settings.show();
    head.show();
    if (state.steps !== steps) {
      steps = state.steps;
      transport.resize(steps);
    }
    hint.textContent = state.hint;
    legend.textContent = state.legend;
    for (const row of rows) row.tell();
    costs.show();
    repaint();
    if (spoken.textContent !== state.tell()) spoken.textContent = state.tell();
  }
  cursor.on(repaint);
  onTheme(signal, () => {
    repaint();
    costs.paint();
  });
  onWidth(strip.element, signal, (now) => {
    width = now;
    paint();
  });
  onWidth(costs.element, signal, costs.paint);
  show();
  return { show };
}

/** Whether an input is drawn, which axis there is, and what can be taken away. */
function makeHead(
  root: HTMLElement,
  state: ResponseState,
  choose: (change: Partial<Traits>) => void,
  changed: () => void,
) {
  const scale = h(
    "select",
    { "aria-label": "Vertical axis" },
    h("option", { value: "linear" }, "linear axis"),
    h("option", { value: "log" }, "logarithmic axis"),
  );
  scale.value = state.log ? "log" : "linear";
  scale.addEventListener("change", () => {
    state.log = scale.value === "log";
    changed();
  });
  const draw = h("button", { type: "button", "aria-pressed": "false" }, "Draw an input");
  draw.addEventListener("click", () => {
    state.drawing = !state.drawing;
    draw.setAttribute("aria-pressed", String(state.drawing));
    changed();
  });
  const clear = h("button", { type: "button", onclick: () => choose({ inputs: [] }) }, "Clear");
  const saveMenu = makeSaveMenu({
    name: "impulse-response",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  return {
    element: h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "What becomes of an impulse"),
      h("div", { class: "rv-controls" }, draw, clear, scale, saveMenu),
    ),
    show() {
      clear.hidden = !state.isDrawn;
    },
  };
}
