// @vitest-environment jsdom
import { expect, test, vi } from "vitest";
import { makeSlider, type SliderOptions } from "../../../src/lib/controls/slider";

function make(more: Partial<SliderOptions> = {}) {
  const choose = vi.fn();
  const slider = makeSlider({ label: "weight", low: -1, high: 1, step: 0.05, value: 0.3, choose, ...more });
  const field = slider.element.querySelector<HTMLInputElement>("[role=spinbutton]")!;
  const press = (key: string, shiftKey = false) =>
    slider.input.dispatchEvent(
      new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }),
    );
  const drag = (value: number, shiftKey = false) => {
    slider.input.dispatchEvent(new MouseEvent("pointermove", { shiftKey }));
    slider.input.value = String(value);
    slider.input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return { ...slider, field, press, drag, choose };
}

test("arrows move by a step, with Shift by a tenth of one", () => {
  const { press, choose, input, field } = make();
  press("ArrowRight");
  press("ArrowLeft", true);
  expect(choose.mock.calls).toEqual([[0.35], [0.345]]);
  expect(field.value).toBe("0.345");
  expect(input.getAttribute("aria-valuetext")).toBe("0.345");
  press("PageDown");
  expect(choose).toHaveBeenLastCalledWith(-0.155);
});

test("a drag keeps to the steps, unless Shift is held", () => {
  const { drag, choose, input } = make();
  drag(0.482);
  expect(choose).toHaveBeenLastCalledWith(0.5);
  expect(input.value).toBe("0.5");
  drag(0.485, true);
  expect(choose).toHaveBeenLastCalledWith(0.485);
});

test("what is typed may lie between the steps, and beyond the ends where that is allowed", () => {
  const { field, input, choose } = make({ limits: [-3, 3], unit: "°" });
  field.value = "1,234";
  field.dispatchEvent(new Event("change"));
  expect(choose).toHaveBeenCalledExactlyOnceWith(1.234);
  expect(input.value).toBe("1");
  expect(input.getAttribute("aria-valuetext")).toBe("1.234°");
});

test("a logarithmic slider goes by equal factors", () => {
  const { press, choose, input } = make({ low: 1e-4, high: 0.1, step: 0.1, value: 0.001, log: true });
  expect(Number(input.value)).toBeCloseTo(-3, 9);
  press("ArrowRight");
  expect(choose).toHaveBeenLastCalledWith(0.001259);
  for (let k = 0; k < 40; k++) press("ArrowRight");
  expect(choose).toHaveBeenLastCalledWith(0.1);
});

test("a count has no tenths", () => {
  const { press, choose } = make({
    low: 1,
    high: 40,
    step: 1,
    value: 3,
    unit: (n) => (n === 1 ? "step" : "steps"),
  });
  press("ArrowRight", true);
  press("ArrowLeft");
  expect(choose.mock.calls).toEqual([[4], [3]]);
});

test("it follows other ends, and tells when it is let go", () => {
  const settle = vi.fn();
  const { bound, show, input, choose } = make({ settle });
  bound(0, 5);
  show(4);
  expect([input.min, input.max, Number(input.value)]).toEqual(["0", "5", 4]);
  expect(choose).not.toHaveBeenCalled();
  input.dispatchEvent(new KeyboardEvent("keyup", { key: "ArrowRight" }));
  expect(settle).toHaveBeenCalledOnce();
});
