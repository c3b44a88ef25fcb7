// Where the balls start, how far they step, and from where the landscape is seen.
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import { B, type CliffState, type Settings, TURN, W } from "./state";

export interface SettingSliders {
  element: HTMLElement;
  show(): void;
}

const DEGREE = Math.PI / 180;

export function makeSettings(
  state: CliffState,
  choose: (change: Partial<Settings>) => void,
  turn: (angle: number) => void,
): SettingSliders {
  const { settings } = state;
  const slider = (
    label: string,
    key: keyof Settings,
    [low, high, step]: [number, number, number],
    log = false,
  ) => {
    const value = settings[key];
    const made = makeSlider({ label, low, high, step, log, value, choose: (to) => choose({ [key]: to }) });
    return { element: made.element, show: () => made.show(settings[key]) };
  };
  const degrees = () => Math.round(state.turn / DEGREE);
  const turning = makeSlider({
    label: "turn the relief",
    ...{ low: Math.round(-TURN / DEGREE), high: Math.round(TURN / DEGREE), step: 1, value: degrees() },
    unit: "°",
    choose: (angle) => turn(angle * DEGREE),
  });
  const sliders = [
    slider("start at w", "w", [...W, 0.01]),
    slider("start at b", "b", [...B, 0.01]),
    slider("learning rate", "rate", [0.01, 3, 0.01], true),
    slider("clip at norm", "clip", [0.05, 5, 0.01], true),
    slider("steps T", "steps", [1, 100, 1]),
    { element: turning.element, show: () => turning.show(degrees()) },
  ];
  return {
    element: h(
      "div",
      { class: "rv-settings", role: "group", "aria-label": "Settings" },
      ...sliders.map(({ element }) => element),
    ),
    show() {
      for (const one of sliders) one.show();
    },
  };
}
