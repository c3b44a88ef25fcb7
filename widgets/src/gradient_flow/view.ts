// The card of the flow: the map of all pairs of steps, and a row and a column of it as curves.
import type { AnyModel } from "@anywidget/types";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { makeCurves } from "./curves";
import { makeMap } from "./map";
import type { FlowState } from "./state";

export function makeView(
  model: AnyModel,
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: FlowState,
): void {
  const sequencePicker = makeSequencePicker(cursor, state.sequences);
  const focus = () => board.focus({ preventScroll: true });
  const map = makeMap(root, state, focus, (row, column) => {
    state.row = row;
    transport.pause();
    cursor.move({ step: column });
    paint();
  });
  const curves = makeCurves(root, state);
  const help = `${state.words.title}. Left and right arrows choose the step k, up and down the step t.`;
  const board = h(
    "div",
    { class: "rv-flow", tabindex: 0, role: "group", "aria-label": help },
    map.element,
    curves.element,
  );
  board.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    state.row = state.clamp(state.row + by);
    paint();
  });
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: state.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step) => `k = ${step}${state.labelOf(step)}`,
  });
  const saveMenu = makeSaveMenu({
    name: "gradient-flow",
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
      map.scale,
      h("div", { class: "rv-controls" }, sequencePicker, saveMenu),
    ),
    board,
    transport.element,
    spoken,
  );

  let drawn = -1;
  function refill(): void {
    map.refill();
    map.fit();
    paint();
  }
  function draw(): void {
    const sequence = Math.min(cursor.get("sequence"), state.sequences - 1);
    if (sequence !== drawn) {
      drawn = sequence;
      state.goTo(sequence);
      sequencePicker.value = String(sequence);
      transport.resize(state.steps);
      refill();
      return;
    }
    const column = state.clamp(cursor.get("step"));
    transport.show(column);
    map.mark(column);
    curves.draw(column, Math.max(180, map.width() - 10));
    spoken.textContent = state.tell(column);
  }
  const paint = oncePerFrame(draw, signal);
  onWidth(board, signal, () => {
    map.fit();
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  draw();
}
