// What is raced on: the series, the column, how many steps are seen and foretold, and how fast the models learn.
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import type { Scene } from "./forecast";

export interface RaceSettings {
  /** The pickers of the series and its column. */
  pickers: HTMLElement[];
  sliders: HTMLElement;
  /** What the reader wants, as it is sent to Python. */
  wanted: Record<string, unknown>;
  /** Writes the scene into the controls; also takes back what Python refused. */
  show(scene: Scene): void;
}

/** `ask` is called when something is wanted, `choose` when another series is. */
export function makeRaceSettings(
  scene: Scene,
  ask: () => void,
  choose: (name: string) => void,
): RaceSettings {
  const wanted: Record<string, unknown> = { learning_rate: scene.learning_rate };
  const series = h("select", { "aria-label": "Series" });
  const target = h("select", { "aria-label": "Column shown" });
  const steps = (label: "window" | "horizon", slide: () => void) =>
    makeSlider({
      label,
      ...{ low: 1, high: 2, step: 1, value: 1 },
      unit: (count) => (count === 1 ? "step" : "steps"),
      choose(count) {
        wanted[label] = count;
        slide();
      },
      settle: ask,
    });
  // A horizon is a matter of milliseconds; a window means new models, so the slider is let go first.
  const window = steps("window", () => {});
  const horizon = steps("horizon", ask);
  const rate = makeSlider({
    label: "learning rate",
    ...{ low: 1e-4, high: 0.1, step: 0.1, value: scene.learning_rate, log: true },
    choose(value) {
      wanted.learning_rate = value;
      ask();
    },
  });
  series.addEventListener("change", () => choose(series.value));
  target.addEventListener("change", () => {
    wanted.target = target.value;
    ask();
  });
  const offer = (picker: HTMLSelectElement, names: string[], chosen: string) => {
    picker.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
    picker.value = chosen;
  };
  return {
    pickers: [target, series],
    sliders: h(
      "div",
      { class: "rv-settings", role: "group", "aria-label": "Settings" },
      window.element,
      horizon.element,
      rate.element,
    ),
    wanted,
    show(now) {
      Object.assign(wanted, { window: now.window, horizon: now.horizon, target: now.target });
      offer(series, now.choices, now.name);
      offer(target, now.features, now.target);
      target.hidden = now.features.length < 2;
      window.bound(2, now.longest_window);
      window.show(now.window);
      horizon.bound(1, now.longest_horizon);
      horizon.show(now.horizon);
    },
  };
}
