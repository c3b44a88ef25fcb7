// Attention as a table: one row a word said, one column a word of the sentence, in its own order.
import { h } from "../lib/page/dom";
import type { TranslatorState } from "./state";

export function makeAttention(state: TranslatorState) {
  const element = h("div", {
    class: "rv-table-box rv-attention",
    tabindex: 0,
    role: "group",
    "aria-label": "Attention",
  });
  const makeRow = (place: number) =>
    h(
      "tr",
      { "data-place": place },
      h("th", { scope: "row" }, state.wordSaid(place)),
      ...state
        .attention(state.said[place])
        .map((weight) =>
          h(
            "td",
            { style: `--share: ${Math.round(100 * weight)}%`, class: weight > 0.5 ? "rv-strong" : null },
            weight.toFixed(2),
          ),
        ),
    );
  return {
    element,
    fill() {
      element.hidden = !state.attends || state.said.length === 0;
      if (element.hidden) return element.replaceChildren();
      const columns = state.words.map((word) => h("th", { scope: "col" }, word));
      element.replaceChildren(
        h(
          "table",
          {},
          h("caption", {}, "Attention: where each said word looked in the sentence"),
          h("thead", {}, h("tr", {}, h("td"), ...columns)),
          h("tbody", {}, ...state.said.map((_, place) => makeRow(place))),
        ),
      );
    },
    mark() {
      for (const row of element.querySelectorAll<HTMLElement>("tr[data-place]"))
        row.classList.toggle("rv-here", Number(row.dataset.place) === state.place);
    },
  };
}
