import { describe, expect, it } from "vitest";
import { lookUp, sayCost, spread, tabulate, writeLookup } from "../../src/word_lookup/state";

const tokens = ["[UNK]", "[NUM]", "[URL]", ".", "i", "drink", "milk"];
const numbers = new Map(tokens.map((token, number) => [token, number]));
const read = (text: string) => lookUp(text, numbers, tokens);

describe("looking words up", () => {
  it("gives each word its row, and says what happened to it", () => {
    expect(read("I drink 3.5% beer.").map(({ typed, token, number }) => [typed, token, number])).toEqual([
      ["I", "i", 4],
      ["drink", "drink", 5],
      ["3.5%", "[NUM]", 1],
      ["beer", "[UNK]", 0],
      [".", ".", 3],
    ]);
    expect(read("I 7 beer www.example.org milk").map(({ because }) => because)).toEqual([
      "lower case",
      "a number",
      "not in the vocabulary",
      "a web address",
      "",
    ]);
  });

  it("stops where a page is full", () => {
    expect(lookUp("milk ".repeat(100), numbers, tokens)).toHaveLength(40);
    expect(read("")).toEqual([]);
  });

  it("counts both ways of writing a sentence", () => {
    expect(sayCost(read("milk milk i"), 50_000, 150)).toBe(
      "3 words, 2 rows of 50,000. One-hot: 3 × 50,000 = 150,000 numbers, all but 3 of them 0. " +
        "Looked up: 3 × 150 = 450 numbers, and no multiplication.",
    );
    expect(sayCost([], 50_000, 150)).toBe("Type a word.");
  });

  it("hands over the numbers, and lines that look them up", () => {
    const vectorOf = ({ number }: { number: number }) => Float32Array.of(number, -number / 2);
    const rows = read("Milk milk 7");
    expect(tabulate(rows, vectorOf, 2)).toBe(
      'typed,read_as,row,v0,v1\n"Milk","milk",6,6,-3\n"milk","milk",6,6,-3\n"7","[NUM]",1,1,-0.5\n',
    );
    const code = writeLookup(rows, vectorOf, 50, 2);
    expect(code).toContain("torch.nn.Embedding(50, 2)");
    expect(code.match(/table\.weight\[6\]/g)).toHaveLength(1);
    expect(code).toMatch(/table\.weight\[1\] = torch\.tensor\(\[1\.?0*, -0\.50*\]\)/);
    expect(code).toContain("torch.tensor([6, 6, 1])  # milk milk [NUM]");
    expect(spread(Float32Array.of(1, -1, 1, -1))).toBe(2);
    expect(spread(new Float32Array())).toBe(1);
  });
});
