// @vitest-environment jsdom
import { afterEach, expect, test, vi } from "vitest";
import { h } from "../../src/lib/page/dom";
import { startState } from "../../src/page_frame/state";

afterEach(() => void vi.useRealTimers());

test("what was kept is set again also while something else on the page never rests", async () => {
  vi.useFakeTimers();
  const state = { settings: { steps: "7" }, cursor: {}, kept: {} };
  localStorage.setItem("rnnviz/state/01-busy", JSON.stringify({ "/1": state }));
  document.body.dataset.lessonName = "01-busy";
  const [cells, status] = [h("main", { id: "rendered_cells" }), h("p", {})];
  document.body.append(cells, status);
  startState();
  let updates = 0;
  const training = setInterval(() => void (status.textContent = `${++updates} updates`), 20);

  const slider = h("input", { type: "range", min: 0, max: 9, value: 2, "aria-label": "steps" });
  cells.append(h("section", { class: "rnnviz" }, slider));
  await vi.advanceTimersByTimeAsync(500);
  clearInterval(training);
  expect(slider.value).toBe("7");
});
