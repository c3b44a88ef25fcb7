// The card of surgery: what is held on the left, over the text and the map; the answer on the right.
import type { AnyModel } from "@anywidget/types";
import { makeTransport } from "../lib/controls/transport";
import { h } from "../lib/page/dom";
import { askInTurn } from "../lib/page/requests";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { makeAnswer } from "./answer";
import { makeHead } from "./head";
import { makeMap } from "./map";
import { makeReadText } from "./read_text";
import type { SurgeryState } from "./state";
import { makeTools } from "./tools";

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  model: AnyModel,
  cursor: Cursor,
  state: SurgeryState,
): void {
  const repaint = oncePerFrame(draw, signal);
  const head = makeHead(root, cursor, state, {
    repaint,
    bound: () => tools.bound(),
  });
  const tools = makeTools(cursor, state, repaint);
  const text = makeReadText(signal, cursor, state, repaint);
  const map = makeMap(root, cursor, state, repaint);
  const answer = makeAnswer(state.classes);
  const said = h("p", { class: "rv-caption", role: "status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const transport = makeTransport({
    steps: state.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => state.sayWhere(step, steps),
  });
  root.append(
    head.element,
    h(
      "div",
      { class: "rv-surgery" },
      h(
        "div",
        {},
        state.trace.labels ? text.element : null,
        tools.element,
        tools.list,
        map.element,
        transport.element,
      ),
      h("div", {}, answer.element, said),
    ),
    problem,
  );
  const requests = state.outcomes.inPage
    ? null
    : askInTurn(model, signal, (message) => {
        problem.hidden = message === null;
        problem.textContent = message ?? "";
      });
  if (requests) {
    const arrived = () => {
      state.takeAnswer();
      repaint();
    };
    model.on("change:answer", arrived);
    signal.addEventListener("abort", () => model.off("change:answer", arrived));
  }

  function draw() {
    head.show();
    const question = state.refresh();
    if (question) requests!.ask({ ...question });
    transport.resize(state.steps);
    transport.show(state.step);
    const scale = map.draw();
    text.draw(scale);
    tools.draw();
    const { untouched, now, losses } = state;
    answer.show(state.bars, untouched.shares, now.shares, state.target);
    answer.loss(losses, state.holds.length > 0);
    const words = state.sayAnswer();
    if (said.textContent !== words) said.textContent = words;
  }

  cursor.on(() => {
    state.follow();
    repaint();
  });
  onWidth(root, signal, () => {
    text.resize();
    repaint();
  });
  onTheme(signal, repaint);
  tools.bound();
  draw();
}
