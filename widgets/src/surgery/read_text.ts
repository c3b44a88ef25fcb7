// The text that the network reads, on the colours of one unit, along which steps are drawn to be held.
import type { Scale } from "../lib/draw/colours";
import { makeTextView } from "../lib/draw/text_view";
import type { Cursor } from "../lib/page/shared_cursor";
import type { SurgeryState } from "./state";

export function makeReadText(signal: AbortSignal, cursor: Cursor, state: SurgeryState, repaint: () => void) {
  const view = makeTextView({
    label: "What it reads; draw along it to choose steps",
    signal,
    words: (state.trace.labels ?? []).some((row) => row.some((label) => label.length > 1)),
    rows: 6,
    repaint,
    press: (step) => cursor.move({ step }),
    brush: ({ from, to }, done) => {
      state.drawSteps(from, to);
      if (done) cursor.move({ step: to });
      repaint();
    },
    hover: () => {},
    leave: () => {},
  });
  let shown = "";
  return {
    element: view.element,
    resize: view.resize,
    draw(scale: Scale) {
      const { labels, unit, step, drawn } = state;
      if (!labels) return;
      const next = labels.join("\u0000");
      if (next !== shown) {
        shown = next;
        view.setSymbols(labels);
      }
      view.paint({
        value: (at) => state.at(unit, at),
        scale,
        cursor: step,
        brush: drawn ? { from: drawn.left, to: drawn.right - 1 } : null,
        marked: [],
        dotted: (at) => state.isMarked(at),
      });
    },
  };
}
