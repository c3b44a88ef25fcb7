// The text that was written, on the colours of a unit or of the surprise; the prompt stands in a frame.
import type { Scale } from "../lib/draw/colours";
import { makeTextView } from "../lib/draw/text_view";
import type { Tooltip } from "../lib/draw/tooltip";
import type { WriterState } from "./state";

interface Acts {
  repaint(): void;
  press(step: number): void;
}

export function makeWrittenText(signal: AbortSignal, state: WriterState, tooltip: Tooltip, acts: Acts) {
  const view = makeTextView({
    label:
      "The text written. Left and right arrows move through it, up and down choose a unit; a letter pressed here is put in by hand, Delete lets the dice decide again.",
    signal,
    words: false,
    rows: 10,
    repaint: acts.repaint,
    press: acts.press,
    hover: (index, x, y) => tooltip.show(state.describe(index), x, y),
    leave: tooltip.hide,
  });
  let seen = -1;
  return {
    element: view.element,
    fill() {
      view.setSymbols(state.symbols);
    },
    draw(step: number, scale: Scale) {
      const { symbols, prompt } = state;
      if (step !== seen) view.reveal(step);
      seen = step;
      view.paint({
        value: (place) => state.at(place),
        scale,
        cursor: step,
        brush: prompt.length > 0 ? { from: 0, to: Math.min(prompt.length, symbols.length) - 1 } : null,
        marked: [],
        dotted: (place) => state.isForced(place),
        paleFrom: state.writing.done,
      });
    },
  };
}
