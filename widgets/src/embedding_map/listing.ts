// All words as a table, for who does not read a map; filled only while it is open.
import { h } from "../lib/page/dom";
import type { WordsState } from "./state";
import { nearest } from "./word_space";

export interface Listing {
  element: HTMLElement;
  show(): void;
}

export function makeListing(state: WordsState): Listing {
  const table = h("div", {
    class: "rv-table-box rv-word-table",
    tabindex: 0,
    role: "group",
    "aria-label": "All words",
  });
  const element = h("details", { class: "rv-listing" }, h("summary", {}, "All words as a list"), table);
  const row = (word: string, number: number) => {
    const near = nearest(state, number, 3).map((one) => state.words[one.word]);
    return h("tr", {}, h("th", { scope: "row" }, word), h("td", {}, near.join(", ")));
  };
  const show = () => {
    if (!element.open) return;
    const head = ["word", "nearest three"].map((text) => h("th", { scope: "col" }, text));
    table.replaceChildren(
      h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...state.words.map(row))),
    );
  };
  element.addEventListener("toggle", show);
  return { element, show };
}
