// The states of all units over the first steps of noise.
import { scaleOf } from "../lib/draw/colours";
import { GUTTER, makeMapPanel, type Place } from "../lib/draw/map_panel";
import { whole } from "../lib/draw/region";
import { makeTooltip } from "../lib/draw/tooltip";
import type { Cursor } from "../lib/page/shared_cursor";
import { formatNumber, plural } from "../lib/words/format";
import { type ReservoirState, SHOWN } from "./state";

export interface StatesMap {
  element: HTMLElement;
  draw(): void;
  mark(step: number, unit: number): void;
}

export function makeStatesMap(root: HTMLElement, state: ReservoirState, cursor: Cursor): StatesMap {
  const tooltip = makeTooltip(root);
  const goTo = ({ row, column }: Place) => cursor.move({ step: column, unit: row });
  const map = makeMapPanel({
    name: "hidden",
    title: "States of the reservoir",
    hover({ row, column }, event) {
      const said = `unit ${row}, t = ${column}: ${formatNumber(state.stateAt(column, row))}`;
      tooltip.show(said, event.clientX, event.clientY);
    },
    leave: tooltip.hide,
    press: goTo,
    drag: goTo,
    release() {},
  });
  map.element.classList.add("rv-wide");
  map.figure.tabIndex = 0;
  map.figure.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    const unit = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (step === 0 && unit === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const now = { step: state.clampStep(cursor.get("step")), unit: state.clampUnit(cursor.get("unit")) };
    cursor.move({ step: state.clampStep(now.step + step), unit: state.clampUnit(now.unit + unit) });
  });
  return {
    element: map.element,
    draw() {
      const { units } = state;
      map.paint({
        map: { rows: units, columns: SHOWN, at: (row, column) => state.stateAt(column, row) },
        region: whole(units, SHOWN),
        scale: scaleOf(root, "hidden", state.limit),
        height: 190,
        rowName: String,
        labels: undefined,
      });
      map.size(map.element.clientWidth - GUTTER);
      map.figure.setAttribute(
        "aria-label",
        `States of ${plural(units, "unit")} over ${SHOWN} steps of noise. Arrow keys move the cursor.`,
      );
    },
    mark(step, unit) {
      map.mark({ row: unit, column: step });
      map.reading.textContent = formatNumber(state.stateAt(step, unit));
    },
  };
}
