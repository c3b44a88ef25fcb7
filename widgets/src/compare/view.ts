// The card of a comparison: maps side by side, and their curves below.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport, whereAmong } from "../lib/controls/transport";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { sayArray } from "../lib/words/sayings";
import { makeCurves } from "./curves";
import { makeMaps } from "./maps";
import { MEASURES, type Measure } from "./measures";
import type { CompareState } from "./state";

export function makeView(root: HTMLElement, signal: AbortSignal, cursor: Cursor, state: CompareState): void {
  const sequencePicker = makeSequencePicker(cursor, state.sequences);
  const pickers = makePickers(state, {
    build: () => build(),
    refill: () => refill(),
    paint: () => paint(),
  });
  const goTo = (step: number, unit?: number) => {
    transport.pause();
    cursor.move(unit === undefined ? { step } : { step, unit });
  };
  const maps = makeMaps(root, state, {
    goTo,
    moveUnit: (by) => cursor.move({ unit: Math.max(0, Math.min(state.units - 1, cursor.get("unit") + by)) }),
    chooseLayer(side, name) {
      state.chooseLayer(side, name);
      build();
    },
  });
  const curves = makeCurves(root, state, goTo);
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: state.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: whereAmong(() => state.labelsOf(state.sides[0])),
  });
  const saveMenu = makeSaveMenu({
    name: "compare",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  const key = state.sides.map(({ title, place }) =>
    h("li", {}, swatch(curveProperty(place), curveDash(place)), title),
  );
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, `Compared: ${state.sides.map(({ name }) => name).join(", ")}`),
      h("div", { class: "rv-controls" }, sequencePicker, saveMenu),
    ),
    pickers.above,
    maps.element,
    h(
      "div",
      { class: "rv-compared" },
      h("div", { class: "rv-controls" }, pickers.measure, h("ul", { class: "rv-legend" }, ...key)),
      curves.element,
    ),
    transport.element,
    spoken,
  );

  function build(): void {
    state.settle();
    pickers.show();
    maps.build();
    transport.resize(state.steps);
    refill();
  }
  function refill(): void {
    maps.refill();
    maps.size();
    paint();
  }
  let last = "";
  function draw(): void {
    state.sequence = cursor.get("sequence");
    const now = `${state.sequence} ${state.steps}`;
    if (now !== last) {
      last = now;
      sequencePicker.value = String(state.sequence);
      build();
      return;
    }
    const [step, unit] = [state.clampStep(cursor.get("step")), cursor.get("unit")];
    transport.show(step);
    maps.mark(step, unit);
    curves.draw(step, unit);
    spoken.textContent = state.tell(step, unit);
  }
  const paint = oncePerFrame(draw, signal);
  onWidth(maps.element, signal, () => {
    maps.size();
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  draw();
}

interface Changed {
  build(): void;
  refill(): void;
  paint(): void;
}

/** Which array is shown, with which colours, and which number is drawn as a curve. */
function makePickers(state: CompareState, changed: Changed) {
  const array = h("select", { "aria-label": "Array" });
  const common = h("input", { type: "checkbox", checked: true });
  const difference = h("input", { type: "checkbox" });
  const differenceField = h("label", { class: "rv-field" }, difference, "Difference, B − A");
  const measure = h("select", { "aria-label": "Curve" });
  array.addEventListener("change", () => {
    state.array = array.value;
    changed.build();
  });
  common.addEventListener("change", () => {
    state.common = common.checked;
    changed.refill();
  });
  difference.addEventListener("change", () => {
    state.wantsDifference = difference.checked;
    changed.build();
  });
  measure.addEventListener("change", () => {
    state.measure = measure.value as Measure;
    changed.paint();
  });
  const offer = (picker: HTMLSelectElement, names: string[], chosen: string, say: (name: string) => string) =>
    picker.replaceChildren(
      ...names.map((value) => h("option", { value, selected: value === chosen }, say(value))),
    );
  return {
    above: h(
      "div",
      { class: "rv-controls rv-map-controls" },
      h("label", { class: "rv-field" }, "Show", array),
      h("label", { class: "rv-field" }, common, "Same colours for all"),
      differenceField,
    ),
    measure: h("label", { class: "rv-field" }, "Curve", measure),
    show() {
      offer(array, state.arrays, state.array, sayArray);
      offer(measure, state.measures, state.measure, (name) => MEASURES[name as Measure]);
      differenceField.hidden = state.difference === null;
    },
  };
}
