// Looks back through what happened during a training.
import { h } from "../page/dom";
import { plural } from "../words/format";

export interface HistoryBar {
  element: HTMLElement;
  /** How many moments there are, which of them is shown (null for the latest), and after how many updates it was. */
  show(count: number, looking: number | null, step: number | undefined): void;
}

export function makeHistoryBar(look: (moment: number | null) => void): HistoryBar {
  const scrubber = h("input", {
    type: "range",
    min: 0,
    max: 0,
    value: 0,
    "aria-label": "Look back through the training",
  });
  const said = h("span", { class: "rv-where" });
  const latest = h("button", { type: "button", onclick: () => look(null) }, "Latest");
  scrubber.addEventListener("input", () => look(Number(scrubber.value)));
  return {
    element: h(
      "div",
      { class: "rv-transport", role: "group", "aria-label": "Training so far" },
      h("span", { class: "rv-note" }, "training so far"),
      scrubber,
      said,
      latest,
    ),
    show(count, looking, step) {
      scrubber.max = String(Math.max(0, count - 1));
      scrubber.disabled = count < 2;
      scrubber.value = String(looking ?? count - 1);
      latest.disabled = looking === null;
      said.textContent = step === undefined ? "" : `after ${plural(step, "update")}`;
      scrubber.setAttribute("aria-valuetext", said.textContent);
    },
  };
}
