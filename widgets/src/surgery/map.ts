// The map of what is shown, unit by unit and step by step, on which a region is drawn to be held.
import { hueProperty, type Scale, scaleOf } from "../lib/draw/colours";
import { makeMapPanel, type Place } from "../lib/draw/map_panel";
import { whole } from "../lib/draw/region";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { formatNumber } from "../lib/words/format";
import type { SurgeryState } from "./state";

const [LEAST, MOST, ROW] = [120, 300, 7];

export function makeMap(root: HTMLElement, cursor: Cursor, state: SurgeryState, repaint: () => void) {
  let corner: Place | null = null;
  const panel = makeMapPanel({
    name: "hidden",
    title: " ",
    across: state.trace.labels ? "read so far" : "step t",
    hover: ({ row, column }) => {
      panel.reading.textContent = `unit ${row}, step ${column}: ${formatNumber(state.at(row, column), 2)}`;
    },
    leave: () => {
      panel.reading.textContent = "";
    },
    press: (place) => {
      corner = place;
      state.drawn = null;
      cursor.move({ step: place.column, unit: place.row });
    },
    drag: (place) => {
      if (!corner || (corner.row === place.row && corner.column === place.column && !state.drawn)) return;
      state.drawRegion(corner, place);
      repaint();
    },
    release: () => {
      corner = null;
    },
  });
  const heading = panel.element.querySelector("strong")!;
  const heldMark = h("div", { class: "rv-held", hidden: true });
  panel.figure.append(heldMark);

  function drawHeld(): void {
    const { held, steps } = state;
    const { units } = state.layer;
    heldMark.hidden = held === null;
    if (!held) return;
    const part = (at: number, of: number) => `${(100 * at) / of}%`;
    heldMark.style.cssText =
      `left: ${part(held.left, steps)}; width: ${part(held.right - held.left, steps)}; ` +
      `top: ${part(held.top, units)}; height: ${part(held.bottom - held.top, units)}`;
  }

  return {
    element: panel.element,
    /** Paints it, and says with which colours. */
    draw(): Scale {
      const { steps, array, changes } = state;
      const { units } = state.layer;
      const scale = scaleOf(root, changes ? "hidden" : array, state.largest);
      heading.textContent = state.sayTitle();
      heading.style.color = `var(${hueProperty(array)})`;
      panel.paint({
        map: { rows: units, columns: steps, at: (unit, step) => state.at(unit, step) },
        region: whole(units, steps),
        scale,
        height: Math.max(LEAST, Math.min(MOST, ROW * units)),
        rowName: String,
        labels: state.labels,
      });
      panel.size(panel.figure.clientWidth);
      panel.mark({ row: state.unit, column: state.step });
      panel.brush(state.drawn);
      panel.figure.setAttribute("aria-label", state.sayMap());
      drawHeld();
      return scale;
    },
  };
}
