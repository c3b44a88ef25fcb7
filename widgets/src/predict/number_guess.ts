// A number is predicted: typed, or set by a slider where the ends are known.
import { makeNumberField } from "../lib/controls/number_field";
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import { shortNumber } from "../lib/words/prediction";
import type { PredictState } from "./state";

export interface NumberGuess {
  element: HTMLElement;
  /** NaN until something was said. */
  get(): number;
  set(value: number): void;
  lock(locked: boolean): void;
  focus(): void;
}

/** `question` names it; `changed` is called with each number, `commit` when Enter is pressed. */
export function makeNumberGuess(
  state: PredictState,
  question: HTMLElement,
  changed: () => void,
  commit: () => void,
): NumberGuess {
  const { low, high } = state;
  const guess =
    low !== null && high !== null
      ? makeSlid(state, low, high, question, changed)
      : makeTyped(state, question, changed);
  guess.element.addEventListener("keydown", (event) => {
    if (event.key === "Enter") commit();
  });
  return guess;
}

function makeTyped({ unit }: PredictState, question: HTMLElement, changed: () => void): NumberGuess {
  let value = Number.NaN;
  const field = makeNumberField({
    ...{ label: question, value, step: 1, live: true, write: (number: number) => String(number) },
    choose(number) {
      value = number;
      changed();
    },
  });
  return {
    element: h("label", { class: "rv-field rv-number" }, field.element, h("span", {}, unit)),
    get: () => value,
    set(number) {
      value = number;
      field.show(number);
    },
    lock(locked) {
      field.element.disabled = locked;
    },
    focus: () => field.element.focus(),
  };
}

/** A slider has to stand somewhere: in the middle and pale, until it has been touched. */
function makeSlid(
  state: PredictState,
  low: number,
  high: number,
  question: HTMLElement,
  changed: () => void,
): NumberGuess {
  let value = Number.NaN;
  const hint = h("output", {}, "move the slider");
  const { element, input, show, lock } = makeSlider({
    label: question.textContent ?? "",
    ...{ low, high, step: nice((high - low) / 100), value, unit: state.unit },
    say: (number) => state.withUnit(number),
    choose: set,
    whole: false,
    live: true,
  });
  function set(number: number): void {
    value = number;
    input.classList.toggle("rv-unset", Number.isNaN(number));
    hint.hidden = !Number.isNaN(number);
    changed();
  }
  const take = () => {
    const middle = Number(input.value);
    show(middle);
    set(middle);
  };
  // Whoever means the middle presses it, and moves nothing.
  input.addEventListener("pointerdown", () => {
    if (Number.isNaN(value)) take();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === " ") take();
  });
  element.classList.add("rv-number", "rv-slides");
  element.querySelector(".rv-slider-name")!.replaceWith(end(shortNumber(low)));
  input.after(end(state.withUnit(high)));
  element.append(hint);
  input.classList.add("rv-unset");
  return {
    element,
    get: () => value,
    set(number) {
      show(number);
      set(number);
    },
    lock,
    focus: () => input.focus(),
  };
}

const end = (text: string): HTMLElement => h("span", { class: "rv-slide-end" }, text);

/** A step that reads well: 1, 2 or 5 times a power of ten. */
function nice(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const lead = step / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}
