// Every unit of one array at one step, side by side: which one colours the text is chosen here.

import { h } from "../page/dom";
import type { Scale } from "./colours";
import { paintMap } from "./heatmap";

export interface UnitStrip {
  element: HTMLElement;
  /** Shows the values of all units, in this order, one of them chosen. */
  show(
    order: ArrayLike<number>,
    value: (unit: number) => number,
    scale: Scale,
    chosen: number,
    note: string,
  ): void;
}

interface Options {
  choose: (unit: number) => void;
  hover: (unit: number, x: number, y: number) => void;
  leave: () => void;
}

export function makeUnitStrip({ choose, hover, leave }: Options): UnitStrip {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const mark = h("div", { class: "rv-column-mark" });
  const element = h(
    "div",
    { class: "rv-units-strip", role: "slider", tabindex: 0, "aria-label": "Unit", "aria-valuemin": 0 },
    canvas,
    mark,
  );
  let units: ArrayLike<number> = [0];
  let current = 0;

  const under = (event: PointerEvent): number => {
    const box = element.getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left) / box.width) * units.length);
    return units[Math.max(0, Math.min(units.length - 1, at))];
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    choose(under(event));
  });
  element.addEventListener("pointermove", (event) => {
    hover(under(event), event.clientX, event.clientY);
    if (event.buttons & 1) choose(under(event));
  });
  element.addEventListener("pointerleave", leave);
  element.addEventListener("keydown", (event) => {
    // Left and right move through time in every widget; here up and down do what they do beside the text.
    const place = placeOf(units, current);
    const to = { PageDown: place + 10, PageUp: place - 10 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(units[Math.max(0, Math.min(units.length - 1, to))]);
  });

  return {
    element,
    show(order, value, scale, chosen, note) {
      units = order;
      current = chosen;
      paintMap(canvas, { rows: 1, columns: order.length, at: (_, column) => value(order[column]) }, scale);
      const place = placeOf(order, chosen);
      mark.style.cssText = `left: ${(100 * place) / order.length}%; width: ${100 / order.length}%`;
      element.setAttribute("aria-valuemax", String(order.length - 1));
      element.setAttribute("aria-valuenow", String(place));
      element.setAttribute("aria-valuetext", note);
    },
  };
}

/** The next unit up or down an order. */
export function stepUnit(order: ArrayLike<number>, unit: number, by: number): number {
  const to = placeOf(order, unit) + by;
  return order[Math.max(0, Math.min(order.length - 1, to))];
}

function placeOf(order: ArrayLike<number>, unit: number): number {
  for (let k = 0; k < order.length; k++) if (order[k] === unit) return k;
  return 0;
}
