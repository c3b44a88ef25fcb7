// All that can be set by a slider: the impulse, and the weights of the three models.
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import { type ModelName, PRESETS, type Settings } from "./responses";
import type { ResponseState, Traits } from "./state";

export interface SettingControls {
  presets: HTMLElement;
  /** What all models share. */
  common: HTMLElement;
  models: Record<ModelName, HTMLElement[]>;
  show(): void;
}

type NumberName = "history" | "window_weight" | "feedback" | "radius" | "angle" | "at" | "size";

export function makeSettings(
  state: ResponseState,
  choose: (change: Partial<Traits>) => void,
): SettingControls {
  const followers: (() => void)[] = [];
  const slider = (
    name: NumberName,
    label: string,
    [low, high, step]: [number, number, number],
    unit = "",
  ): HTMLElement => {
    const made = makeSlider({
      ...{ label, low, high, step, unit, value: state.traits[name] },
      choose: (value) => choose({ [name]: value }),
    });
    followers.push(() => {
      const value = state.traits[name];
      const { min, max } = made.input;
      // What Python has set may lie beyond the slider's ends.
      if (value < Number(min) || value > Number(max))
        made.bound(Math.min(value, Number(min)), Math.max(value, Number(max)));
      made.show(value);
    });
    return made.element;
  };
  const activation = h(
    "select",
    { "aria-label": "Activation f" },
    ...["linear", "tanh", "relu"].map((value) =>
      h("option", { value }, value === "linear" ? "none (linear)" : value),
    ),
  );
  activation.addEventListener("change", () =>
    choose({ activation: activation.value as Settings["activation"] }),
  );
  followers.push(() => {
    activation.value = state.traits.activation;
  });
  const preset = (name: string, settings: Partial<Settings>) =>
    h("button", { type: "button", onclick: () => choose(settings) }, name);
  const common = h(
    "div",
    { class: "rv-settings" },
    slider("at", "impulse at t", [0, Math.max(1, state.steps - 1), 1]),
    slider("size", "its height", [0.1, 3, 0.1]),
    h("label", { class: "rv-field" }, h("span", {}, "activation f"), activation),
  );
  // An arrow key on a setting is the setting's, not the transport's.
  common.addEventListener("keydown", (event) => event.stopPropagation());
  return {
    presets: h(
      "div",
      { class: "rv-controls rv-presets", role: "group", "aria-label": "Examples" },
      ...PRESETS.map(({ name, settings }) => preset(name, settings)),
    ),
    common,
    models: {
      window: [
        slider("history", "N, steps back", [0, 40, 1]),
        slider("window_weight", "weights qᵏ: q", [-1.2, 1.2, 0.01]),
      ],
      feedback: [slider("feedback", "weight of yₜ₋₁", [-1.5, 1.5, 0.01])],
      state: [slider("radius", "radius", [0, 1.3, 0.01]), slider("angle", "angle a step", [0, 180, 5], "°")],
    },
    show() {
      for (const follow of followers) follow();
    },
  };
}
