// Which unit colours the text: typed, or pressed in the strip of all of them.
import type { Scale } from "../lib/draw/colours";
import type { Tooltip } from "../lib/draw/tooltip";
import { makeUnitStrip } from "../lib/draw/unit_strip";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { formatNumber } from "../lib/words/format";
import type { WriterState } from "./state";

export function makeUnitRow(state: WriterState, cursor: Cursor, tooltip: Tooltip) {
  const number = h("input", {
    type: "number",
    class: "rv-unit-number",
    min: 0,
    max: state.units - 1,
    value: 0,
    oninput: () => {
      const unit = number.valueAsNumber;
      if (Number.isInteger(unit) && unit >= 0 && unit < state.units) cursor.move({ unit });
    },
  });
  const order = Array.from({ length: state.units }, (_, unit) => unit);
  const strip = makeUnitStrip({
    choose: (unit) => cursor.move({ unit }),
    hover: (unit, x, y) =>
      tooltip.show(`unit ${unit}: ${formatNumber(state.valueOf(state.step, unit))}`, x, y),
    leave: tooltip.hide,
  });
  const element = h(
    "div",
    { class: "rv-units" },
    h("label", { class: "rv-field" }, "unit", number),
    strip.element,
  );
  return {
    element,
    strip: strip.element,
    order,
    draw(scale: Scale) {
      const { unit, step } = state;
      element.hidden = state.isSurprise;
      if (document.activeElement !== number) number.value = String(unit);
      if (!state.isSurprise)
        strip.show(order, (one) => state.valueOf(step, one), scale, unit, `unit ${unit}`);
    },
  };
}
