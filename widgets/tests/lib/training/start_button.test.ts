// @vitest-environment jsdom
import { expect, it } from "vitest";
import { makeStartButton } from "../../../src/lib/training/start_button";

it("starts what rests and pauses what runs", () => {
  const pressed: boolean[] = [];
  const { element, show } = makeStartButton((running) => pressed.push(running), { start: "Train all" });
  show("ready");
  expect(element.textContent).toBe("Train all");
  element.click();
  show("running");
  expect(element.textContent).toBe("Pause");
  element.click();
  expect(pressed).toEqual([false, true]);
});

it("cannot start what has failed, unless each start is a new training", () => {
  const { element, show } = makeStartButton(() => {});
  show("failed");
  expect(element.disabled).toBe(true);
  show("failed", false);
  expect(element.disabled).toBe(false);
  show("stopped");
  expect(element.disabled).toBe(true);
  show("paused");
  expect([element.disabled, element.textContent]).toEqual([false, "Train"]);
});
