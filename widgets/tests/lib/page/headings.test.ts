// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { nestHeadings } from "../../../src/lib/page/headings";

beforeEach(() => document.body.replaceChildren());

function levels(above: string): (string | null)[] {
  document.body.innerHTML = `${above}<section id="widget"><h3>title</h3><h4>part</h4></section><h2>later</h2>`;
  const root = document.getElementById("widget")!;
  nestHeadings(root);
  return [...root.querySelectorAll("h3, h4")].map((heading) => heading.getAttribute("aria-level"));
}

test("a widget right below the page's title skips no level", () => {
  expect(levels("<h1>lesson</h1>")).toEqual(["2", "3"]);
});

test("in a section, or on a page without a title, its headings stay as they are", () => {
  expect(levels("<h1>lesson</h1><h2>section</h2>")).toEqual([null, null]);
  expect(levels("")).toEqual([null, null]);
});

test("headings of JupyterLab's panels do not count", () => {
  const panel = "<h2>File Browser</h2>";
  document.body.innerHTML = `${panel}<div class="jp-Notebook"><h1>lesson</h1><section id="widget"><h3>title</h3></section></div>`;
  nestHeadings(document.getElementById("widget")!);
  expect(document.querySelector("h3")!.getAttribute("aria-level")).toBe("2");
});
