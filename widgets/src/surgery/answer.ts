// The answer as bars, before and now.
import { h } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import { BARS } from "./state";

export interface AnswerPanel {
  element: HTMLElement;
  show(bars: number[], before: ArrayLike<number>, now: ArrayLike<number>, target: number | undefined): void;
  /** Untouched and now; null where nobody knows the right answer. */
  loss(losses: [number, number] | null, touched: boolean): void;
}

export function makeAnswer(classes: readonly string[]): AnswerPanel {
  const rows = Array.from({ length: Math.min(BARS, classes.length) }, () => {
    const name = h("span", { class: "rv-answer-name" });
    const was = h("i", { class: "rv-answer-was" });
    const bar = h("i", { class: "rv-answer-bar" });
    const value = h("span", { class: "rv-answer-value" });
    const element = h("li", {}, name, h("span", { class: "rv-answer-track" }, bar, was), value);
    return { element, name, was, bar, value };
  });
  const loss = h("p", { class: "rv-answer-loss", hidden: true });
  return {
    element: h(
      "div",
      { class: "rv-answers" },
      h("h4", {}, "Its answer"),
      h("ol", {}, ...rows.map(({ element }) => element)),
      loss,
      h("p", { class: "rv-note" }, "Bar: now. Mark: untouched."),
    ),
    show(bars, before, now, target) {
      rows.forEach((row, k) => {
        const which = bars[k];
        row.name.textContent = `${classes[which]}${which === target ? " ✓" : ""}`;
        row.name.title = which === target ? "the right answer" : "";
        row.bar.style.width = `${100 * now[which]}%`;
        row.was.style.left = `${100 * before[which]}%`;
        row.value.textContent = now[which].toFixed(2);
        row.element.setAttribute(
          "aria-label",
          `${classes[which]}${which === target ? ", the right answer" : ""}: ${now[which].toFixed(2)}, untouched ${before[which].toFixed(2)}`,
        );
      });
    },
    loss(losses, touched) {
      loss.hidden = losses === null;
      if (!losses) return;
      const [before, now] = losses;
      loss.replaceChildren(
        "loss ",
        touched ? `${formatNumber(before, 2)} → ` : "",
        h("b", {}, formatNumber(now, 2)),
      );
    },
  };
}
