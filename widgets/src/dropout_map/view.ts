// The card of dropout: what is kept, and the two maps.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeSlider } from "../lib/controls/slider";
import { scaleOf } from "../lib/draw/colours";
import { makeMapPanel } from "../lib/draw/map_panel";
import { whole } from "../lib/draw/region";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import type { DropoutState, Side } from "./state";

const [LEAST, MOST, ROW] = [120, 260, 9];

export function makeView(root: HTMLElement, signal: AbortSignal, cursor: Cursor, state: DropoutState): void {
  const repaint = oncePerFrame(draw, signal);
  const sequencePicker = makeSequencePicker(cursor, state.layer.sequences);
  const slider = makeSlider({
    label: "keep",
    low: 0.1,
    high: 1,
    step: 0.05,
    value: state.keep,
    choose: (value) => {
      state.keep = value;
      repaint();
    },
  });
  const modes = makeModes(state, repaint);
  const maps = (["says", "hears"] as const).map((side) => makeMap(root, cursor, state, side));
  const said = h("p", { class: "rv-caption", role: "status" });
  const saveMenu = makeSaveMenu({
    name: "dropout",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Dropout between two layers"),
      h("div", { class: "rv-controls" }, sequencePicker, ...modes.buttons, saveMenu),
    ),
    slider.element,
    h("div", { class: "rv-dropout" }, ...maps.map(({ element }) => element)),
    said,
  );

  function draw(): void {
    state.settle();
    sequencePicker.value = String(state.sequence);
    modes.show();
    slider.lock(state.inUse);
    for (const map of maps) map.draw();
    said.textContent = state.tell();
  }

  cursor.on(repaint);
  onWidth(root, signal, repaint);
  onTheme(signal, repaint);
  draw();
}

/** In training or in use, and another mask. */
function makeModes(state: DropoutState, repaint: () => void) {
  const makeButton = (name: string, press: () => void) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => {
          press();
          repaint();
        },
      },
      name,
    );
  const set = (inUse: boolean) => () => {
    state.inUse = inUse;
  };
  const [training, using] = [makeButton("In training", set(false)), makeButton("In use", set(true))];
  const again = makeButton("Draw again", () => state.drawAgain());
  return {
    buttons: [training, using, again],
    show() {
      training.setAttribute("aria-pressed", String(!state.inUse));
      using.setAttribute("aria-pressed", String(state.inUse));
      again.disabled = state.inUse;
    },
  };
}

function makeMap(root: HTMLElement, cursor: Cursor, state: DropoutState, side: Side) {
  const goTo = ({ row, column }: { row: number; column: number }) => cursor.move({ unit: row, step: column });
  const panel = makeMapPanel({
    name: "hidden",
    title: state.titleOf(side),
    across: state.labels ? "read so far" : "step t",
    hover: ({ row, column }) => {
      panel.reading.textContent = state.describe(side, row, column);
    },
    leave: () => {
      panel.reading.textContent = "";
    },
    press: goTo,
    drag: goTo,
    release: () => {},
  });
  return {
    element: panel.element,
    draw() {
      const { steps } = state;
      const { units } = state.layer;
      panel.paint({
        map: { rows: units, columns: steps, at: (unit, step) => state.at(side, unit, step) },
        region: whole(units, steps),
        scale: scaleOf(root, "hidden", state.largest(side)),
        height: Math.max(LEAST, Math.min(MOST, ROW * units)),
        rowName: String,
        labels: state.labels,
      });
      panel.size(panel.figure.clientWidth);
      panel.mark({ row: state.unit, column: state.step });
      panel.figure.setAttribute("aria-label", state.sayMap(side));
    },
  };
}
