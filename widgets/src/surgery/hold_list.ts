// The list of what is held.
import { h } from "../lib/page/dom";

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
