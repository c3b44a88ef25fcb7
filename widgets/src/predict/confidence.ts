// How sure one is, said before anything is revealed.
import { h } from "../lib/page/dom";
import { CONFIDENCE } from "../lib/words/prediction";

export interface Confidence {
  element: HTMLElement;
  get(): string;
  set(words: string): void;
  lock(locked: boolean): void;
}

/** `group` is a name that no other widget on the page has. */
export function makeConfidence(group: string): Confidence {
  const inputs = CONFIDENCE.map((words) => h("input", { type: "radio", name: group, value: words }));
  const labels = CONFIDENCE.map((words, place) => h("label", {}, inputs[place], h("span", {}, words)));
  return {
    element: h(
      "div",
      { class: "rv-sure", role: "radiogroup", "aria-labelledby": group },
      h("span", { class: "rv-note", id: group }, "How sure are you?"),
      ...labels,
    ),
    get: () => inputs.find((input) => input.checked)?.value ?? "",
    set(words) {
      for (const input of inputs) input.checked = input.value === words;
    },
    lock(locked) {
      for (const input of inputs) input.disabled = locked;
    },
  };
}
