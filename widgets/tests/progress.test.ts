// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { openShelf, readEverything } from "../src/lib/progress";

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
  expect(readEverything().map(({ name }) => name)).toEqual(["a", "b"]);
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
