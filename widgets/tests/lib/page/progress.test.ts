// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import {
  loadProgressFile,
  openShelf,
  readEverything,
  writeProgressFile,
} from "../../../src/lib/page/progress";

beforeEach(() => localStorage.clear());

test("an answer lies under its lesson and name, and can be taken away", () => {
  const shelf = openShelf<{ tried: string[] }>("quiz", "02", "echo");
  expect(shelf.read()).toBeNull();
  shelf.keep({ tried: ["a"] });
  expect(shelf.read()).toMatchObject({ kind: "quiz", lesson: "02", name: "echo", tried: ["a"] });
  expect(openShelf("predict", "02", "echo").read()).toBeNull();
  expect(openShelf("quiz", "03", "echo").read()).toBeNull();
  shelf.forget();
  expect(shelf.read()).toBeNull();
});

test("everything can be read together; what others keep is left alone", () => {
  openShelf<{ tried: string[] }>("quiz", "02", "b").keep({ tried: [] });
  openShelf<{ guess: number }>("predict", "02", "a").keep({ guess: 3 });
  localStorage.setItem("somebody else's", "{}");
  localStorage.setItem("rnnviz/progress/quiz/02/broken", "{");
  localStorage.setItem("rnnviz/place/02-memory", '{"section": "Last", "at": "2026-01-01"}');
  expect(Object.keys(readEverything())).toEqual([
    "rnnviz/place/02-memory",
    "rnnviz/progress/predict/02/a",
    "rnnviz/progress/quiz/02/b",
  ]);
});

test("a file takes everything to another browser, where later answers stay", () => {
  openShelf<{ guess: number }>("predict", "02", "a").keep({ guess: 3 });
  openShelf<{ tried: string[] }>("quiz", "02", "b").keep({ tried: ["old"] });
  const file = writeProgressFile();
  localStorage.clear();
  const later = { kind: "quiz", lesson: "02", name: "b", at: "2999-01-01T00:00:00.000Z", tried: ["new"] };
  localStorage.setItem("rnnviz/progress/quiz/02/b", JSON.stringify(later));
  expect(loadProgressFile(file)).toBe(2);
  expect(openShelf("predict", "02", "a").read()).toMatchObject({ guess: 3 });
  expect(openShelf("quiz", "02", "b").read()).toMatchObject({ tried: ["new"] });
});

test("a file of something else is refused, and nothing of it is kept", () => {
  for (const text of ["", "[1]", '{"entries": {"milk": 2, "rnnviz/progress/quiz/02/x": 7}}'])
    expect(() => loadProgressFile(text)).toThrow("holds no progress of this course");
  expect(() => loadProgressFile(writeProgressFile(), null)).toThrow("keeps nothing");
  expect(localStorage.length).toBe(0);
});

test("a browser that refuses storage breaks nothing", () => {
  const refuse = () => {
    throw new Error("denied");
  };
  const denied = { getItem: refuse, setItem: refuse, removeItem: refuse } as unknown as Storage;
  const shelf = openShelf("quiz", "02", "echo", denied);
  shelf.keep({});
  shelf.forget();
  expect(shelf.read()).toBeNull();
  expect(openShelf("quiz", "02", "echo", null).read()).toBeNull();
  localStorage.setItem("rnnviz/progress/quiz/02/echo", "not json");
  expect(openShelf("quiz", "02", "echo").read()).toBeNull();
});
