// The card of a weight's gradient: what each step adds, the sum beside the whole, and what truncation leaves.
import type { AnyModel } from "@anywidget/types";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { type Scale, scaleOf } from "../lib/draw/colours";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { formatShort } from "../lib/words/format";
import { makeBoard } from "./board";
import { makeMatrices } from "./matrices";
import type { WeightState } from "./state";
import { makeTruncation } from "./truncation";

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  model: AnyModel,
  cursor: Cursor,
  state: WeightState,
): void {
  const paint = oncePerFrame(draw, signal);
  const tooltip = makeTooltip(root);
  const title = h("h3");
  const [least, most] = [h("span"), h("span")];
  const weightPicker = h(
    "select",
    {
      "aria-label": "Parameter",
      onchange: () => {
        state.choose(weightPicker.value);
        refill();
      },
    },
    ...state.names.map((value) => h("option", { value }, state.sayParameter(value))),
  );
  weightPicker.value = state.name;
  const board = makeBoard(root, state, tooltip, (step) => {
    transport.pause();
    cursor.move({ step });
  });
  const matrices = makeMatrices(state, tooltip, paint);
  const truncation = makeTruncation(state, refill);
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: state.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    backwards: () => !state.reverse,
    where: (step) => state.sayStep(step),
  });
  const saveMenu = makeSaveMenu({
    name: "weight-gradient",
    root,
    vectors: board.drawing,
    table: () => state.tabulate(),
    recorded: model,
    code: (file) => state.writeCode(file),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h(
        "span",
        { class: "rv-legend" },
        h("span", { class: "rv-part-key" }, least, h("i", { class: "rv-scale" }), most),
      ),
      h("div", { class: "rv-controls" }, weightPicker, saveMenu),
    ),
    board.element,
    transport.element,
    matrices.element,
    truncation.element,
    spoken,
  );

  // The sums have one scale, so that they can be compared; the steps another, or many small parts would all be pale.
  let scale!: Scale;
  function refill(): void {
    scale = scaleOf(root, "hidden", state.largest || 1);
    title.textContent = state.sayTitle();
    least.textContent = `−${formatShort(state.largest)}`;
    most.textContent = formatShort(state.largest);
    board.refill();
    matrices.refill(scale);
    truncation.refill();
    paint();
  }
  function draw(): void {
    transport.show(state.step);
    board.draw(scale);
    matrices.draw(scale);
    spoken.textContent = state.tell();
  }

  // Colours are known once the card stands in the page, and it has no width before.
  onWidth(root, signal, refill);
  onTheme(signal, refill);
  cursor.on(paint);
  refill();
}
