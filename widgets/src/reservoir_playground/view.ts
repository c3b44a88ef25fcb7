// The card of the reservoir: dials above, and below what follows from them.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { makeDials } from "./dials";
import { makeFading, makeForecast, makeMemory, makeSpectrum, makeStarts } from "./plots";
import type { ReservoirState } from "./state";
import { makeStatesMap } from "./states_map";

/** A hundred units take three frames to fit, fifty less than one. */
const MANY = 50;
const WAIT = 60;

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: ReservoirState,
): void {
  const dials = makeDials(state, () => compute());
  const spectrum = makeSpectrum(root, state);
  const map = makeStatesMap(root, state, cursor);
  const starts = makeStarts(state);
  const fading = makeFading(state);
  const memory = makeMemory(state);
  const forecast = makeForecast(state);
  const board = h(
    "div",
    { class: "rv-reservoir" },
    ...[forecast, starts, fading, spectrum, memory, map].map(({ element }) => element),
  );
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const saveMenu = makeSaveMenu({
    name: "reservoir",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Reservoir: random weights, one fitted readout"),
      h("div", { class: "rv-controls" }, saveMenu),
    ),
    ...dials.elements,
    board,
    spoken,
  );

  const mark = () => {
    const step = state.clampStep(cursor.get("step"));
    const unit = state.clampUnit(cursor.get("unit"));
    map.mark(step, unit);
    starts.draw(step, unit);
    fading.draw(step);
  };
  // What costs little is drawn in the next frame, the readouts as soon as the sliders leave a moment for them.
  const drawFirst = oncePerFrame(() => {
    state.run();
    spectrum.draw(0);
    map.draw();
    mark();
  }, signal);
  const drawReadouts = () => {
    memory.draw(0);
    forecast.draw(0);
  };
  const drawSecond = oncePerFrame(() => {
    state.fitReadouts();
    drawReadouts();
    spoken.textContent = state.tell();
  }, signal);
  let later = 0;
  signal.addEventListener("abort", () => clearTimeout(later));
  function compute(): void {
    drawFirst();
    clearTimeout(later);
    later = window.setTimeout(drawSecond, state.units > MANY ? WAIT : 0);
  }
  onWidth(board, signal, () => {
    drawFirst();
    if (state.forecast || state.capacity?.length) drawReadouts();
  });
  onTheme(signal, compute);
  cursor.on(oncePerFrame(mark, signal));
  compute();
}
