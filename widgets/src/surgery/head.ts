// The head of the card: which sequence, layer and array are shown, and other words.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { capital, sayArray } from "../lib/words/sayings";
import type { SurgeryState } from "./state";

interface Changed {
  repaint(): void;
  /** The slider gets the ends of what is held now. */
  bound(): void;
}

export function makeHead(root: HTMLElement, cursor: Cursor, state: SurgeryState, changed: Changed) {
  const { layers } = state.trace;
  const sequencePicker = makeSequencePicker(cursor, state.layer.sequences);
  const arrayPicker = h("select", {
    "aria-label": "What is shown and held",
    onchange: () => {
      state.showArray(arrayPicker.value);
      changed.bound();
      changed.repaint();
    },
  });
  const layerPicker = h(
    "select",
    {
      "aria-label": "Layer",
      hidden: layers.length < 2,
      onchange: () => cursor.move({ layer: layerPicker.value }),
    },
    ...layers.map(({ name }) => h("option", { value: name }, name)),
  );
  const compare = h("input", {
    type: "checkbox",
    onchange: () => {
      state.changes = compare.checked;
      changed.repaint();
    },
  });
  const wordPicker = h(
    "select",
    {
      "aria-label": "The word at the cursor",
      onchange: () => {
        state.replaceWord(Number(wordPicker.value));
        changed.repaint();
      },
    },
    ...state.vocabulary.map((word, number) => h("option", { value: number }, word)),
  );
  const saveMenu = makeSaveMenu({
    name: "surgery",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  let listed = "";
  return {
    element: h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Surgery on a trained network"),
      h(
        "div",
        { class: "rv-controls" },
        sequencePicker,
        layerPicker,
        arrayPicker,
        h("label", { class: "rv-field" }, compare, "show the change"),
        state.outcomes.replaces && h("label", { class: "rv-field" }, "word", wordPicker),
        saveMenu,
      ),
    ),
    show() {
      const { name } = state.layer;
      if (listed !== name) {
        listed = name;
        arrayPicker.replaceChildren(
          ...state.settle().map((value) => h("option", { value }, capital(sayArray(value)))),
        );
        changed.bound();
      }
      arrayPicker.value = state.array;
      layerPicker.value = name;
      sequencePicker.value = String(state.sequence);
      if (document.activeElement !== wordPicker) wordPicker.value = String(state.word);
    },
  };
}
