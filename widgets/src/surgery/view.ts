// The answer as bars, before and now; and the list of what is held.
import { h } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";

const BARS = 5;

export interface AnswerPanel {
  element: HTMLElement;
  show(bars: number[], before: ArrayLike<number>, now: ArrayLike<number>, target: number | undefined): void;
  loss(before: number | null, now: number | null, touched: boolean): void;
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
    loss(before, now, touched) {
      loss.hidden = now === null;
      if (now === null || before === null) return;
      loss.replaceChildren(
        "loss ",
        touched ? `${formatNumber(before, 2)} → ` : "",
        h("b", {}, formatNumber(now, 2)),
      );
    },
  };
}

export interface HoldList {
  element: HTMLElement;
  show(words: string[], chosen: number): void;
}

/** What is held, one line each, with a button that lets go of it. */
export function makeHoldList(choose: (place: number) => void, release: (place: number) => void): HoldList {
  const element = h("ul", { class: "rv-holds", "aria-label": "What is held" });
  let shown = "";
  return {
    element,
    show(words, chosen) {
      const key = `${words.join("\n")} ${chosen}`;
      if (key === shown) return;
      shown = key;
      element.hidden = words.length === 0;
      element.replaceChildren(
        ...words.map((text, place) =>
          h(
            "li",
            {},
            h(
              "button",
              { type: "button", "aria-pressed": String(place === chosen), onclick: () => choose(place) },
              text,
            ),
            h(
              "button",
              {
                type: "button",
                class: "rv-icon",
                "aria-label": `Let go: ${text}`,
                title: "Let go",
                onclick: () => release(place),
              },
              "×",
            ),
          ),
        ),
      );
    },
  };
}
