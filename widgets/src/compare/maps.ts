// The maps side by side, and that of their difference.
import { scaleOf } from "../lib/draw/colours";
import { GUTTER, type MapPanel, makeMapPanel, type Place } from "../lib/draw/map_panel";
import { whole } from "../lib/draw/region";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray } from "../lib/words/sayings";
import { alignSteps } from "./measures";
import type { CompareState, Side } from "./state";

export interface Maps {
  element: HTMLElement;
  /** Makes the maps of the arrays that are wanted now. */
  build(): void;
  /** Paints their values anew. */
  refill(): void;
  size(): void;
  mark(step: number, unit: number): void;
}

interface Hand {
  goTo(step: number, unit: number): void;
  moveUnit(by: number): void;
  chooseLayer(side: Side, name: string): void;
}

export function makeMaps(root: HTMLElement, state: CompareState, hand: Hand): Maps {
  const tooltip = makeTooltip(root);
  const makePanel = (value: (step: number, unit: number) => number): MapPanel => {
    const goTo = ({ row, column }: Place) => hand.goTo(column, row);
    return makeMapPanel({
      name: state.array,
      title: capital(sayArray(state.array)),
      hover({ row, column }, event) {
        const said = `unit ${row}, t = ${column}: ${formatNumber(value(column, row))}`;
        tooltip.show(said, event.clientX, event.clientY);
      },
      leave: tooltip.hide,
      press(place) {
        element.focus({ preventScroll: true });
        goTo(place);
      },
      drag: goTo,
      release() {},
    });
  };
  const sides = state.sides.map((side) => makeSide(state, side, makePanel, hand));
  const difference = makeDifference(state, makePanel);
  const element = h(
    "div",
    {
      class: "rv-sides",
      tabindex: 0,
      role: "group",
      "aria-label": "Maps side by side. Left and right arrows move through time, up and down choose a unit.",
    },
    ...sides.map((side) => side.element),
    difference.element,
  );
  element.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    hand.moveUnit(by);
  });
  const all: MapSide[] = [...sides, difference];
  const onEach = (act: (side: MapSide) => void) => () => {
    for (const side of all) act(side);
  };
  return {
    element,
    build: onEach((side) => side.build()),
    refill: onEach((side) => side.refill()),
    size: onEach((side) => side.size()),
    mark(step, unit) {
      for (const side of all) side.mark(step, unit);
    },
  };
}

interface MapSide {
  element: HTMLElement;
  build(): void;
  refill(): void;
  size(): void;
  mark(step: number, unit: number): void;
}

type PanelMaker = (value: (step: number, unit: number) => number) => MapPanel;

const heightOf = (units: number): number => Math.max(72, Math.min(180, units * 12));
const fit = (panel: MapPanel | null): void => panel?.size(panel.element.clientWidth - GUTTER);

function makeSide(state: CompareState, side: Side, makePanel: PanelMaker, hand: Hand): MapSide {
  const { layers } = side.trace;
  const picker = h("select", { "aria-label": `Layer of ${side.name}`, hidden: layers.length < 2 });
  for (const { name } of layers)
    picker.append(h("option", { value: name, selected: name === side.layer.name }, `layer ${name}`));
  picker.addEventListener("change", () => hand.chooseLayer(side, picker.value));
  const size = h("span", { class: "rv-note" });
  const body = h("div");
  let panel: MapPanel | null = null;
  return {
    element: h(
      "div",
      { class: "rv-side" },
      h("div", { class: "rv-side-head" }, h("strong", {}, side.title), size, picker),
      body,
    ),
    build() {
      const { kind, units, arrays } = side.layer;
      size.textContent = `${kind}, ${plural(units, "unit")}`;
      panel = state.blockOf(side) ? makePanel((step, unit) => state.valueOf(side, step, unit)) : null;
      const has = [...arrays.keys()].map(sayArray).join(", ");
      body.replaceChildren(
        panel?.element ??
          h("p", { class: "rv-note" }, `This ${kind} has no ${sayArray(state.array)}. It has ${has}.`),
      );
    },
    refill() {
      if (!panel) return;
      const units = state.blockOf(side)!.shape[2];
      const { steps } = state;
      const labels = state.labelsOf(side);
      panel.paint({
        map: { rows: units, columns: steps, at: (row, column) => state.valueOf(side, column, row) },
        region: whole(units, steps),
        scale: { ...scaleOf(panel.element, state.array), ...state.rangeOf(side) },
        height: heightOf(units),
        rowName: String,
        labels: labels && alignSteps(labels, steps),
      });
      panel.figure.setAttribute("aria-label", state.sayMap(side));
    },
    size: () => fit(panel),
    mark(step, unit) {
      if (!panel) return;
      const mine = Math.min(unit, state.blockOf(side)!.shape[2] - 1);
      panel.mark({ row: mine, column: step });
      panel.reading.textContent = state.read(side, step, unit);
    },
  };
}

function makeDifference(state: CompareState, makePanel: PanelMaker): MapSide {
  const element = h("div", { class: "rv-side", hidden: true });
  let panel: MapPanel | null = null;
  return {
    element,
    build() {
      const less = state.wantsDifference ? state.difference : null;
      panel = less && makePanel(less);
      element.hidden = panel === null;
      element.replaceChildren(
        ...(panel ? [h("div", { class: "rv-side-head" }, h("strong", {}, "B − A")), panel.element] : []),
      );
    },
    refill() {
      if (!panel) return;
      const { units, steps } = state;
      const less = state.difference!;
      panel.paint({
        map: { rows: units, columns: steps, at: (row, column) => less(column, row) },
        region: whole(units, steps),
        // A difference has a sign whatever it is the difference of.
        scale: scaleOf(panel.element, "hidden", state.largestDifference || 1),
        height: heightOf(units),
        rowName: String,
        labels: undefined,
      });
      panel.figure.setAttribute("aria-label", state.sayDifference());
    },
    size: () => fit(panel),
    mark(step, unit) {
      if (!panel) return;
      const mine = Math.min(unit, state.units - 1);
      panel.mark({ row: mine, column: step });
      panel.reading.textContent = formatNumber(state.difference!(step, mine));
    },
  };
}
