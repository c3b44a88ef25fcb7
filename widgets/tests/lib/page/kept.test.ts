// @vitest-environment jsdom
import { expect, test } from "vitest";
import { KEEP, type Kept, keepState, RESTORE } from "../../../src/lib/page/kept";

test("a widget hands over what there is to keep, and gets its own back", () => {
  document.body.innerHTML = "<section><i></i></section><section></section>";
  const [mine, other] = document.querySelectorAll("section");
  const pad = mine.querySelector("i")!;
  const gone = new AbortController();
  const got: unknown[] = [];
  const kept: Kept[] = [];
  document.addEventListener(KEEP, (event) => kept.push((event as CustomEvent<Kept>).detail));
  const keep = keepState<number[]>(pad, "drawing", gone.signal, (value) => got.push(value));
  keep([1, 2]);
  expect(kept).toEqual([{ name: "drawing", value: [1, 2] }]);

  const restore = (root: Element, name: string) =>
    root.dispatchEvent(new CustomEvent<Kept>(RESTORE, { bubbles: true, detail: { name, value: [3] } }));
  restore(other, "drawing");
  restore(mine, "file");
  expect(got).toEqual([]);
  restore(mine, "drawing");
  expect(got).toEqual([[3]]);
  gone.abort();
  restore(mine, "drawing");
  expect(got).toHaveLength(1);
});
