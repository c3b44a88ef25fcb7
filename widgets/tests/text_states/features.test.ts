import { describe, expect, it } from "vitest";
import type { Block } from "../../src/lib/trace/trace";
import { CHARACTER_FEATURES, correlateUnits, WORD_FEATURES } from "../../src/text_states/features";

const feature = (name: string) => [...CHARACTER_FEATURES, ...WORD_FEATURES].find((one) => one.name === name)!;
const follow = (name: string, text: string) => Array.from(feature(name).of([...text])).join("");

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
