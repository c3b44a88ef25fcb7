// Examples to pick from, one of each class at a time.
import { paintMap } from "../lib/draw/heatmap";
import { h } from "../lib/page/dom";
import { inkScale } from "./seen";
import type { ReaderState } from "./state";

export interface Shelf {
  element: HTMLElement;
  /** Draws the examples, in the page's colours. */
  fill(): void;
}

export function makeShelf(
  root: HTMLElement,
  { examples, rows, columns }: ReaderState,
  pick: (image: Float32Array) => void,
): Shelf {
  const classes = new Set(examples.map(({ label }) => label)).size;
  const sets = Math.max(1, Math.ceil(examples.length / (classes || 1)));
  let first = 0;
  const list = h("div", { class: "rv-example-list", role: "group", "aria-label": "Examples of the data" });
  const others = h("button", { type: "button", class: "rv-act", hidden: sets < 2 }, "Others");
  others.addEventListener("click", () => {
    first = (first + 1) % sets;
    fill();
  });
  function fill(): void {
    const scale = inkScale(root);
    list.replaceChildren(
      ...examples.slice(first * classes, (first + 1) * classes).map(({ image, label }) => {
        const canvas = h("canvas", { "aria-hidden": "true" });
        paintMap(canvas, { rows, columns, at: (row, column) => image[row * columns + column] }, scale);
        return h(
          "button",
          {
            type: "button",
            class: "rv-example",
            "aria-label": `Example: a ${label}`,
            onclick: () => pick(image),
          },
          canvas,
        );
      }),
    );
  }
  return {
    element: h(
      "div",
      { class: "rv-examples" },
      h("span", { class: "rv-note" }, "or pick an example"),
      list,
      others,
    ),
    fill,
  };
}
