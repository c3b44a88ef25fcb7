// A predicted number and the true one on one line.
import { h } from "../lib/page/dom";
import { makeStrip, shortNumber } from "../lib/words/prediction";
import type { PredictState } from "./state";

export function drawStrip(state: PredictState, guess: number, real: number): HTMLElement {
  const { start, end, place } = makeStrip(guess, real, state.low, state.high);
  const mark = (value: number, who: string, words: string) => {
    const at = place(value);
    const side = at > 0.7 ? "left" : at < 0.3 ? "right" : "middle";
    return h(
      "div",
      { class: `rv-strip-mark rv-strip-${who}`, "data-side": side, style: `left:${at * 100}%` },
      h("span", {}, `${words} ${state.withUnit(value)}`),
    );
  };
  const said = `You said ${state.withUnit(guess)}; it is ${state.withUnit(real)}.`;
  return h(
    "div",
    { class: "rv-strip", role: "img", "aria-label": said },
    mark(guess, "mine", "you"),
    h("div", { class: "rv-strip-line" }),
    mark(real, "truth", "truth"),
    h("span", { class: "rv-strip-end" }, shortNumber(start)),
    h("span", { class: "rv-strip-end" }, shortNumber(end)),
  );
}
