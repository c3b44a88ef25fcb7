// A field that a number is typed into: decimal commas are read, what is no number gives way to the value that stood
// there, Escape restores it and closes, and the arrow keys move by a step, with Shift by a tenth of one.
import { h } from "../page/dom";
import { tellChosen } from "../page/kept";
import { readNumber, writeNumber } from "../words/typed_number";

export interface NumberField {
  element: HTMLInputElement;
  /** Shows this value, unless the reader is typing another. */
  show(value: number): void;
  /** The lowest and highest number that may be typed. */
  bound(low: number, high: number): void;
}

export interface NumberOptions {
  /** Its name, or the element that names it. */
  label: string | HTMLElement;
  /** NaN where nothing is said yet: the field is empty. */
  value: number;
  /** What an arrow key adds; its decimals are those shown. */
  step: number;
  low?: number;
  high?: number;
  /** Only whole numbers: what is typed between them is rounded. */
  whole?: boolean;
  /** How a value is written into the field, in a form that can be typed. */
  write?: (value: number) => string;
  /** Where an arrow key leads from a value; a step further unless given. */
  move?: (value: number, steps: number) => number;
  /** Called with each number, while it is typed if `live`, and otherwise when the field is left or Enter is pressed. */
  choose: (value: number) => void;
  live?: boolean;
  /** Called when typing is over. */
  settle?: () => void;
  /** Called after Escape has restored the value. */
  close?: () => void;
}

export function makeNumberField(options: NumberOptions): NumberField {
  const { label, step, whole = false, choose, live = false, settle, close } = options;
  let { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY, value } = options;
  /** What Escape goes back to. */
  let before = value;
  const spell = options.write ?? ((number: number) => writeNumber(number, whole ? 1 : step));
  const write = (number: number) => (Number.isNaN(number) ? "" : spell(number));
  const move = options.move ?? ((number: number, steps: number) => round(number + steps * step));
  const fit = (number: number) => Math.max(low, Math.min(high, whole ? Math.round(number) : number));
  const element = h("input", {
    type: "text",
    role: "spinbutton",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    class: "rv-typed",
  });
  if (typeof label === "string") element.setAttribute("aria-label", label);
  else element.setAttribute("aria-labelledby", label.id);

  const put = (number: number) => {
    value = number;
    for (const [name, limit] of [
      ["aria-valuemin", low],
      ["aria-valuemax", high],
      ["aria-valuenow", number],
    ] as const)
      if (Number.isFinite(limit)) element.setAttribute(name, inFull(limit));
      else element.removeAttribute(name);
    element.removeAttribute("aria-invalid");
  };
  const rewrite = () => (element.value = write(value));
  const take = (number: number) => {
    const next = fit(number);
    if (next === value) return;
    put(next);
    choose(next);
  };
  const commit = () => {
    const typed = readNumber(element.value);
    if (!Number.isNaN(typed)) take(typed);
    element.removeAttribute("aria-invalid");
    rewrite();
    before = value;
  };

  element.addEventListener("focus", () => {
    before = value;
  });
  element.addEventListener("input", () => {
    const typed = readNumber(element.value);
    element.toggleAttribute("aria-invalid", Number.isNaN(typed));
    if (live && !Number.isNaN(typed)) take(typed);
  });
  element.addEventListener("change", () => {
    commit();
    settle?.();
  });
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      take(before);
      rewrite();
      element.removeAttribute("aria-invalid");
      tellChosen(element);
      close?.();
      event.stopPropagation();
    } else if (event.key === "Enter") {
      commit();
      tellChosen(element);
      settle?.();
    } else {
      const steps = stepsOf(event, whole);
      if (steps === 0) return;
      event.preventDefault();
      const typed = readNumber(element.value);
      const from = Number.isNaN(typed) ? value : typed;
      take(move(Number.isNaN(from) ? 0 : from, steps));
      rewrite();
      tellChosen(element);
    }
  });
  put(value);
  rewrite();

  return {
    element,
    show(next) {
      const typing = document.activeElement === element && readNumber(element.value) === next;
      put(next);
      if (!typing) rewrite();
      if (document.activeElement !== element) before = next;
    },
    bound(lowest, highest) {
      [low, high] = [lowest, highest];
      put(value);
    },
  };
}

/** How many steps a key asks for: Shift is for the fine hand, the page keys for the long way. */
export function stepsOf(event: KeyboardEvent, whole: boolean): number {
  if (event.ctrlKey || event.metaKey || event.altKey) return 0;
  const ways: Record<string, number> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  return (ways[event.key] ?? 0) * (event.shiftKey && !whole ? 0.1 : 1);
}

/** Without the dust that adding decimals leaves. */
export const round = (value: number): number => Number(value.toPrecision(12));

/** A number in digits alone: what an attribute of ARIA holds knows no powers of ten. */
function inFull(number: number): string {
  return number.toLocaleString("en", { useGrouping: false, maximumFractionDigits: 20 });
}
