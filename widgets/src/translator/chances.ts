// The likeliest next words at the cursor, each a button that forces it.
import { h } from "../lib/page/dom";
import { percent, type TranslatorState } from "./state";

export function makeChances(state: TranslatorState, force: (place: number, word: number) => void) {
  const list = h("div", { class: "rv-next-words" });
  const silent = () =>
    h(
      "p",
      { class: "rv-note" },
      state.states.length ? "It is still reading. Go on, or press a word of the translation." : "",
    );
  return {
    element: h("div", {}, h("div", { class: "rv-map-head" }, h("strong", {}, "The next word")), list),
    draw() {
      const { place } = state;
      const said = state.said[place];
      if (!said) return list.replaceChildren(silent());
      const held = list.contains(document.activeElement);
      const { chances, chosen } = said;
      list.replaceChildren(
        ...state.likeliest(said).map((word) => {
          const [name, share] = [state.wordOf(word), percent(chances[word])];
          return h(
            "button",
            {
              type: "button",
              class: "rv-chance",
              style: `--share: ${100 * chances[word]}%`,
              "aria-current": String(word === chosen),
              "aria-label": `say ${name}, ${share}`,
              onclick: () => force(place, word),
            },
            h("span", {}, name),
            h("span", { class: "rv-note" }, share),
          );
        }),
      );
      // Whoever chose with the keyboard goes on from the word that is now chosen.
      if (held) list.querySelector<HTMLElement>("[aria-current=true]")!.focus();
    },
  };
}
