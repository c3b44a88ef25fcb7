import { beforeEach, describe, expect, it } from "vitest";
import { percent, WriterState } from "../../src/writer/state";

const TOKENS = ["a", "b", " ", "\n"];
const UNITS = 2;

let place: { step: number; unit: number };
let state: WriterState;

beforeEach(() => {
  const numbers: number[] = [];
  const add = (...shape: [number, number]) => {
    const entry = { shape, offset: numbers.length };
    for (let k = 0; k < shape[0] * shape[1]; k++) numbers.push(2 * Math.sin(3 * numbers.length + 1));
    return entry;
  };
  const weights = {
    weight_ih: add(UNITS, TOKENS.length),
    weight_hh: add(UNITS, UNITS),
    bias_ih: add(1, UNITS),
    bias_hh: add(1, UNITS),
  };
  const head = { weight: add(TOKENS.length, UNITS), bias: add(1, TOKENS.length) };
  const traits: Record<string, unknown> = {
    tokens: TOKENS,
    tables: {
      layers: [{ name: "l0", kind: "RNN", nonlinearity: "tanh", units: UNITS, weights }],
      head,
      inputs: null,
    },
    data: new DataView(Float32Array.from(numbers).buffer),
    prompt: "ab",
    temperature: 1,
    top_k: 0,
    length: 6,
    seed: 3,
    array: "surprise",
  };
  place = { step: 2, unit: 1 };
  const cursor = { get: (key: string) => place[key as keyof typeof place] };
  state = new WriterState({ get: (name: string) => traits[name] } as never, cursor as never);
  write();
});

/** Writes to the end, and shows all of it. */
function write(): string {
  expect(state.writing.run(Number.POSITIVE_INFINITY)).toBe(true);
  state.reveal(0);
  return state.symbols.join("");
}

describe("how it writes", () => {
  it("begins with the prompt, and meets the same dice again", () => {
    const first = write();
    expect([first.slice(0, 2), first.length]).toEqual(["ab", 8]);
    state.castAgain(0, 0);
    expect([state.seed, write().length]).toEqual([4, 8]);
    state.setSeed(3);
    expect(write()).toBe(first);
    state.setTemperature(0);
    state.chooseAmong(1);
    const coldest = write();
    state.setTemperature(2);
    expect(write()).toBe(coldest);
    state.chooseAmong(TOKENS.length);
    expect(state.topK).toBe(0);
  });

  it("is as long as can be, and no longer", () => {
    for (const [wanted, length] of [
      [2.6, 3],
      [0, 1],
      [1e6, 2000],
      [Number.NaN, 2000],
    ]) {
      state.setLength(wanted);
      expect(state.length).toBe(length);
    }
  });

  it("takes of a prompt what it knows", () => {
    expect(state.setPrompt("bax")).toBe(true);
    expect([state.prompt.join(""), state.complaint]).toEqual([
      "ba",
      "It does not know x, and reads on without.",
    ]);
    expect(state.setPrompt("")).toBe(false);
    expect([state.prompt.join(""), state.complaint]).toEqual([
      "ba",
      "It needs at least one character to begin with, and keeps the last prompt.",
    ]);
  });

  it("is typed out at a pace", () => {
    state.castAgain(20, 1000);
    state.writing.run(Number.POSITIVE_INFINITY);
    expect(state.reveal(1100)).toBe(true);
    expect([state.symbols.length, state.isTyping, state.reveal(1100)]).toEqual([4, true, false]);
    state.reveal(9000);
    expect([state.symbols.length, state.isTyping]).toEqual([8, false]);
  });
});

describe("what is put in by hand", () => {
  it("stands there, but never in the prompt", () => {
    const first = write();
    expect(state.putIn(1, 0)).toBe(false);
    const other = TOKENS.indexOf(first[3]) === 0 ? 1 : 0;
    expect(state.putIn(3, other)).toBe(true);
    const second = write();
    expect([second.slice(0, 3), second[3]]).toEqual([first.slice(0, 3), TOKENS[other]]);
    expect([state.isForced(3), state.dieAt(3), state.describe(3).endsWith(", put in by hand")]).toEqual([
      true,
      null,
      true,
    ]);
    expect(state.tabulate().match(/,hand,/g)).toHaveLength(1);
    state.freeEverything();
    expect(write()).toBe(first);
    expect(state.dieAt(3)).toBeGreaterThan(0);
  });
});

describe("what could have come", () => {
  it("is nothing before the first character, and adds up to one after it", () => {
    expect([state.chancesAt(0), state.sayPlace(0)]).toEqual([
      null,
      "Nothing was read before the first character, so nothing was expected.",
    ]);
    const chances = state.chancesAt(2)!;
    expect(chances.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect([state.sayPlace(1), state.sayPlace(2)]).toEqual([
      "What it expected after “a”, in the prompt",
      "What comes after “ab”?",
    ]);
    expect(state.sayChance({ code: 2, share: 0.05 }, 2)).toBe("blank, 5.0 %: put it here");
    expect(state.sayChance({ code: 3, share: 0.5 }, 1)).toBe("line end, 50 %");
    expect(percent(0.0996)).toBe("10 %");
  });

  it("lists the one that stands there, though it took no part", () => {
    state.chooseAmong(1);
    const [best] = state.chancesAt(2)!;
    const other = best.code === 0 ? 1 : 0;
    state.putIn(2, other);
    write();
    expect(state.listed(state.chancesAt(2)!, 2)).toEqual([best, { code: other, share: 0 }]);
  });
});

describe("what is shown", () => {
  it("is the surprise, or a unit", () => {
    expect([state.sayTitle(), state.largest(), state.sayScale(4)]).toEqual([
      "An RNN of 2 units writes",
      4,
      "0 to 4.0 bits of surprise",
    ]);
    expect(state.at(0)).toBeNaN();
    state.array = "hidden";
    expect([state.sayTitle(), state.largest(), state.sayScale(1)]).toEqual([
      "An RNN writes: hidden state of unit 1",
      1,
      "−1.0 to 1.0",
    ]);
    expect(state.at(2)).toBe(state.valueOf(2, 1));
    expect(state.arrays).toEqual(["surprise", "hidden"]);
  });

  it("is summed up", () => {
    expect(state.summarise()).toMatch(
      /^It wrote 6 characters: “.*”\. On average .* bits of surprise a character, of 2\.0 if it guessed blindly\.$/s,
    );
    expect(state.writeCode()).toContain("settings = dict(temperature=1, top_k=None, seed=3)");
  });
});
