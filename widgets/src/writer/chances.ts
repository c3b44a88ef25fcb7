// The likeliest characters at the cursor, what they share, and where the die fell.
import { visible } from "../lib/draw/text_layout";
import { h } from "../lib/page/dom";
import { percent, type WriterState } from "./state";
import type { Chance } from "./writing";

/** Shares that are drawn, and that have room for their character. */
const [DRAWN, NAMED] = [0.003, 0.035];

interface Acts {
  /** A character, or null for the die. */
  putIn(place: number, code: number | null): void;
  freeEverything(): void;
}

export function makeChances(state: WriterState, { putIn, freeEverything }: Acts) {
  const title = h("h4", {});
  const line = h("div", { class: "rv-chances-line", "aria-hidden": "true" });
  const list = h("ol", { class: "rv-chances" });
  const free = h(
    "button",
    { type: "button", class: "rv-act", onclick: () => putIn(state.step, null) },
    "Let the dice decide",
  );
  const freeAll = h("button", { type: "button", class: "rv-act", onclick: freeEverything }, "Take out all");
  const choose = (code: number) => putIn(state.step, code);
  return {
    element: h(
      "div",
      { class: "rv-place" },
      h("div", { class: "rv-place-head" }, title, free, freeAll),
      line,
      list,
    ),
    draw(place: number) {
      const chances = state.chancesAt(place);
      title.textContent = state.sayPlace(place);
      free.hidden = !state.isForced(place);
      freeAll.hidden = state.writing.forced.size === 0;
      line.hidden = list.hidden = !chances;
      if (!chances) return;
      line.replaceChildren(...drawLine(state, chances, place));
      const listed = state.listed(chances, place);
      // Kept where they stand, so that a focused button is not lost when its place changes.
      while (list.children.length > listed.length) list.lastElementChild!.remove();
      while (list.children.length < listed.length) list.append(makeChance(choose));
      listed.forEach((chance, k) => {
        showChance(state, list.children[k].firstElementChild as HTMLButtonElement, chance, place);
      });
    },
  };
}

/** The shares side by side from 0 to 1, and where the die fell. */
function drawLine(state: WriterState, chances: Chance[], place: number): HTMLElement[] {
  const parts: HTMLElement[] = [];
  const part = (from: number, share: number, kind: string | null, text = "") =>
    parts.push(h("i", { style: `left: ${100 * from}%; width: ${100 * share}%`, class: kind }, text));
  let end = 0;
  for (const { code, share } of chances) {
    if (share < DRAWN) break;
    const taken = code === state.writing.codes[place];
    part(end, share, taken ? "rv-taken" : null, share > NAMED ? visible(state.tokens[code]) : "");
    end += share;
  }
  if (end < 0.999) part(end, 1 - end, "rv-rest");
  const die = state.dieAt(place);
  if (die !== null)
    parts.push(h("b", { style: `left: ${100 * die}%`, class: die > 0.9 ? "rv-late" : null }, "die"));
  return parts;
}

function makeChance(choose: (code: number) => void): HTMLElement {
  const button = h(
    "button",
    { type: "button", class: "rv-chance", onclick: () => choose(Number(button.dataset.code)) },
    h("kbd", {}),
    h("span", { class: "rv-chance-track" }, h("i", {})),
    h("small", {}),
  );
  return h("li", {}, button);
}

function showChance(state: WriterState, button: HTMLButtonElement, chance: Chance, place: number): void {
  const [name, track, share] = button.children as unknown as HTMLElement[];
  name.textContent = visible(state.tokens[chance.code]);
  (track.firstElementChild as HTMLElement).style.width = `${100 * chance.share}%`;
  share.textContent = percent(chance.share);
  button.dataset.code = String(chance.code);
  button.disabled = !state.isWritten(place);
  button.setAttribute("aria-pressed", String(chance.code === state.writing.codes[place]));
  button.setAttribute("aria-label", state.sayChance(chance, place));
}
