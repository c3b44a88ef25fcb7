// The sliders of a race: how many steps, and how fast it learns.
import { makeSlider, type Slider } from "../lib/controls/slider";

/** `slide` is called with each value on the way, `settle` where the slider is let go. */
export const makeStepsSlider = (label: string, slide: (value: number) => void, settle: () => void): Slider =>
  makeSlider({
    label,
    ...{ low: 1, high: 2, step: 1, value: 1 },
    unit: (steps) => (steps === 1 ? "step" : "steps"),
    choose: slide,
    settle,
  });

/** A logarithmic slider, from 0.0001 to 0.1. */
export const makeRateSlider = (rate: number, slide: (rate: number) => void): Slider =>
  makeSlider({
    label: "learning rate",
    ...{ low: 1e-4, high: 0.1, step: 0.1, value: rate, log: true },
    choose: slide,
  });
