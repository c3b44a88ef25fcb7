// The card of the words: map, neighbours, analogies, and the way back through the training.
import type { AnyModel } from "@anywidget/types";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { curveProperty } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { makeHistoryBar } from "../lib/training/history_bar";
import { makeTrainingBar } from "../lib/training/training_bar";
import { plural } from "../lib/words/format";
import { makeListing } from "./listing";
import { makeMap } from "./map";
import { makeSide } from "./side";
import type { WordsState } from "./state";

/** Milliseconds between two sayings while the words move. */
const QUIET = 4000;

export function makeView(model: AnyModel, root: HTMLElement, signal: AbortSignal, state: WordsState): void {
  const { words, groups } = state;
  const list = `rv-words-${Math.random().toString(36).slice(2)}`;
  const search = h("input", {
    type: "text",
    list,
    placeholder: "find a word",
    "aria-label": "Find a word",
    autocomplete: "off",
    spellcheck: "false",
  });
  const summary = h("p", { class: "rv-caption", "aria-live": "polite" });
  const map = makeMap(root, signal, state, choose);
  const side = makeSide(state, list, choose, () => changed(sayNow));
  const listing = makeListing(state);
  const history = makeHistoryBar((moment) => {
    state.lookAt(moment);
    changed(saySoon);
  });
  const trains = "step" in (model.get("frame") as object);
  const bar = trains
    ? makeTrainingBar(model, signal, (progress, [vectors, places]) => {
        const { shown, anew } = state.take({ ...progress, vectors, places });
        if (anew) map.forgetSides();
        if (shown) changed(saySoon);
        showHistory();
      })
    : null;
  history.element.hidden = !trains;
  const legend = groups.map(([name], k) =>
    h("li", {}, h("i", { style: `background: var(${curveProperty(k)})` }), name),
  );
  const saveMenu = makeSaveMenu({
    name: "embedding-map",
    root,
    table: () => state.tabulate(),
    code: () => state.writeLines(),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, `${plural(words.length, "word")} of ${plural(state.size, "number")} each`),
      h("ul", { class: "rv-legend" }, ...legend),
      h(
        "div",
        { class: "rv-controls" },
        search,
        h("datalist", { id: list }, ...words.map((word) => h("option", { value: word }))),
        saveMenu,
      ),
    ),
    ...(bar ? [bar] : []),
    h("div", { class: "rv-words" }, map.element, side.element),
    history.element,
    summary,
    listing.element,
  );

  search.addEventListener("input", () => {
    const found = state.find(search.value);
    if (found >= 0) choose(found);
    else map.repaint();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const found = state.find(search.value, true);
    if (found >= 0) choose(found);
  });

  function choose(word: number): void {
    state.choose(word);
    if (word >= 0 && document.activeElement !== search) search.value = words[word];
    changed(sayNow);
  }

  function changed(say: () => void): void {
    side.show();
    say();
    map.repaint();
    showHistory();
  }

  function showHistory(): void {
    history.show(state.past.items.length, state.looking, state.step);
  }

  let said = 0;
  let waiting = 0;
  signal.addEventListener("abort", () => clearTimeout(waiting));
  function saySoon(): void {
    waiting ||= window.setTimeout(sayNow, Math.max(0, said + QUIET - performance.now()));
  }
  function sayNow(): void {
    clearTimeout(waiting);
    waiting = 0;
    said = performance.now();
    summary.textContent = state.tell();
    listing.show();
  }
  changed(sayNow);
}
