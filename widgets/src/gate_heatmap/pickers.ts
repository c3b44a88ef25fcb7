// Which map leads, how the units are sorted, and how far the colours reach.
import { RANGES, type RangeChoice } from "../lib/draw/map_range";
import { h } from "../lib/page/dom";
import { capital, sayArray } from "../lib/words/sayings";
import type { MapsState } from "./state";
import { ORDERS, type Order } from "./unit_order";

interface Hand {
  lead(name: string): void;
  /** Other units stand in the rows, or the colours reach elsewhere. */
  changed(): void;
}

export interface Pickers {
  element: HTMLElement;
  /** Offers the maps that there are now. */
  build(): void;
  show(): void;
}

export function makePickers(state: MapsState, hand: Hand, ...more: HTMLElement[]): Pickers {
  const map = h("select", { "aria-label": "Map" });
  map.addEventListener("change", () => hand.lead(map.value));
  const sort = makePicker<Order>("Units", ORDERS, state.sorting, (order) => {
    state.sort(order);
    hand.changed();
  });
  const range = makePicker<RangeChoice>("Colours", RANGES, state.ranging, (reach) => {
    state.ranging = reach;
    hand.changed();
  });
  if (state.trace.layers.length < 2) range.querySelector("option[value=all]")!.remove();
  const field = (name: string, picker: HTMLElement) => h("label", { class: "rv-field" }, name, picker);
  return {
    element: h(
      "div",
      { class: "rv-controls rv-map-controls" },
      field("Map", map),
      field("Units", sort),
      field("Colours", range),
      ...more,
    ),
    build() {
      map.replaceChildren(
        ...state.maps.map(({ name }) => h("option", { value: name }, capital(sayArray(name)))),
      );
    },
    show() {
      map.value = state.leading.name;
    },
  };
}

function makePicker<T extends string>(
  label: string,
  choices: Record<T, string>,
  chosen: T,
  changed: (choice: T) => void,
): HTMLSelectElement {
  const picker = h("select", { "aria-label": label });
  for (const [value, text] of Object.entries<string>(choices))
    picker.append(h("option", { value, selected: value === chosen }, text));
  picker.addEventListener("change", () => changed(picker.value as T));
  return picker;
}
