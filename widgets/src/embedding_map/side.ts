// Beside the map: the nearest words, and what a − b + c gives.
import { h } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import type { WordsState } from "./state";
import type { Near } from "./word_space";

export interface Side {
  element: HTMLElement;
  show(): void;
}

/** `list` is the id of the list of all words; `analogise` is called when a, b or c has changed. */
export function makeSide(
  state: WordsState,
  list: string,
  choose: (word: number) => void,
  analogise: () => void,
): Side {
  const nearTitle = h("h4", {});
  const nearList = h("ol", { class: "rv-near" });
  const answerList = h("ol", { class: "rv-near" });
  const answerNote = h("p", { class: "rv-note" });
  const forget = h("button", { type: "button", class: "rv-act", onclick: () => choose(-1) }, "Let go");
  const pick = (label: string, place: number) => {
    const field = h("input", {
      type: "text",
      list,
      "aria-label": label,
      class: "rv-word-field",
      autocomplete: "off",
      spellcheck: "false",
      value: state.analogy.length === 3 ? state.words[state.analogy[place]] : "",
    });
    field.addEventListener("input", () => {
      state.readAnalogy(fields.map(({ value }) => value));
      field.setAttribute("aria-invalid", String(field.value !== "" && !state.has(field.value)));
      analogise();
    });
    return field;
  };
  const fields = [pick("a", 0), pick("minus b", 1), pick("plus c", 2)];

  /** Buttons stay where they are, so that a focused one is not lost while the words move. */
  function fill(list: HTMLElement, found: Near[]): void {
    while (list.children.length > found.length) list.lastElementChild!.remove();
    while (list.children.length < found.length) {
      const button = h("button", { type: "button" }, h("span", {}), h("i", {}, h("b", {})), h("small", {}));
      button.addEventListener("click", () => choose(Number(button.dataset.word)));
      list.append(h("li", {}, button));
    }
    found.forEach(({ word, cosine }, k) => {
      const button = list.children[k].firstElementChild as HTMLButtonElement;
      const [name, track, number] = button.children as unknown as HTMLElement[];
      button.dataset.word = String(word);
      name.textContent = state.words[word];
      (track.firstElementChild as HTMLElement).style.width = `${100 * Math.max(0, cosine)}%`;
      number.textContent = formatNumber(cosine, 2);
      number.title = "cosine of the angle between the two vectors";
    });
  }

  return {
    element: h(
      "div",
      { class: "rv-word-side" },
      h("div", { class: "rv-place-head" }, nearTitle, forget),
      nearList,
      h("h4", {}, "a − b + c"),
      h("div", { class: "rv-analogy" }, fields[0], "−", fields[1], "+", fields[2], "≈"),
      answerList,
      answerNote,
    ),
    show() {
      const { picked, words, neighbours, answers } = state;
      nearTitle.textContent =
        picked >= 0 ? `Nearest to “${words[picked]}”` : "Pick a word to see which are nearest.";
      forget.hidden = picked < 0;
      fill(nearList, neighbours);
      fill(answerList, answers);
      answerNote.textContent = answers.length > 0 ? "" : "Choose three words, such as king − man + woman.";
    },
  };
}
