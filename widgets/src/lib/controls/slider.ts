// A number that is moved or typed: a slider with a field beside it. The slider goes by steps, with Shift by tenths of
// one; what is typed may lie between.
import { h } from "../page/dom";
import { tellChosen } from "../page/kept";
import { writeNumber } from "../words/typed_number";
import { makeNumberField, round, stepsOf } from "./number_field";

export interface Slider {
  element: HTMLElement;
  /** The slider itself. */
  input: HTMLInputElement;
  /** Shows this value; what lies beyond the ends moves the thumb to the end, and stands in the field. */
  show(value: number): void;
  /** Gives it other ends. */
  bound(low: number, high: number): void;
  lock(locked: boolean): void;
}

export interface SliderOptions {
  label: string;
  low: number;
  high: number;
  /** What one press of an arrow key adds; on a logarithmic slider, to the exponent of ten. */
  step: number;
  /** NaN where nothing is said yet: the thumb stands in the middle, and the field is empty. */
  value: number;
  /** Equal ways multiply by equal factors. */
  log?: boolean;
  /** Whether only whole numbers count; so it is where ends and steps are whole, unless said otherwise. */
  whole?: boolean;
  /** What may be typed, where that is more than can be reached by the slider. */
  limits?: [number, number];
  /** What stands behind the number: °, steps. */
  unit?: string | ((value: number) => string);
  /** The value in words, for who cannot see it; the number and its unit unless given. */
  say?: (value: number) => string;
  /** How the number is written into the field. */
  write?: (value: number) => string;
  /** Called with each value on the way. */
  choose: (value: number) => void;
  /** Whether it is called while a number is typed, too. */
  live?: boolean;
  /** Called where the slider is let go, or typing is over. */
  settle?: () => void;
}

export function makeSlider(options: SliderOptions): Slider {
  const { label, step, log = false, unit = "", choose, settle } = options;
  let { low, high, value } = options;
  const whole = options.whole ?? (!log && Number.isInteger(step) && Number.isInteger(low));
  const place = log ? Math.log10 : (number: number) => number;
  const valueAt = log ? (at: number) => Number((10 ** at).toPrecision(4)) : (at: number) => round(at);
  const write =
    options.write ??
    ((number: number) => (log ? String(Number(number.toPrecision(3))) : writeNumber(number, step)));
  const unitOf = (number: number) => (typeof unit === "string" ? unit : unit(number));
  const say = options.say ?? ((number: number) => `${write(number)}${spaced(unitOf(number))}`);

  const input = h("input", { type: "range", "aria-label": label });
  const behind = h("span", { class: "rv-unit" });
  const field = makeNumberField({
    label: `${label}, typed`,
    value,
    step: log ? value : step,
    whole,
    write,
    move: (number, steps) => clamp(valueAt(round(place(number) + steps * step))),
    choose: (number) => {
      put(number);
      choose(number);
    },
    live: options.live ?? false,
    ...(settle ? { settle } : {}),
  });
  const clamp = (number: number) => Math.max(low, Math.min(high, number));
  const put = (number: number) => {
    value = number;
    input.value = String(place(clamp(number)));
    input.setAttribute("aria-valuetext", Number.isNaN(number) ? "not set" : say(number));
    behind.textContent = Number.isNaN(number) ? "" : unitOf(number);
    field.show(number);
  };
  const take = (at: number) => {
    const next = valueAt(at);
    if (next === value) return put(value);
    put(next);
    choose(next);
  };

  let fine = false;
  for (const kind of ["pointerdown", "pointermove"] as const)
    input.addEventListener(kind, (event) => {
      fine = event.shiftKey;
    });
  input.addEventListener("pointerup", () => {
    fine = false;
  });
  input.addEventListener("input", () => {
    const at = Number(input.value);
    const [least, most] = [Number(input.min), Number(input.max)];
    // The thumb can stand between two steps; only a fine hand means that.
    take(fine ? at : Math.min(most, round(least + Math.round((at - least) / step) * step)));
  });
  input.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const steps = way ? way * (event.shiftKey && !whole ? 0.1 : 1) : stepsOf(event, whole);
    if (steps === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const at = Number.isNaN(value) ? Number(input.value) : place(clamp(value));
    take(Math.max(place(low), Math.min(place(high), round(at + steps * step))));
    tellChosen(input);
  });
  if (settle) {
    input.addEventListener("change", settle);
    input.addEventListener("keyup", (event) => {
      // A move that this made by itself is no change to the browser.
      if (/^(Arrow|Page)/.test(event.key)) settle();
    });
  }

  const bound = (lowest: number, highest: number) => {
    [low, high] = [lowest, highest];
    const fraction = whole ? step : step / 10;
    Object.assign(input, {
      min: String(place(low)),
      max: String(place(high)),
      step: String(round(fraction)),
    });
    field.bound(...(options.limits ?? [low, high]));
    put(value);
  };
  bound(low, high);

  return {
    element: h(
      "div",
      { class: "rv-field rv-slider" },
      h("span", { class: "rv-slider-name" }, label),
      input,
      field.element,
      behind,
    ),
    input,
    show: put,
    bound,
    lock(locked) {
      input.disabled = locked;
      field.element.disabled = locked;
    },
  };
}

/** A unit is set off by a blank, a sign such as ° or % is not. */
const spaced = (unit: string): string => (/^\w/.test(unit) ? ` ${unit}` : unit);
