import { describe, expect, it } from "vitest";
import { layOut, symbolAt, visible } from "../../../src/lib/draw/text_layout";

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
