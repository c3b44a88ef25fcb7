// Who leads: the errors of all models and baselines, one row each; a model's name shows and hides its curves.

import { curveDash, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { plural } from "../lib/words/format";
import type { Numbers, Scene, Sight } from "./forecast";
import { rank, sayError } from "./forecast";
import { curveOf } from "./forecast_plot";

export interface RaceTable {
  element: HTMLElement;
  show(scene: Scene, sight: Sight): void;
  /** Builds the rows anew when they are next shown, for another scene. */
  clear(): void;
}

/** Names are put into `hidden` and taken out of it; `changed` is called when that happened. */
export function makeRaceTable(hidden: Set<string>, changed: () => void): RaceTable {
  const element = h("table", { class: "rv-race" });
  const rows = new Map<string, { row: HTMLElement; cells: HTMLElement[] }>();

  function build(scene: Scene, sight: Sight): void {
    rows.clear();
    const line = (one: Numbers, ...name: (Node | string)[]) => {
      const cells = [h("td"), h("td")];
      const row = h("tr", {}, h("th", { scope: "row" }, ...name), ...cells);
      rows.set(one.name, { row, cells });
      return row;
    };
    const models = sight.models.map((one) => line(one, makeChip(scene, one.name)));
    const baselines = sight.baselines.map((one, index) => {
      const row = line(one, swatch("--rv-ink-2", curveDash(index + 1)), " ", one.name);
      row.classList.add("rv-baseline");
      return row;
    });
    const unit = scene.unit ? ` (${scene.unit})` : "";
    element.replaceChildren(
      h("caption", { class: "rv-hidden" }, `Typical errors on the validation part${unit}`),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "typical error", h("span", { class: "rv-note" }, unit)),
          h("th", { scope: "col" }, "1 step"),
          h("th", { scope: "col" }, plural(scene.horizon, "step")),
        ),
      ),
      h("tbody", {}, ...models, ...baselines),
    );
  }

  function makeChip(scene: Scene, name: string): HTMLButtonElement {
    const { property, dash } = curveOf(scene, name);
    const chip = h(
      "button",
      {
        class: "rv-chip",
        type: "button",
        "aria-pressed": String(!hidden.has(name)),
        title: `Show or hide ${name}`,
      },
      swatch(property, dash),
      name,
    );
    chip.addEventListener("click", () => {
      if (!hidden.delete(name)) hidden.add(name);
      chip.setAttribute("aria-pressed", String(!hidden.has(name)));
      changed();
    });
    return chip;
  }

  return {
    element,
    show(scene, sight) {
      const all = [...sight.models, ...sight.baselines];
      // Baselines stand best first, which may change with the origin.
      if (all.map(({ name }) => name).join("\n") !== [...rows.keys()].join("\n")) build(scene, sight);
      const [winner] = scene.constant ? [] : rank(all);
      for (const one of all) {
        const { row, cells } = rows.get(one.name)!;
        cells[0].textContent = sayError(one.one_step_error);
        cells[1].textContent = sayError(one.many_step_error);
        row.classList.toggle("rv-leads", one === winner);
      }
    },
    clear: () => rows.clear(),
  };
}
