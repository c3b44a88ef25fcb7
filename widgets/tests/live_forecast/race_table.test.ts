// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import type { Numbers, Scene, Sight } from "../../src/live_forecast/forecast";
import { makeRaceTable } from "../../src/live_forecast/race_table";

const numbers = (name: string, error: number | null) =>
  ({ name, one_step_error: 0.5, many_step_error: error }) as Numbers;
const scene = { models: ["GRU", "line"], unit: "m", horizon: 6 } as Scene;
const sight = (...errors: [number, number, number]) =>
  ({
    models: [numbers("GRU", errors[0]), numbers("line", errors[1])],
    baselines: [numbers("naive", errors[2])],
  }) as Sight;
const leader = (element: HTMLElement) => element.querySelector(".rv-leads th")?.textContent?.trim();

it("marks who leads, and builds its rows once", () => {
  const { element, show } = makeRaceTable(new Set(), () => {});
  show(scene, sight(3, 2, 1));
  expect(leader(element)).toBe("naive");
  const rows = [...element.querySelectorAll("tbody tr")];
  show(scene, sight(1, 2, 3));
  expect(leader(element)).toBe("GRU");
  expect([...element.querySelectorAll("tbody tr")]).toEqual(rows);
  expect(rows[0].querySelectorAll("td")[1].textContent).toBe("1.00");
});

it("marks nobody where the series never changes", () => {
  const { element, show } = makeRaceTable(new Set(), () => {});
  show({ ...scene, constant: true }, sight(3, 2, 1));
  expect(leader(element)).toBeUndefined();
});

it("hides a model and shows it again, and says so", () => {
  const hidden = new Set<string>();
  const changed = vi.fn();
  const { element, show } = makeRaceTable(hidden, changed);
  show(scene, sight(1, 2, 3));
  const chip = element.querySelectorAll<HTMLButtonElement>(".rv-chip")[1];
  chip.click();
  expect([[...hidden], chip.getAttribute("aria-pressed")]).toEqual([["line"], "false"]);
  chip.click();
  expect([[...hidden], chip.getAttribute("aria-pressed")]).toEqual([[], "true"]);
  expect(changed).toHaveBeenCalledTimes(2);
});
