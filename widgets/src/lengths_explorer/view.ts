// The card of a ragged batch.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { plural } from "../lib/words/format";
import { makeBoard } from "./board";
import type { BatchState } from "./state";

/** `keep` is called once a change of the lengths is done. */
export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: BatchState,
  keep: () => void,
): { showLengths(): void } {
  const { steps, sequences, tops } = state;
  const packedWords = h("p", { class: "rv-lengths-code" });
  const story = h("p", { class: "rv-caption", role: "status" });
  const board = makeBoard(root, state, cursor, {
    drag(sequence, length) {
      if (!state.setLength(sequence, length)) return;
      cursor.move({ sequence });
      showLengths();
    },
    keep,
  });
  const ignoreButton = h("button", { type: "button", "aria-pressed": "false" }, "Forget the lengths");
  ignoreButton.addEventListener("click", () => {
    state.ignoring = !state.ignoring;
    ignoreButton.setAttribute("aria-pressed", String(state.ignoring));
    paint();
  });
  const resetButton = h("button", { type: "button", hidden: true }, "Back to the first lengths");
  resetButton.addEventListener("click", () => {
    state.lengths = [...state.given];
    showLengths();
    board.focusFirst();
    keep();
  });
  const direction = h("select", { "aria-label": "Direction", hidden: tops.length < 2 });
  for (const [k, name] of ["forward", "reverse"].entries()) direction.append(h("option", { value: k }, name));
  direction.addEventListener("change", () => {
    state.top = tops[Number(direction.value)];
    paint();
  });
  const transport = makeTransport({
    steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where(step) {
      const running = state.lengths.filter((length) => length > step).length;
      return `t = ${step} · ${plural(running, "sequence")} running`;
    },
  });
  const saveMenu = makeSaveMenu({
    name: "lengths",
    root,
    vectors: board.picture,
    table: () => state.tabulate(),
    code: () => state.writeLines(),
  });
  const through = `${state.trace.layers[0].kind}${state.depth > 1 ? `, ${state.depth} layers` : ""}`;
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, `A batch of ${plural(sequences, "sequence")} through ${through}`),
      h("div", { class: "rv-controls" }, direction, resetButton, ignoreButton, saveMenu),
    ),
    makeLegend(),
    board.element,
    transport.element,
    packedWords,
    story,
  );

  let width = 600;
  const paint = oncePerFrame(() => {
    const step = Math.min(cursor.get("step"), steps - 1);
    const chosen = Math.min(cursor.get("sequence"), sequences - 1);
    board.draw(width, step, chosen);
    transport.show(step);
    packedWords.replaceChildren(...state.tellPacked().map((line) => h("code", {}, line)));
    story.textContent = state.tell(step, chosen);
  }, signal);
  function showLengths(): void {
    resetButton.hidden = state.isAsGiven;
    paint();
  }
  onTheme(signal, () => {
    board.chooseScales();
    paint();
  });
  onWidth(board.element, signal, (now) => {
    width = now;
    paint();
  });
  cursor.on(paint);
  return { showLengths };
}

const makeLegend = (): HTMLElement =>
  h(
    "ul",
    { class: "rv-legend" },
    h("li", {}, h("i", { style: "--rv-swatch: var(--rv-input)" }), "input x"),
    h("li", {}, h("i", { style: "--rv-swatch: var(--rv-state)" }), "state h"),
    h("li", {}, h("i", { class: "rv-final-key" }), "final state is taken here"),
    h("li", {}, h("i", { class: "rv-pad-key" }), "padding"),
    h("li", {}, h("code", {}, "1 0"), "mask"),
    h("li", {}, h("i", { class: "rv-scale" }), "negative to positive"),
  );
