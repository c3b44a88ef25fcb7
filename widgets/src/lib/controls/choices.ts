// One list of options to choose from, the same in quizzes and predictions: a radiogroup with letters for badges.
import { h } from "../page/dom";
import { rich } from "../words/rich";

export interface Choices {
  element: HTMLElement;
  chosen(): number;
  choose(place: number): void;
  /** Marks an option; "" takes the mark away. */
  mark(place: number, state: "" | "right" | "wrong" | "mine" | "other", words?: string): void;
  lock(locked: boolean, except?: (place: number) => boolean): void;
  focus(): void;
}

const LETTERS = "ABCDEFGHIJ";

export function makeChoices(
  texts: string[],
  labelledBy: string,
  changed: () => void,
  commit: () => void,
): Choices {
  const inputs = texts.map((_, place) =>
    h("input", { type: "radio", name: `${labelledBy}-option`, value: place, onchange: changed }),
  );
  const marks = texts.map(() => h("span", { class: "rv-mark" }));
  const labels = texts.map((text, place) => {
    const words = h("span", { class: "rv-option-text" });
    words.append(...rich(text));
    const badge = h("span", { class: "rv-badge", "aria-hidden": "true" }, LETTERS[place] ?? "");
    return h("label", { class: "rv-option" }, inputs[place], badge, words, marks[place]);
  });
  const element = h(
    "div",
    { class: "rv-options", role: "radiogroup", "aria-labelledby": labelledBy },
    ...labels,
  );
  const chosen = () => inputs.findIndex((input) => input.checked);
  const choose = (place: number) => {
    const input = inputs[place];
    if (input === undefined || input.disabled) return;
    input.checked = true;
    changed();
  };

  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const place = LETTERS.indexOf(event.key.toUpperCase());
    if (event.key === "Enter") commit();
    else if (event.key.length === 1 && place >= 0 && place < inputs.length) {
      choose(place);
      inputs[place].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element,
    chosen,
    choose,
    mark(place, state, words = "") {
      labels[place].dataset.state = state;
      marks[place].textContent = words;
    },
    lock(locked, except = () => false) {
      for (const [place, input] of inputs.entries()) input.disabled = locked && !except(place);
      element.classList.toggle("rv-locked", locked);
    },
    focus() {
      (
        inputs.find((input) => input.checked && !input.disabled) ?? inputs.find((input) => !input.disabled)
      )?.focus();
    },
  };
}
