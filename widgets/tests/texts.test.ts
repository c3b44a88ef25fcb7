import { describe, expect, it } from "vitest";
import { CHARACTER_FEATURES, correlateUnits, WORD_FEATURES } from "../src/lib/features";
import { findSimilar } from "../src/lib/similar";
import { firstDifference, saySymbols, splitSymbols } from "../src/lib/symbols";
import { layOut, symbolAt, visible } from "../src/lib/text_layout";
import type { Block } from "../src/lib/trace";

const feature = (name: string) => [...CHARACTER_FEATURES, ...WORD_FEATURES].find((one) => one.name === name)!;
const follow = (name: string, text: string) => Array.from(feature(name).of([...text])).join("");

describe("layout", () => {
  it("breaks lines between words, keeps blanks on their line and ends lines at line ends", () => {
    const symbols = [..."one two three\nfour"];
    const layout = layOut(symbols, 8, false);
    const lines = Array.from({ length: layout.rows }, (_, row) =>
      symbols.slice(layout.begins[row], layout.begins[row + 1]).join(""),
    );
    expect(lines).toEqual(["one two ", "three\n", "four"]);
    expect(layout.column[symbols.indexOf("h")]).toBe(1);
  });
  it("cuts a word that is longer than a line", () => {
    const layout = layOut([..."abcdefghij"], 4, false);
    expect(layout.begins).toEqual([0, 3, 6, 9, 10]);
  });
  it("puts words side by side with a gap, none wider than a line", () => {
    const layout = layOut(["to", "be", "or", "incomprehensibilities"], 8, true);
    expect(Array.from(layout.column)).toEqual([0, 3, 6, 0]);
    expect(Array.from(layout.row)).toEqual([0, 0, 0, 1]);
    expect(layout.width[3]).toBe(8);
  });
  it("keeps every symbol inside the grid, and finds it again", () => {
    const symbols = [..."It was the best  of times,\n\nit was the worst of times.\n"];
    for (const columns of [8, 13, 60]) {
      const layout = layOut(symbols, columns, false);
      symbols.forEach((_, k) => {
        expect(layout.column[k] + layout.width[k]).toBeLessThanOrEqual(columns);
        if (symbols[k] !== " " && symbols[k] !== "\n")
          expect(symbolAt(layout, layout.row[k], layout.column[k])).toBe(k);
      });
      expect(symbolAt(layout, 99, 0)).toBeGreaterThanOrEqual(0);
      expect(symbolAt(layout, -1, -1)).toBe(0);
    }
  });
  it("lays out nothing, and ten thousand characters at once", () => {
    expect(symbolAt(layOut([], 10, false), 0, 0)).toBe(-1);
    const begin = performance.now();
    layOut([..."many words and more ".repeat(500)], 80, false);
    expect(performance.now() - begin).toBeLessThan(100);
  });
  it("shows what is invisible", () => {
    expect([" ", "\n", "\t", "a"].map(visible)).toEqual(["␣", "⏎", "⇥", "a"]);
  });
});

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

describe("features", () => {
  it("follows what a reader can name", () => {
    expect(follow("place in the word", "to be.")).toBe("120120");
    expect(follow("place in the line", "ab\ncd")).toBe("12012");
    expect(follow("inside quotes", 'a "b c" d')).toBe("001111100");
    expect(follow("inside quotes", 'a "b\nc')).toBe("001100");
    expect(follow("inside brackets", "f(x[1])y")).toBe("01111110");
    expect(follow("capital letters", "AbÉ")).toBe("101");
    expect(follow("vowels", "Banane")).toBe("010101");
    expect(follow("between words", "a b.")).toBe("0101");
    expect(Array.from(feature("place in the sentence").of(["a", ".", "b", "c"]))).toEqual([1, 0, 1, 2]);
  });
  it("correlates each unit of one sequence", () => {
    const rows = [0, 1, 1, 0, 1, 0];
    // Two sequences; of the second, a unit that follows, one that does the opposite, one that stands still.
    const data = Float32Array.from(rows.flatMap((bit) => [7, 7, 7, 3 * bit + 1, -bit, 0.4]));
    const block: Block = { shape: [6, 2, 3], data };
    const [same, opposite, still] = correlateUnits(block, 1, 6, rows);
    expect(same).toBeCloseTo(1, 6);
    expect(opposite).toBeCloseTo(-1, 6);
    expect(still).toBe(0);
    expect(Array.from(correlateUnits(block, 1, 6, new Float32Array(6)))).toEqual([0, 0, 0]);
  });
});

describe("like states", () => {
  const states = (steps: number[][]): Block => ({
    shape: [steps.length, 1, steps[0].length],
    data: Float32Array.from(steps.flat()),
  });
  const [a, b, c] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  it("finds the same states elsewhere, whatever their size, best first", () => {
    const doubled = a.map((value) => 2 * value);
    const found = findSimilar(states([a, b, c, b, c, doubled, b]), 0, 7, 0, 1, 2);
    expect(found[0]).toEqual({ from: 5, cosine: 1 });
    expect(found[1]).toEqual({ from: 2, cosine: 0.5 });
  });
  it("returns none that overlap the stretch or each other", () => {
    const found = findSimilar(states(Array.from({ length: 12 }, () => a)), 0, 12, 4, 6, 9);
    const places = [4, ...found.map(({ from }) => from)].sort((x, y) => x - y);
    for (let k = 1; k < places.length; k++) expect(places[k] - places[k - 1]).toBeGreaterThanOrEqual(3);
    expect(found.length).toBeGreaterThan(1);
  });
  it("finds nothing where nothing fits, and a state of zeros is like none", () => {
    expect(findSimilar(states([a, b]), 0, 2, 0, 1, 5)).toEqual([]);
    expect(findSimilar(states([a, [0, 0, 0], a]), 0, 3, 1, 1, 5).every(({ cosine }) => cosine === 0)).toBe(
      true,
    );
  });
  it("searches ten thousand steps of a hundred units in a moment", () => {
    const data = Float32Array.from({ length: 10_000 * 100 }, (_, k) => Math.sin(k * k));
    const begin = performance.now(); // after the sines
    findSimilar({ shape: [10_000, 1, 100], data }, 0, 10_000, 50, 69, 6);
    expect(performance.now() - begin).toBeLessThan(1500);
  });
});
