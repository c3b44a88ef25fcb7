// The head of the card: what writes, what colours its text, and with which colours.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { hueProperty, isValve, makeRamp, readColour, type Scale, scaleOf } from "../lib/draw/colours";
import { h } from "../lib/page/dom";
import { sayArray } from "../lib/words/sayings";
import type { WriterState } from "./state";

export function makeHead(root: HTMLElement, state: WriterState, changed: () => void) {
  const title = h("h3", {}, state.sayTitle());
  const legend = h("ul", { class: "rv-legend" });
  const arrayPicker = h("select", {
    "aria-label": "Coloured by",
    onchange: () => {
      state.array = arrayPicker.value;
      changed();
    },
  });
  const layerPicker = h(
    "select",
    {
      "aria-label": "Layer",
      hidden: state.layers.length < 2,
      onchange: () => {
        state.layer = Number(layerPicker.value);
        changed();
      },
    },
    ...state.layers.map((name, k) => h("option", { value: k, selected: k === state.layer }, `layer ${name}`)),
  );
  const saveMenu = makeSaveMenu({
    name: "writer",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });

  function makeKey(largest: number): HTMLElement {
    const valve = isValve(state.array);
    const hue = `background: linear-gradient(90deg, var(--rv-mid), var(${hueProperty(state.array)}))`;
    const kind = state.isSurprise ? "rv-sequential" : valve ? "rv-valve" : "rv-scale";
    return h("li", {}, h("i", { class: kind, style: valve ? hue : null }), state.sayScale(largest));
  }

  return {
    element: h(
      "div",
      { class: "rv-head" },
      title,
      legend,
      h("div", { class: "rv-controls" }, layerPicker, arrayPicker, saveMenu),
    ),
    /** Shows what can be chosen, and the colours that go with the choice. */
    settle(): Scale {
      const names = state.arrays;
      if (arrayPicker.options.length !== names.length)
        arrayPicker.replaceChildren(
          ...names.map((name) => h("option", { value: name }, name === "surprise" ? name : sayArray(name))),
        );
      arrayPicker.value = state.array;
      const largest = state.largest();
      const colour = (property: string) => readColour(root, property);
      const scale = state.isSurprise
        ? { low: 0, high: largest, ramp: makeRamp([colour("--rv-mid"), colour("--rv-pos")]) }
        : scaleOf(root, state.array, largest);
      legend.replaceChildren(makeKey(scale.high));
      return scale;
    },
    draw() {
      title.textContent = state.sayTitle();
    },
  };
}
