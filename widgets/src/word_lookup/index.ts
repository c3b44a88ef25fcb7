// A sentence on its way into a network: cut into words, each word a number, each number a row of the table.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { scaleOf } from "../lib/draw/colours";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import { copyFloats } from "../lib/trace/floats";
import { lookUp, type Row, sayCost, spread, tabulate, writeLookup } from "./state";
import { drawOneHot, drawStrip, makeTable } from "./view";

export default defineWidget("word-lookup", ({ model, root, signal }) => {
  const tokens: string[] = model.get("tokens");
  const numbers = new Map(tokens.map((token, number) => [token, number]));
  const [words, size]: [number, number] = [model.get("rows"), model.get("size")];
  const vectors = copyFloats(model.get("vectors"));
  const largest = spread(vectors);
  const vectorOf = (row: Row) => vectors.subarray(row.number * size, (row.number + 1) * size);
  let oneHot = false;
  let rows: Row[] = [];

  const field = h("input", {
    type: "text",
    spellcheck: "false",
    maxlength: 400,
    value: model.get("sentence"),
  });
  const makeWay = (name: string, which: boolean) => {
    const choose = () => {
      oneHot = which;
      show();
    };
    return h("button", { type: "button", onclick: choose }, name);
  };
  const ways = [makeWay("Rows of the table", false), makeWay("One-hot", true)];
  const table = makeTable();
  const said = h("p", { class: "rv-caption", role: "status" });
  const save = makeSaveMenu({
    name: "word-lookup",
    root,
    table: () => tabulate(rows, vectorOf, size),
    code: () => writeLookup(rows, vectorOf, words, size),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "From words to vectors"),
      h("div", { class: "rv-controls" }, ...ways, save),
    ),
    h("label", { class: "rv-typing" }, "A sentence", field),
    table.element,
    said,
  );

  function show(): void {
    rows = lookUp(field.value, numbers, tokens);
    ways[0].setAttribute("aria-pressed", String(!oneHot));
    ways[1].setAttribute("aria-pressed", String(oneHot));
    const scale = scaleOf(root, "vector", largest);
    table.fill(rows, oneHot ? `one-hot: ${words.toLocaleString("en")} numbers` : `${size} numbers`, (row) =>
      oneHot ? drawOneHot(row.number, words) : drawStrip(vectorOf(row), scale),
    );
    said.textContent = sayCost(rows, words, size);
  }

  const refresh = oncePerFrame(show, signal);
  field.addEventListener("input", refresh);
  onTheme(signal, refresh);
  show();
});
