// The card of the batches: how long the sequences are, how they are padded, and what that costs.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import type { Cursor } from "../lib/page/shared_cursor";
import { makeHistogram } from "./histogram";
import { makeMethods } from "./methods";
import { binWidth, SHAPE_BIN, SHAPES, spreadLengths } from "./padding";
import { makePicture } from "./rows";
import type { PaddingState, Settings } from "./state";

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  cursor: Cursor,
  state: PaddingState,
  choose: (change: Partial<Settings>) => void,
): { show(): void } {
  const first = state.lengths;
  const reshape = (lengths: number[], bin: number) => {
    state.bin = bin;
    choose({ lengths });
  };
  const histogram = makeHistogram(state, (lengths) => choose({ lengths }));
  const shapeButton = (name: string, lengths: () => number[], bin: number) =>
    h("button", { type: "button", onclick: () => reshape(lengths(), bin) }, name);
  const shapes = h(
    "div",
    { class: "rv-controls", role: "group", "aria-label": "Shapes" },
    ...SHAPES.map(({ name, counts }) => shapeButton(name, () => spreadLengths(counts, SHAPE_BIN), SHAPE_BIN)),
    shapeButton("As at first", () => first, binWidth(first)),
  );
  const slider = (name: "batch" | "buckets", label: string, low: number, high: number) => {
    const made = makeSlider({
      ...{ label, low, high, step: 1, value: state.settings[name] },
      choose: (value) => choose({ [name]: value }),
    });
    const show = () => {
      const value = state.settings[name];
      if (value > Number(made.input.max)) made.bound(low, value);
      made.show(value);
    };
    return { element: made.element, show };
  };
  const sliders = [slider("batch", "batch size", 1, 32), slider("buckets", "buckets", 1, 16)];
  const methods = makeMethods(state, (method) => choose({ method }));
  const picture = makePicture(root, signal, cursor, state);
  const story = h("p", { class: "rv-padding-story", "aria-live": "polite" });
  const note = h("p", { class: "rv-note" });
  const again = h("button", { type: "button" }, "Shuffle");
  again.addEventListener("click", () => choose({ seed: (state.settings.seed + 1) % 2 ** 32 }));
  const saveMenu = makeSaveMenu({
    name: "padding",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "What padding costs"),
      h("div", { class: "rv-controls" }, again, saveMenu),
    ),
    h(
      "div",
      { class: "rv-padding" },
      h(
        "div",
        { class: "rv-padding-left" },
        h("strong", {}, "How long are the sequences?"),
        histogram.element,
        histogram.axis,
        shapes,
        h("div", { class: "rv-sliders" }, ...sliders.map(({ element }) => element)),
        methods.element,
      ),
      h(
        "div",
        { class: "rv-padding-right" },
        h(
          "ul",
          { class: "rv-legend" },
          h("li", {}, h("i", { class: "rv-pad-data" }), "data"),
          h("li", {}, h("i", { class: "rv-pad-zeros" }), "padding"),
        ),
        picture.element,
        note,
      ),
    ),
    story,
  );
  return {
    show() {
      for (const one of [...sliders, methods, histogram]) one.show();
      story.textContent = state.tell();
      note.textContent = state.note;
      picture.arrange();
    },
  };
}
