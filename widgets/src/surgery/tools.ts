// Where a value is set and held, and the list of what is held.
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { makeHoldList } from "./hold_list";
import type { SurgeryState } from "./state";

export function makeTools(cursor: Cursor, state: SurgeryState, repaint: () => void) {
  const stretch = h("span", { class: "rv-stretch", role: "status" });
  const slider = makeSlider({
    label: "hold at",
    low: 0,
    high: 1,
    step: 0.05,
    value: 0,
    choose: (value) => {
      if (state.setValue(value)) repaint();
    },
  });
  const after = (change: () => void) => () => {
    change();
    repaint();
  };
  const valueNow = () => Number(slider.input.value);
  const holdButton = h(
    "button",
    { type: "button", class: "rv-primary", onclick: after(() => state.hold(valueNow())) },
    "Hold",
  );
  const releaseButton = h(
    "button",
    { type: "button", onclick: after(() => state.releaseAll()) },
    "Let go of everything",
  );
  const list = makeHoldList(chooseHold, (place) => {
    state.release(place);
    repaint();
  });

  function bound(): void {
    slider.bound(...state.range);
    slider.show(state.value);
  }

  function chooseHold(place: number): void {
    const hold = state.choose(place);
    if (hold) {
      cursor.move({ layer: hold.layer, step: Math.min(hold.from, state.steps - 1) });
      if (hold.gate !== state.array) {
        state.showArray(hold.gate);
        bound();
      }
      slider.show(hold.value);
    }
    repaint();
  }

  return {
    element: h(
      "div",
      { class: "rv-scalpel", role: "group", "aria-label": "Hold a gate or a state" },
      stretch,
      slider.element,
      holdButton,
      releaseButton,
    ),
    list: list.element,
    bound,
    draw() {
      stretch.textContent = state.sayDraft(valueNow());
      releaseButton.disabled = !state.isTouched;
      list.show(state.sayHolds(), state.chosen);
    },
  };
}
