// The sentences that a beam finds, each a button that says it.
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import { percent, type TranslatorState } from "./state";

export function makeBeam(state: TranslatorState, changed: () => void) {
  const list = h("ol", { class: "rv-beams" });
  const width = makeSlider({
    label: "width",
    low: 1,
    high: 6,
    step: 1,
    value: state.width,
    choose: (value) => {
      state.width = value;
      state.search();
      fill();
    },
  });
  width.input.setAttribute("aria-label", "Width of the beam");

  function fill(): void {
    list.replaceChildren(
      ...state.beams.map((beam) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              onclick: () => {
                state.forceAll(beam.words);
                changed();
              },
            },
            state.sayBeam(beam),
          ),
          h("span", { class: "rv-note" }, percent(Math.exp(beam.logChance))),
        ),
      ),
    );
  }

  return {
    element: h(
      "div",
      {},
      h("div", { class: "rv-map-head" }, h("strong", {}, "Beam search"), width.element),
      list,
      h(
        "p",
        { class: "rv-note" },
        "Ranked by the chance for each word, or the shortest would nearly always win.",
      ),
    ),
    fill,
  };
}
