// The page writes as rnnviz.models.write_text does: the dice are the same, and so is the choice under them.
import { describe, expect, it } from "vitest";
import { rollDice } from "../../src/lib/trace/dice";
import type { Head } from "../../src/lib/trace/reading";
import { startReading } from "../../src/lib/trace/reading";
import type { Writing } from "../../src/writer/writing";
import { choose, rankChances, startWriting } from "../../src/writer/writing";

describe("dice", () => {
  it("are those that Python casts", () => {
    expect(Array.from(rollDice(0, 2))).toEqual([0.26642920868471265, 0.0003297457005828619]);
    expect(Array.from(rollDice(42, 3))).toEqual([
      0.6011037519201636, 0.44829055899754167, 0.8524657934904099,
    ]);
    expect(rollDice(-1, 1)).toEqual(rollDice(2 ** 32 - 1, 1));
  });
  it("do not depend on how many are cast", () => {
    expect(rollDice(7, 50).subarray(0, 20)).toEqual(rollDice(7, 20));
  });
});

describe("chances", () => {
  const logits = [0, 2, 1];
  it("are the softmax, likeliest first", () => {
    const chances = rankChances(logits, 1, 0);
    expect(chances.map(({ code }) => code)).toEqual([1, 2, 0]);
    const total = Math.exp(2) + Math.exp(1) + 1;
    expect(chances[0].share).toBeCloseTo(Math.exp(2) / total, 12);
    expect(chances.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });
  it("leave only the likeliest, and at temperature 0 the one", () => {
    expect(rankChances(logits, 1, 2).map(({ code }) => code)).toEqual([1, 2]);
    expect(rankChances(logits, 0, 0).map(({ share }) => share)).toEqual([1, 0, 0]);
    expect(rankChances([3, 3], 0, 0)[0]).toEqual({ code: 0, share: 1 });
  });
  it("are chosen as Python chooses", () => {
    // The example of rnnviz.models.choose_character.
    expect([0, 0.5, 1, 9].map((temperature) => choose(logits, 0.7, temperature, 0))).toEqual([1, 1, 2, 2]);
    expect(choose(logits, 1 - 1e-17, 1, 0)).toBe(0);
    expect(choose([0, -1e6], 0.9999999, 1, 0)).toBe(0);
    expect(choose(logits, 0.99, 9, 2)).toBe(2);
  });
});

/** A small GRU with weights that follow a rule, three characters. */
function model(shift = 0) {
  const units = 4;
  const fill = (rows: number, columns: number) => ({
    shape: [rows, columns] as [number, number],
    data: Float32Array.from({ length: rows * columns }, (_, k) => Math.sin(1.7 * k + shift)),
  });
  const weights = new Map([
    ["weight_ih", fill(12, 3)],
    ["weight_hh", fill(12, 4)],
  ]);
  const head: Head = { weight: fill(3, units), bias: null };
  return { reading: startReading([{ kind: "GRU", nonlinearity: "tanh", units, weights }], null), head };
}

const finish = (writing: Writing) => {
  while (!writing.run(Number.POSITIVE_INFINITY));
  return writing.codes.join("");
};

function write(seed: number, temperature: number, shift = 0, force?: [number, number]) {
  const { reading, head } = model(shift);
  const writing = startWriting(reading, head);
  writing.begin([0, 1, 2], 60, seed);
  writing.set({ temperature, topK: 0 });
  if (force) writing.force(...force);
  return finish(writing);
}

describe("writing", () => {
  it("gives the same whether it begins anew or changes what it has", () => {
    const { reading, head } = model();
    const writing = startWriting(reading, head);
    writing.begin([0, 1, 2], 60, 5);
    for (const temperature of [1, 0.4, 1.8, 0, 1]) {
      writing.set({ temperature, topK: 0 });
      expect(finish(writing)).toBe(write(5, temperature));
    }
    writing.begin([0, 1, 2], 60, 6);
    expect(finish(writing)).toBe(write(6, 1));
    writing.begin([0, 1, 2], 60, 5);
    writing.force(20, 1);
    expect(finish(writing)).toBe(write(5, 1, 0, [20, 1]));
    writing.force(20, null);
    expect(finish(writing)).toBe(write(5, 1));
    const other = model(0.3);
    writing.replace(other.reading, other.head);
    expect(finish(writing)).toBe(write(5, 1, 0.3));
  });
  it("changes with another prompt, also a shorter or longer one", () => {
    const fresh = (prompt: number[]) => {
      const { reading, head } = model();
      const writing = startWriting(reading, head);
      writing.begin(prompt, 30, 1);
      return finish(writing);
    };
    const { reading, head } = model();
    const writing = startWriting(reading, head);
    for (const prompt of [[0], [0, 1], [0, 2], [2], [1, 1, 1, 1], [0]]) {
      writing.begin(prompt, 30, 1);
      expect(finish(writing)).toBe(fresh(prompt));
    }
  });
  it("leaves what comes before a forced character as it was", () => {
    const [free, forced] = [write(5, 1), write(5, 1, 0, [20, 2])];
    expect(forced.slice(0, 20)).toBe(free.slice(0, 20));
    expect(forced[20]).toBe("2");
  });
  it("can be interrupted at any time", () => {
    const { reading, head } = model();
    const writing = startWriting(reading, head);
    writing.begin([0, 1, 2], 60, 5);
    let rounds = 1;
    while (!writing.run(-1)) rounds++;
    expect(rounds).toBeGreaterThan(3);
    expect(writing.codes.join("")).toBe(write(5, 1));
  });
  it("says how surprising each character was, and shows every value", () => {
    const { reading, head } = model();
    const writing = startWriting(reading, head);
    writing.begin([0, 1, 2], 10, 5);
    finish(writing);
    expect(writing.surprise(0)).toBeNaN();
    for (let place = 1; place < 13; place++) {
      const share = rankChances(writing.logits(place)!, 1, 0).find(
        ({ code }) => code === writing.codes[place],
      )!.share;
      expect(writing.surprise(place)).toBeCloseTo(-Math.log2(share), 9);
      expect(Number.isFinite(writing.value(0, "update", place, 3))).toBe(true);
    }
    expect(writing.die(2)).toBeNull();
    expect(writing.die(3)).toBe(rollDice(5, 1)[0]);
  });
});
