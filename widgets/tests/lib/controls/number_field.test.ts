// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import { makeNumberField, type NumberOptions } from "../../../src/lib/controls/number_field";

beforeEach(() => document.body.replaceChildren());

function make(more: Partial<NumberOptions> = {}) {
  const choose = vi.fn();
  const field = makeNumberField({ label: "weight", value: 0.5, step: 0.1, choose, ...more });
  document.body.append(field.element);
  field.element.focus();
  return { ...field, choose };
}

function type(element: HTMLInputElement, text: string) {
  element.value = text;
  element.dispatchEvent(new Event("input", { bubbles: true }));
}
const leave = (element: HTMLInputElement) => element.dispatchEvent(new Event("change", { bubbles: true }));
const press = (element: HTMLInputElement, key: string, shiftKey = false) =>
  element.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));

test("a decimal comma is read, and said as a number", () => {
  const { element, choose } = make();
  type(element, "0,25");
  expect(choose).not.toHaveBeenCalled();
  leave(element);
  expect(choose).toHaveBeenCalledExactlyOnceWith(0.25);
  expect(element.value).toBe("0.25");
  expect(element.getAttribute("aria-valuenow")).toBe("0.25");
});

test("what is no number comes back to the value that stood there", () => {
  const { element, choose } = make({ live: true });
  type(element, "abc");
  expect(element.hasAttribute("aria-invalid")).toBe(true);
  leave(element);
  expect(element.value).toBe("0.5");
  expect(element.hasAttribute("aria-invalid")).toBe(false);
  expect(choose).not.toHaveBeenCalled();
});

test("Escape restores what was there when the field was entered, and closes", () => {
  const close = vi.fn();
  const { element, choose } = make({ live: true, close });
  type(element, "3");
  type(element, "32");
  expect(choose).toHaveBeenLastCalledWith(32);
  press(element, "Escape");
  expect(choose).toHaveBeenLastCalledWith(0.5);
  expect(element.value).toBe("0.5");
  expect(close).toHaveBeenCalledOnce();
});

test("arrows move by a step, with Shift by a tenth of one, and stop at the ends", () => {
  const { element, choose } = make({ low: 0, high: 1 });
  press(element, "ArrowUp");
  press(element, "ArrowDown", true);
  expect(choose.mock.calls).toEqual([[0.6], [0.59]]);
  expect(element.value).toBe("0.59");
  press(element, "PageUp");
  expect(choose).toHaveBeenLastCalledWith(1);
  type(element, "7");
  leave(element);
  expect(element.value).toBe("1.0");
});

test("a count is whole, whatever is typed", () => {
  const { element, choose } = make({ value: 3, step: 1, whole: true, low: 0 });
  type(element, "4.6");
  leave(element);
  press(element, "ArrowUp", true);
  expect(choose.mock.calls).toEqual([[5], [6]]);
});

test("a value from elsewhere does not take the text away that is being typed", () => {
  const { element, show } = make();
  type(element, "0,");
  show(0);
  expect(element.value).toBe("0,");
  type(element, "0,70");
  show(0.7);
  expect(element.value).toBe("0,70");
  show(0.8);
  expect(element.value).toBe("0.8");
});
