// The switches, one remedy a row.
import { h } from "../lib/page/dom";
import type { RemediesState } from "./state";
import { REMEDIES, type Remedy, type Switches } from "./switches";

export interface Switchboard {
  element: HTMLElement;
  show(): void;
}

export function makeSwitchboard(
  state: RemediesState,
  choose: (change: Partial<Switches>) => void,
): Switchboard {
  const rows = REMEDIES.map((remedy) => makeRow(remedy, state, choose));
  return {
    element: h("div", { class: "rv-remedies" }, ...rows.map(({ element }) => element)),
    show() {
      for (const row of rows) row.show();
    },
  };
}

function makeRow(
  { key, label, choices }: Remedy,
  state: RemediesState,
  choose: (change: Partial<Switches>) => void,
): Switchboard {
  const buttons = choices.map(({ value, label: name }) => {
    const button = h("button", { type: "button", "aria-pressed": "false" }, name);
    button.addEventListener("click", () => choose({ [key]: value }));
    return { button, value };
  });
  return {
    element: h(
      "div",
      { class: "rv-remedy", role: "group", "aria-label": label },
      h("span", { class: "rv-note" }, label),
      h("div", { class: "rv-segments" }, ...buttons.map(({ button }) => button)),
    ),
    show() {
      for (const { button, value } of buttons)
        button.setAttribute("aria-pressed", String(state.switches[key] === value));
    },
  };
}
