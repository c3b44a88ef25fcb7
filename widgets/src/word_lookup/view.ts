// The table of words on the page, and a vector as a strip.
import type { Scale } from "../lib/draw/colours";
import { paintMap } from "../lib/draw/heatmap";
import { h } from "../lib/page/dom";
import { formatNumber } from "../lib/words/format";
import type { Row } from "./state";

export interface Table {
  element: HTMLElement;
  fill(rows: readonly Row[], heading: string, draw: (row: Row) => HTMLElement): void;
}

export function makeTable(): Table {
  const body = h("tbody");
  const vectorHead = h("th", { scope: "col" });
  const element = h(
    "table",
    { class: "rv-lookup" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "typed"),
        h("th", { scope: "col" }, "read as"),
        h("th", { scope: "col", class: "rv-number" }, "row"),
        vectorHead,
      ),
    ),
    body,
  );
  const makeRow = (row: Row, vector: HTMLElement) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, row.typed),
      h(
        "td",
        { class: row.token.startsWith("[") ? "rv-special" : null },
        h("b", {}, row.token),
        row.because && h("small", {}, row.because),
      ),
      h("td", { class: "rv-number" }, row.number.toLocaleString("en")),
      h("td", { class: "rv-vector" }, vector),
    );
  return {
    element,
    fill(rows, heading, draw) {
      vectorHead.textContent = heading;
      element.hidden = rows.length === 0;
      body.replaceChildren(...rows.map((row) => makeRow(row, draw(row))));
    },
  };
}

/** A vector, one narrow field a number. */
export function drawStrip(values: Float32Array, scale: Scale): HTMLElement {
  const first = [...values.subarray(0, 3)].map((value) => formatNumber(value, 2)).join(", ");
  const label = `${values.length} numbers, the first ${first}`;
  const canvas = h("canvas", { role: "img", "aria-label": label });
  paintMap(canvas, { rows: 1, columns: values.length, at: (_, column) => values[column] }, scale);
  return canvas;
}

/** As many zeros as there are words, and a single 1, at its true place. */
export function drawOneHot(number: number, words: number): HTMLElement {
  const left = (100 * number) / Math.max(1, words - 1);
  const label = `A 1 at place ${number}, and ${(words - 1).toLocaleString("en")} zeros`;
  const mark = h("i", { style: `left: min(${left.toFixed(3)}%, 100% - 3px)` });
  const place = h("span", {}, `1 at place ${number.toLocaleString("en")}`);
  // Said beside the mark: words that are frequent stand so far to the left that their places look alike.
  place.style.setProperty(left > 50 ? "right" : "left", `${left > 50 ? 100 - left : left}%`);
  return h("div", { class: "rv-one-hot", role: "img", "aria-label": label }, mark, place);
}
