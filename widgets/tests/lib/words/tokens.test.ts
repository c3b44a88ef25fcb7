import { expect, test } from "vitest";
import { cutWords } from "../../../src/lib/words/tokens";

const known = new Set(["[UNK]", "[NUM]", "[URL]", "milk"]);

test("pieces keep what was typed beside what it is read as", () => {
  expect(cutWords("Milk, 3.5% (see www.example.org)!", known)).toEqual([
    { typed: "Milk", token: "milk" },
    { typed: ",", token: "," },
    { typed: "3.5%", token: "[NUM]" },
    { typed: "see", token: "see" },
    { typed: "www.example.org", token: "[URL]" },
    { typed: "!", token: "!" },
  ]);
});

test("without their words, numbers and addresses stay as they are", () => {
  expect(cutWords("It’s 7", new Set(["7"])).map(({ token }) => token)).toEqual(["it's", "7"]);
});
