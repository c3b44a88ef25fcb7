// The translation as a row of words, each a button that goes there.
import { h } from "../lib/page/dom";
import type { TranslatorState } from "./state";

interface Acts {
  goTo(step: number): void;
  /** Another sentence is said. */
  changed(): void;
}

export function makeSaidWords(state: TranslatorState, { goTo, changed }: Acts) {
  const row = h("div", {
    class: "rv-said rv-in-picture",
    role: "group",
    "aria-label": "Translation, word by word",
  });
  const free = h(
    "button",
    {
      type: "button",
      onclick: () => {
        state.letGo();
        changed();
      },
    },
    "Let it choose again",
  );
  return {
    element: h("div", { class: "rv-controls rv-said-row" }, h("strong", {}, "It says"), row, free),
    fill() {
      row.replaceChildren(
        ...state.said.map((_, place) =>
          h(
            "button",
            {
              type: "button",
              class: "rv-word",
              "aria-label": state.sayWord(place),
              onclick: () => goTo(state.stepOf(place)),
            },
            state.wordSaid(place),
            state.forced.has(place) && h("span", { class: "rv-pin", "aria-hidden": "true" }, "✎"),
          ),
        ),
      );
      free.hidden = state.forced.size === 0;
    },
    mark() {
      for (const [place, button] of [...row.children].entries()) {
        button.classList.toggle("rv-unsaid", place > state.place);
        button.setAttribute("aria-current", String(place === state.place));
      }
    },
  };
}
