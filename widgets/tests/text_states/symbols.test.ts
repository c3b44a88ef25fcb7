import { describe, expect, it } from "vitest";
import { firstDifference, saySymbols, splitSymbols } from "../../src/text_states/symbols";

describe("symbols", () => {
  const known = new Set(["[UNK]", "[NUM]", "[URL]", "milk", "isn't"]);
  it("cuts a text as rnnviz.data.split_words does", () => {
    expect(splitSymbols("I drink milk, 3.5% fat. See www.example.org!", true, known)).toEqual([
      "i",
      "drink",
      "milk",
      ",",
      "[NUM]",
      "fat",
      ".",
      "see",
      "[URL]",
      "!",
    ]);
    expect(splitSymbols("It isn’t — “well-made” [NUM]", true, known)).toEqual([
      "it",
      "isn't",
      "well-made",
      "[NUM]",
    ]);
    expect(splitSymbols("a 🙂\n", false, known)).toEqual(["a", " ", "🙂", "\n"]);
  });
  it("finds where two texts part", () => {
    expect(firstDifference([..."abc"], [..."abd"])).toBe(2);
    expect(firstDifference([..."abc"], [..."abcd"])).toBe(3);
    expect(firstDifference([], [..."a"])).toBe(0);
  });
  it("says where a unit is high and low, and what it cannot say", () => {
    const said = saySymbols("Unit 3", [..."a,a,b"], [0, 1, 0.2, 0.8, 9]);
    expect(said).toBe("Unit 3 is highest on average at “,” (0.90), lowest at “a” (0.10).");
    expect(saySymbols("Unit 3", [], [])).toBe("Unit 3 has no values.");
    expect(saySymbols("Unit 3", ["a"], [0.5])).toBe("Unit 3 is 0.50 at “a”.");
    expect(saySymbols("Unit 3", [..."aab"], [1, Number.NaN, 1])).toContain("1 of its values are not finite");
  });
});
