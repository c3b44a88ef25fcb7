// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { changeAddress, readAddress, writeAddress } from "../../src/page_frame/address";

beforeEach(() => history.replaceState(null, "", "/lesson"));

test("an address is read and written", () => {
  const address = readAddress("#Is-it-any-good?step=3&noise=0.5&name=a%26b+c");
  expect(address.section).toBe("Is-it-any-good");
  expect([...address.settings]).toEqual([
    ["step", "3"],
    ["noise", "0.5"],
    ["name", "a&b c"],
  ]);
  expect(readAddress(writeAddress(address))).toEqual(address);
});

test.each(["", "#"])("where %j stands there is nothing to say", (hash) => {
  expect(writeAddress(readAddress(hash))).toBe("");
});

test.each(["#%E0%A4%A?x=%", "#??&&==", "#a?b?c=1"])("%j is read as far as it can be", (hash) => {
  const { section, settings } = readAddress(hash);
  expect(readAddress(writeAddress({ section, settings }))).toEqual({ section, settings });
});

test("letters of any alphabet come back", () => {
  const address = { section: "Größe", settings: new Map([["θ", "½ & more"]]) };
  expect(readAddress(writeAddress(address))).toEqual(address);
});

test("an address changes in place, and is taken away with its last word", () => {
  const before = history.length;
  changeAddress(({ settings }) => ({ section: "here", settings: settings.set("step", "2") }));
  expect(location.hash).toBe("#here?step=2");
  changeAddress(() => ({ section: "", settings: new Map() }));
  expect(location.href).toMatch(/\/lesson$/);
  expect(history.length).toBe(before);
});
