// Where a sentence is typed or chosen, and what is not understood of it.
import { h } from "../lib/page/dom";
import type { TranslatorState } from "./state";

export function makeSentence(state: TranslatorState, beginning: string, read: (text: string) => void) {
  const input = h("input", {
    type: "text",
    "aria-label": "Sentence to translate",
    spellcheck: "false",
    autocomplete: "off",
    maxlength: 200,
    oninput: () => read(input.value),
  });
  input.value = beginning;
  const picker = h(
    "select",
    {
      "aria-label": "Example",
      onchange: () => {
        if (picker.value === "") return;
        input.value = picker.value;
        read(picker.value);
        picker.value = "";
      },
    },
    h("option", { value: "" }, "an example…"),
    ...state.examples.map(([sentence]) => h("option", { value: sentence }, sentence)),
  );
  const complaint = h("p", { class: "rv-note", role: "status" });
  return {
    element: h("div", { class: "rv-controls rv-sentence" }, input, picker),
    complaint,
    complain() {
      complaint.textContent = state.complaint;
    },
  };
}
