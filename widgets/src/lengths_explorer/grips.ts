// The handles at the sequences' ends.
import { s, set } from "../lib/page/dom";
import { plural } from "../lib/words/format";
import { type Layout, ROW } from "./layout";
import type { BatchState } from "./state";

interface Hand {
  /** A sequence is to have this length. */
  drag(sequence: number, length: number): void;
  /** The change is done. */
  keep(): void;
  /** The number of steps that end under this point of the screen. */
  stepsUnder(clientX: number): number;
}

export interface Grips {
  element: SVGGElement;
  show(layout: Layout): void;
  focus(): void;
}

export function makeGrips(state: BatchState, hand: Hand): Grips {
  const grips = state.lengths.map((_, sequence) => makeGrip(state, sequence, hand));
  return {
    element: s("g", {}, ...grips),
    show(layout) {
      grips.forEach((grip, sequence) => {
        const length = state.lengths[sequence];
        grip.setAttribute("transform", `translate(${layout.x(length)} ${layout.y(sequence)})`);
        set(grip, { "aria-valuenow": length, "aria-valuetext": plural(length, "step") });
      });
    },
    focus: () => grips[0]?.focus(),
  };
}

function makeGrip(state: BatchState, sequence: number, hand: Hand): SVGGElement {
  const grip = s(
    "g",
    {
      class: "rv-grip",
      role: "slider",
      tabindex: 0,
      "aria-label": `Length of sequence ${sequence}`,
      "aria-valuemin": 1,
      "aria-valuemax": state.steps,
    },
    s("rect", { class: "rv-grip-room", x: -14, y: 4, width: 28, height: ROW - 16 }),
    s("rect", { class: "rv-grip-bar", x: -4, y: 8, width: 8, height: ROW - 28, rx: 4 }),
  );
  grip.addEventListener("pointerdown", (event) => {
    grip.setPointerCapture(event.pointerId);
    grip.focus();
    event.preventDefault();
  });
  grip.addEventListener("pointermove", (event) => {
    if (grip.hasPointerCapture(event.pointerId)) hand.drag(sequence, hand.stepsUnder(event.clientX));
  });
  grip.addEventListener("lostpointercapture", hand.keep);
  grip.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const length = state.lengths[sequence];
    const to = {
      ArrowLeft: length - 1,
      ArrowDown: length - 1,
      ArrowRight: length + 1,
      ArrowUp: length + 1,
      PageUp: length + 4,
      PageDown: length - 4,
      Home: 1,
      End: state.steps,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    hand.drag(sequence, to);
    hand.keep();
  });
  return grip;
}
