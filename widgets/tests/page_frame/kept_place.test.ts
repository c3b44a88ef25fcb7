// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { keepPlace, readPlace } from "../../src/page_frame/kept_place";

beforeEach(() => localStorage.clear());

test("what is kept grows, and says whether it did", () => {
  expect(readPlace("02-x")).toBeNull();
  expect(keepPlace("02-x", { read: ["a"] })).toBe(true);
  expect(keepPlace("02-x", { read: ["a"] })).toBe(false);
  expect(keepPlace("02-x", { section: "B?", id: "B" })).toBe(true);
  expect(keepPlace("02-x", { read: ["b"] })).toBe(true);
  expect(readPlace("02-x")).toMatchObject({ section: "B?", id: "B", read: ["a", "b"] });
});

test("what an earlier version kept is read", () => {
  localStorage.setItem("rnnviz/place/02-x", '{"section": "Last", "at": "2026-01-01"}');
  expect(readPlace("02-x")).toEqual({ section: "Last", at: "2026-01-01", read: [] });
  localStorage.setItem("rnnviz/place/02-x", "torn");
  expect(readPlace("02-x")).toBeNull();
});

test("a full storage keeps nothing, and nothing breaks", () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  } as unknown as Storage;
  expect(keepPlace("02-x", { read: ["a"] }, full)).toBe(false);
});
