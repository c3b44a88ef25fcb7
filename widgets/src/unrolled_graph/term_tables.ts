// The terms of a sum as tables, with a bar for each product; weights can be typed in.
import { cssColour, scaleOf } from "../lib/draw/colours";
import { h } from "../lib/page/dom";
import type { Run } from "../lib/trace/cells";
import type { Layer } from "../lib/trace/trace";
import type { Selection } from "../lib/words/equations";
import { formatNumber } from "../lib/words/format";
import { chooseTerms, type Group, isBias, listTerms, productOf, type Term, weightOf } from "./terms";

const SHOWN = 12;

interface Options {
  run: () => Run;
  editable: boolean;
  edit: (layer: Layer, matrix: string, index: number, value: number) => void;
}

/** The cells of a row whose numbers change with the step and with the weights. */
interface Row {
  term: Term;
  factor: HTMLElement;
  product: HTMLElement;
  bar: HTMLElement;
}

export function makeTermTables({ run, editable, edit }: Options) {
  const element = h("div", { class: "rv-terms" });
  let all = false;
  let rows: Row[] = [];
  let layer!: Layer;

  function show(selection: Selection, gate: string): void {
    layer = selection.layer;
    rows = [];
    const groups = listTerms(selection, gate, run);
    const total = groups.flatMap(({ terms }) => terms).filter((term) => !isBias(term)).length;
    element.replaceChildren(...groups.map(makeTable));
    if (total > 2 * SHOWN) {
      const turn = () => {
        all = !all;
        show(selection, gate);
      };
      const words = all ? "Show only the largest terms" : `Show all ${total} terms`;
      element.append(h("button", { type: "button", onclick: turn }, words));
    }
    refresh();
  }

  function makeTable({ heading, terms }: Group): HTMLElement {
    const chosen = chooseTerms(layer, terms, all ? terms.length : SHOWN);
    const cut = chosen.length < terms.length;
    const columns = ["term", "value", "weight", "product"].map((name) => h("th", { scope: "col" }, name));
    return h(
      "table",
      {},
      h("caption", {}, cut ? `${heading}: the ${chosen.length} largest of ${terms.length} terms` : heading),
      // Over the bars, which draw what the products say, stands nothing.
      h("thead", { class: "rv-hidden" }, h("tr", {}, ...columns, h("td"))),
      h("tbody", {}, ...chosen.map(makeRow)),
    );
  }

  function makeRow(term: Term): HTMLElement {
    const [factor, product, bar] = [h("td"), h("td"), h("i")];
    rows.push({ term, factor, product, bar });
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, term.name),
      factor,
      h("td", { class: "rv-weight" }, isBias(term) ? "" : "× ", makeWeight(term)),
      product,
      h("td", { class: "rv-bar", "aria-hidden": "true" }, bar),
    );
  }

  function makeWeight(term: Term): HTMLElement {
    const value = weightOf(layer, term);
    if (!editable) return h("span", {}, formatNumber(value));
    const own = layer;
    const field = h("input", {
      type: "number",
      step: "0.1",
      value: Number(value.toFixed(4)),
      "aria-label": `Weight of ${term.name}`,
      oninput: () => {
        const typed = field.valueAsNumber;
        if (Number.isFinite(typed)) edit(own, term.matrix, term.index, typed);
      },
    });
    return field;
  }

  /** Writes the products anew, in the tables that stand. */
  function refresh(): void {
    const products = rows.map(({ term }) => productOf(layer, term));
    const largest = Math.max(...products.map(Math.abs), 1e-9);
    const scale = scaleOf(element, "hidden", largest);
    rows.forEach(({ term, factor, product, bar }, k) => {
      factor.textContent = isBias(term) ? "" : formatNumber(term.factor());
      product.textContent = `= ${formatNumber(products[k])}`;
      const share = (50 * Math.abs(products[k])) / largest;
      bar.style.cssText = `width: ${share}%; left: ${products[k] < 0 ? 50 - share : 50}%; background: ${cssColour(products[k] < 0 ? -largest : largest, scale)}`;
    });
  }

  return {
    element,
    show,
    refresh,
    /** Whether a weight is being typed in. */
    isTyping: () =>
      element.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement,
  };
}
