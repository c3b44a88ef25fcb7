// The page's translator against the package's: values written by tests/widgets/test_page_translator.py.
import { describe, expect, it } from "vitest";
import type { Entry, Layer, Matrix } from "../../src/lib/trace/trace";
import {
  readSentence,
  sayGreedily,
  searchBeam,
  splitWords,
  type Translator,
  topOf,
} from "../../src/translator/translation";
import written from "./translation.json";

function load(said: (typeof written)["True"] | (typeof written)["False"]): Translator {
  const data = Float32Array.from(said.data);
  const matrix = ({ shape, offset }: Entry): Matrix => ({
    shape: shape as Matrix["shape"],
    data: data.subarray(offset, offset + shape.reduce((product, n) => product * n, 1)),
  });
  const layer = (header: { units: number; weights: Record<string, Entry> }): Layer => ({
    name: "",
    kind: "GRU",
    nonlinearity: "tanh",
    reverse: false,
    arrays: new Map(),
    gates: [],
    input: { shape: [1, 1, 1], data: new Float32Array(0) },
    initialHidden: { shape: [1, header.units], data: new Float32Array(header.units) },
    initialCell: null,
    weights: new Map(Object.entries(header.weights).map(([name, entry]) => [name, matrix(entry)])),
    lengths: [1],
    steps: 1,
    sequences: 1,
    units: header.units,
  });
  const { encoder, decoder, go, end } = said.state;
  const parts = said.state.parts as Record<string, Entry>;
  return {
    encoder: layer(encoder),
    decoder: layer(decoder),
    read: matrix(parts.read),
    recall: matrix(parts.recall),
    score: parts.score ? matrix(parts.score) : null,
    combine: parts.score ? { weight: matrix(parts.combine_weight), bias: matrix(parts.combine_bias) } : null,
    say: { weight: matrix(parts.say_weight), bias: matrix(parts.say_bias) },
    go,
    end,
  };
}

describe.each(Object.entries(written))("a translator with attention: %s", (_, said) => {
  const machine = load(said);
  const states = readSentence(machine, said.numbers);
  const words = (numbers: number[]) =>
    numbers.filter((number) => number !== machine.end).map((number) => said.state.target[number]);

  it("says the same, as surely, and looks at the same words", () => {
    const own = sayGreedily(machine, states, new Map(), 20);
    expect(words(own.map(({ chosen }) => chosen))).toEqual(said.greedy);
    const chance = own.reduce((sum, { chances, chosen }) => sum + Math.log(chances[chosen]), 0);
    expect(chance).toBeCloseTo(said.log_chance, 4);
    for (const [place, row] of (said.attention ?? []).entries())
      for (const [k, weight] of row.entries()) expect(own[place].weights![k]).toBeCloseTo(weight, 5);
    if (said.attention === null) expect(own[0].weights).toBeNull();
  });

  it("says the same after forced words", () => {
    const made = sayGreedily(machine, states, new Map(said.lead.entries()), 20);
    expect(words(made.map(({ chosen }) => chosen))).toEqual(said.forced);
  });

  it("finds the same sentences with a beam", () => {
    const found = searchBeam(machine, states, 3, 20);
    expect(found.map((one) => words(one.words))).toEqual(said.beam.map((one) => one.words));
    for (const [place, { logChance }] of found.entries())
      expect(logChance).toBeCloseTo(said.beam[place].log_chance, 4);
  });

  it("stops where it is told to", () => {
    expect(sayGreedily(machine, states, new Map(), 1)).toHaveLength(1);
  });
});

describe("words", () => {
  it("are cut as in Python", () => {
    expect(splitWords("I drink milk, 3.5% fat. See www.example.org!")).toEqual([
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
    expect(splitWords("  (He's) ÉTÉ—fin ")).toEqual(["he's", "été", "fin"]);
    expect(splitWords("")).toEqual([]);
  });

  it("are ranked by their chances, equal ones in their order", () => {
    expect(topOf(Float64Array.of(0.1, 0.4, 0.1, 0.4), 3)).toEqual([1, 3, 0]);
  });
});
