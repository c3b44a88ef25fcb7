// The card of the maps.
import type { AnyModel } from "@anywidget/types";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport, whereAmong } from "../lib/controls/transport";
import { isValve } from "../lib/draw/colours";
import type { Region } from "../lib/draw/region";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { plural } from "../lib/words/format";
import { followKeys } from "./keys";
import { makeMaps } from "./maps";
import { makePart } from "./part";
import { makePickers } from "./pickers";
import { makeSaturation } from "./saturation";
import type { MapsState } from "./state";

const HELP =
  "Maps of gates and states. Left and right arrows move through time, up and down choose a unit, G the next map; with Shift they select a part, Enter zooms into it, Escape shows all again.";

export function makeView(
  model: AnyModel,
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: MapsState,
): void {
  const selectButton = makeToggle("Select", (on) => {
    maps.selecting = on;
    grid.classList.toggle("rv-selecting", on);
    if (!on) select(null);
  });
  const legend = makeLegend(state);
  const pickers = makePickers(state, { lead, changed: () => refill() }, selectButton, legend.element);
  const grid = makeGrid();
  const summary = h("p", { class: "rv-caption", "aria-live": "polite" });
  const saturation = makeSaturation((unit, gate) => cursor.move({ unit, gate, layer: state.layer.name }));
  const part = makePart(state, zoom, () => select(null));
  const maps = makeMaps(root, state, {
    goTo(map, { row, column }) {
      transport.pause();
      cursor.move({ step: column, unit: map.order[row], gate: map.name, layer: state.layer.name });
    },
    select,
    focus: () => grid.focus({ preventScroll: true }),
  });
  const placeNow = () => state.placeOf(cursor.get("step"), cursor.get("unit"));
  // Before the transport, which moves with the same keys.
  const keys = followKeys(grid, state, {
    ...{ placeNow, select, zoom, lead },
    goTo({ row, column }) {
      transport.pause();
      cursor.move({ unit: state.widest.order[row], step: column });
    },
  });
  const transport = makeTransport({
    steps: state.layer.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: whereAmong(() => state.labels),
  });
  const head = makeHead(model, root, state, cursor);
  root.append(head.element, pickers.element, grid, transport.element, summary);

  function lead(name: string): void {
    cursor.move({ gate: name, layer: state.layer.name });
    state.gate = name;
    if (state.sorting === "index") return;
    state.sort(state.sorting);
    refill();
  }
  function select(region: Region | null): void {
    state.brushed = region;
    keys.letGo();
    maps.brush(region);
    part.show();
  }
  function zoom(region: Region | null): void {
    keys.letGo();
    if (region) {
      const { row, column } = state.zoomTo(region, placeNow());
      cursor.move({ step: column, unit: state.widest.order[row] });
    } else state.showAll();
    refill();
    grid.focus({ preventScroll: true });
  }
  function build(): void {
    head.show();
    keys.letGo();
    grid.replaceChildren(...maps.build(), saturation.element, part.element);
    saturation.show(state.layer);
    pickers.build();
    legend.show();
    transport.resize(state.steps);
    refill();
  }
  /** Paints the maps anew: another layer, another sequence, or light turned to dark. */
  function refill(): void {
    maps.refill();
    maps.size(widthOf(grid));
    part.show();
    maps.brush(state.brushed);
    paint();
  }
  function draw(): void {
    state.gate = cursor.get("gate");
    const isOther = state.goTo(cursor.get("layer"), cursor.get("sequence"));
    if (isOther) build();
    else show();
  }
  function show(): void {
    const place = placeNow();
    // Another widget may have moved the cursor out of the part in view, which then goes along.
    if (state.followCursor(place)) refill();
    const unit = Math.min(cursor.get("unit"), state.units - 1);
    transport.show(place.column);
    maps.mark(place.column, unit);
    saturation.mark(unit);
    pickers.show();
    summary.textContent = state.tell(unit);
  }
  const paint = oncePerFrame(draw, signal);
  onWidth(grid, signal, () => {
    maps.size(widthOf(grid));
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  state.gate = cursor.get("gate");
  state.goTo(cursor.get("layer"), cursor.get("sequence"));
  build();
}

const makeGrid = (): HTMLElement =>
  h("div", { class: "rv-maps", tabindex: 0, role: "group", "aria-label": HELP });

const widthOf = (grid: HTMLElement): number => grid.firstElementChild?.clientWidth ?? 300;

/** What is shown, which of it, and what can be taken away. */
function makeHead(model: AnyModel, root: HTMLElement, state: MapsState, cursor: Cursor) {
  const title = h("h3");
  const layerPicker = makeLayerPicker(state, cursor);
  const sequencePicker = makeSequencePicker(cursor, state.layer.sequences);
  const saveMenu = makeSaveMenu({
    name: "gate-heatmap",
    root,
    table: () => state.tabulate(),
    code: (file) => state.writeCode(file),
    recorded: model,
  });
  const controls = h("div", { class: "rv-controls" }, layerPicker, sequencePicker, saveMenu);
  return {
    element: h("div", { class: "rv-head" }, title, controls),
    show() {
      const { kind, name, units } = state.layer;
      title.textContent = `${kind} layer ${name}: ${plural(units, "unit")}`;
      layerPicker.value = name;
      sequencePicker.value = String(state.sequence);
    },
  };
}

function makeLegend(state: MapsState) {
  const valve = h("li", {}, h("i", { class: "rv-valve" }), "gate: closed 0 to open 1");
  const value = h("li", {}, h("i", { class: "rv-scale" }), "value: negative to positive");
  return {
    element: h("ul", { class: "rv-legend" }, valve, value),
    show() {
      valve.hidden = !state.maps.some((map) => isValve(map.name));
    },
  };
}

function makeLayerPicker({ trace }: MapsState, cursor: Cursor): HTMLSelectElement {
  const picker = h("select", { "aria-label": "Layer", hidden: trace.layers.length < 2 });
  for (const { name } of trace.layers) picker.append(h("option", { value: name }, `layer ${name}`));
  picker.addEventListener("change", () => cursor.move({ layer: picker.value, unit: 0 }));
  return picker;
}

function makeToggle(text: string, turn: (on: boolean) => void): HTMLButtonElement {
  const button = h("button", { type: "button", "aria-pressed": "false" }, text);
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    turn(on);
  });
  return button;
}
