// The card of a cell.
import type { AnyModel } from "@anywidget/types";
import { makeNumberField } from "../lib/controls/number_field";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { describeStep } from "../lib/words/equations";
import { equation, showEquation } from "../lib/words/formula";
import { STAGES } from "./diagram";
import { makeHandle } from "./handle";
import { makeSlowMotion } from "./slow_motion";
import type { CellState } from "./state";
import { valuesOnWires } from "./values";
import { makeWiring } from "./wiring";

export function makeView(
  model: AnyModel,
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: CellState,
): void {
  const title = h("h3");
  const stages = makeStages(state, () => paint());
  const wiring = makeWiring(root, state, (group, gate) => makeHandle(state, group, gate, () => paint()));
  const playSlowly = makeSlowMotion(state, wiring.picture, signal, () => paint());
  const slowButton = h("button", { type: "button" }, "Play this step slowly");
  slowButton.addEventListener("click", () => {
    transport.pause();
    playSlowly();
  });
  const releaseButton = h("button", { type: "button", hidden: true }, "Let go of the gates");
  releaseButton.addEventListener("click", () => {
    state.release();
    paint();
  });
  const unitField = makeNumberField({
    ...{ label: "Unit", value: 0, step: 1, low: 0, whole: true, live: true },
    choose: (unit) => cursor.move({ unit }),
  });
  const frame = h(
    "div",
    { class: "rv-cell-frame", tabindex: 0, role: "group", "aria-label": "The cell's wiring" },
    wiring.picture,
  );
  const story = h("p", { class: "rv-caption rv-story", "aria-live": "polite" });
  const lines = h("div", { class: "rv-equation", role: "group", "aria-label": "The step's equations" });
  /** What is wider than the card is moved by keys, and only that is a stop for them. */
  const reachLines = () => {
    if (lines.scrollWidth > lines.clientWidth) lines.tabIndex = 0;
    else lines.removeAttribute("tabindex");
  };
  onWidth(lines, signal, reachLines);
  const transport = makeTransport({
    steps: state.layer.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where(step, steps) {
      const label = state.labels?.[step];
      return `t = ${step} · ${label === undefined ? `step ${step + 1} of ${steps}` : `“${label}”`}`;
    },
  });
  const saveMenu = makeSaveMenu({
    name: "cell-anatomy",
    root,
    vectors: wiring.picture,
    table: () => state.tabulate(),
    code: (file) => state.writeCode(file),
    recorded: model,
  });
  const field = h("label", { class: "rv-field" }, "unit", unitField.element);
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h("div", { class: "rv-controls" }, field, releaseButton, slowButton, saveMenu),
    ),
    stages.element,
    frame,
    story,
    transport.element,
    lines,
  );

  let drawn = "";
  function draw(): void {
    state.goTo({
      layer: cursor.get("layer"),
      sequence: cursor.get("sequence"),
      step: cursor.get("step"),
      unit: cursor.get("unit"),
    });
    const { layer, unit, step, whyUndrawn } = state;
    frame.hidden = lines.hidden = slowButton.hidden = Boolean(whyUndrawn);
    if (whyUndrawn) {
      title.textContent = `${layer.kind} layer ${layer.name}`;
      stages.element.hidden = true;
      drawn = "";
      story.textContent = whyUndrawn;
      return;
    }
    if (drawn !== layer.kind) {
      drawn = layer.kind;
      wiring.build();
    }
    title.textContent = `Inside unit ${unit} of ${layer.kind} layer ${layer.name}`;
    transport.resize(layer.lengths[state.sequence]);
    transport.show(step);
    unitField.bound(0, layer.units - 1);
    unitField.show(unit);
    releaseButton.hidden = !state.holdsAny;
    wiring.draw(valuesOnWires(state.run, state.selection));
    stages.show();
    story.textContent = state.tell();
    const given = (gate: string) => state.decided(gate) !== undefined;
    showEquation(lines, equation(...describeStep(state.run, state.selection, given)));
    reachLines();
  }
  const paint = oncePerFrame(draw, signal);
  cursor.on(paint);
  onTheme(signal, paint);
  draw();
}

/** The LSTM put together piece by piece. */
function makeStages(state: CellState, changed: () => void) {
  const buttons = STAGES.map(({ name }, stage) => {
    const button = h("button", { type: "button", "aria-pressed": "false" }, `${stage ? "+ " : ""}${name}`);
    button.addEventListener("click", () => {
      state.chooseStage(stage);
      changed();
    });
    return button;
  });
  const element = h(
    "div",
    { class: "rv-controls rv-stages", role: "group", "aria-label": "Build the cell up" },
    h("span", { class: "rv-note" }, "Build it up:"),
    ...buttons,
  );
  return {
    element,
    show() {
      element.hidden = state.layer.kind !== "LSTM" || !state.isEditable;
      for (const [stage, button] of buttons.entries())
        button.setAttribute("aria-pressed", String(stage === state.stage));
    },
  };
}
