// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { groupCells, startVeils } from "../../src/page_frame/veil";

beforeEach(() => {
  localStorage.clear();
  document.body.dataset.lessonNumber = "08";
  document.body.innerHTML = `<main>
    <div data-after="one">a</div><div data-after="one">b</div><div>plain</div>
    <div data-after="one">c</div><div data-after="two">d</div></main>`;
});

const covered = () => [...document.querySelectorAll(".page-veiled")].map((cell) => cell.textContent);

test("cells that follow each other and wait for one prediction are covered together", () => {
  const groups = groupCells([...document.querySelectorAll<HTMLElement>("[data-after]")]);
  expect(groups.map(({ name, cells }) => [name, cells.map((cell) => cell.textContent)])).toEqual([
    ["one", ["a", "b"]],
    ["one", ["c"]],
    ["two", ["d"]],
  ]);
});

test("a prediction uncovers what waits for it, and only that", () => {
  startVeils();
  expect(covered()).toEqual(["a", "b", "c", "d"]);
  localStorage.setItem("rnnviz/progress/predict/08/one", JSON.stringify({ kind: "predict" }));
  window.dispatchEvent(new Event("rnnviz:progress"));
  expect(covered()).toEqual(["d"]);
  // Another tab forgets it.
  localStorage.clear();
  window.dispatchEvent(new StorageEvent("storage", { key: "rnnviz/progress/predict/08/one" }));
  expect(covered()).toEqual(["a", "b", "c", "d"]);
});

test("a page that is no lesson covers nothing", () => {
  delete document.body.dataset.lessonNumber;
  startVeils();
  expect(covered()).toEqual([]);
});
