// How it writes: temperature, how many characters take part, length, dice and speed.
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import { LONGEST, type WriterState } from "./state";

/** Characters a second; 0 is all at once. */
const SPEEDS = [
  ["written at once", 0],
  ["written at 20 a second", 20],
  ["written at 60 a second", 60],
] as const;

interface Acts {
  /** The text is written again with other settings. */
  changed(): void;
  castAgain(pace: number): void;
}

export function makeSettings(state: WriterState, { changed, castAgain }: Acts) {
  const all = state.tokens.length;
  const temperature = makeSlider({
    label: "temperature",
    low: 0,
    high: 2,
    step: 0.01,
    value: state.temperature,
    choose: (value) => {
      state.setTemperature(value);
      changed();
    },
  });
  const among = makeSlider({
    label: "among the likeliest",
    low: 1,
    high: all,
    step: 1,
    value: state.topK || all,
    unit: `of ${all}`,
    say: (count) => (count === all ? `all ${all}` : String(count)),
    choose: (count) => {
      state.chooseAmong(count);
      changed();
    },
  });
  const length = h("input", {
    type: "number",
    min: 1,
    max: LONGEST,
    value: state.length,
    class: "rv-unit-number",
    onchange: () => {
      state.setLength(length.valueAsNumber);
      length.value = String(state.length);
      changed();
    },
  });
  const seed = h("input", {
    type: "number",
    step: 1,
    value: state.seed,
    class: "rv-unit-number",
    oninput: () => {
      if (!Number.isInteger(seed.valueAsNumber)) return;
      state.setSeed(seed.valueAsNumber);
      changed();
    },
  });
  const pace = h(
    "select",
    { "aria-label": "Speed of writing" },
    ...SPEEDS.map(([name, speed]) => h("option", { value: speed }, name)),
  );
  const dice = h(
    "button",
    {
      type: "button",
      onclick: () => {
        castAgain(Number(pace.value));
        seed.value = String(state.seed);
      },
    },
    "New dice",
  );
  return h(
    "div",
    { class: "rv-controls rv-writing", role: "group", "aria-label": "How it writes" },
    temperature.element,
    among.element,
    h("label", { class: "rv-field" }, "length", length),
    h("label", { class: "rv-field" }, "dice", seed),
    dice,
    pace,
  );
}
