import { describe, expect, it } from "vitest";
import { percent, TranslatorState } from "../../src/translator/state";

const SOURCE = ["[UNK]", "i", "drink", "milk"];
const TARGET = ["[GO]", "[END]", "je", "l'", "bois"];
const UNITS = 2;

/** Weights that rise and fall; with attention unless said otherwise. */
function make({ attention = true, reverse = false } = {}) {
  const numbers: number[] = [];
  const add = (...shape: number[]) => {
    const entry = { shape, offset: numbers.length };
    for (let k = shape.reduce((product, n) => product * n, 1); k > 0; k--)
      numbers.push(Math.sin(3 * numbers.length + 1));
    return entry;
  };
  const layer = () => ({
    units: UNITS,
    weights: {
      weight_ih: add(3 * UNITS, 2),
      weight_hh: add(3 * UNITS, UNITS),
      bias_ih: add(1, 3 * UNITS),
      bias_hh: add(1, 3 * UNITS),
    },
  });
  const traits: Record<string, unknown> = {
    encoder: layer(),
    decoder: layer(),
    parts: {
      read: add(SOURCE.length, 2),
      recall: add(TARGET.length, 2),
      say_weight: add(TARGET.length, UNITS),
      say_bias: add(1, TARGET.length),
      ...(attention && {
        score: add(UNITS, UNITS),
        combine_weight: add(UNITS, 2 * UNITS),
        combine_bias: add(1, UNITS),
      }),
    },
    go: 0,
    end: 1,
    reverse,
    source: SOURCE,
    target: TARGET,
    examples: [["i drink milk", "je bois"]],
    data: new DataView(Float32Array.from(numbers).buffer),
  };
  const place = { step: 0, unit: 0 };
  const cursor = { get: (key: string) => place[key as keyof typeof place] };
  const state = new TranslatorState({ get: (name: string) => traits[name] } as never, cursor as never);
  return { state, place };
}

describe("the sentence", () => {
  it("is known, or complained about", () => {
    const { state } = make();
    state.read("I drink milk");
    expect(state.complaint).toBe("In the corpus: je bois");
    state.read("I drink tea tea");
    expect(state.complaint).toBe("It does not know “tea”, and reads [UNK].");
    state.read(Array(31).fill("milk").join(" "));
    expect([state.complaint, state.words.length]).toEqual(["Only the first 30 words are read.", 30]);
    state.read(" ");
    expect([state.complaint, state.steps, state.beams, state.tell()]).toEqual([
      "Type a sentence: it is translated as you type.",
      0,
      [],
      "There is no sentence.",
    ]);
  });

  it("is read from its end where the network does so", () => {
    const { state } = make({ reverse: true });
    state.read("i drink milk");
    expect(state.labelsOf("encoder")).toEqual(["milk", "drink", "i"]);
    expect(state.sayHanding()).toBe(
      "The decoder begins with the encoder’s last state, after “i”, and looks back at all the others.",
    );
    const [first] = state.said;
    expect(state.attention(first)).toEqual([...first.weights!].reverse());
    expect(state.tell()).toBe("Word 1 of 3 is read: “milk”.");
  });
});

describe("what is said", () => {
  it("follows what is forced, and forgets what was forced later", () => {
    const { state, place } = make();
    state.read("i drink milk");
    state.force(0, 3);
    state.force(1, 4);
    expect([state.wordSaid(0), state.wordSaid(1)]).toEqual(["l'", "bois"]);
    expect(state.writeCode()).toContain(`forced=["l'","bois"]`);
    place.step = state.stepOf(1);
    expect(state.place).toBe(1);
    expect(state.tell()).toMatch(
      /^Word 2: “bois”, .* %, forced\. It looked most at “.*” \(.* %\)\. The whole: l'bois/,
    );
    expect(state.likeliest(state.said[0])).toContain(3);
    state.force(0, 2);
    expect([...state.forced]).toEqual([[0, 2]]);
    state.letGo();
    expect([state.forced.size, state.writeCode().includes("forced")]).toEqual([0, false]);
  });

  it("is one of the beam's, where one is chosen", () => {
    const { state } = make({ attention: false });
    state.read("i drink milk");
    expect(state.beams).toHaveLength(3);
    state.forceAll(state.beams[2].words);
    expect(state.said.map(({ chosen }) => chosen).slice(0, state.beams[2].words.length)).toEqual(
      state.beams[2].words,
    );
    state.width = 1;
    state.search();
    expect(state.beams).toHaveLength(1);
    expect(state.sayBeam({ words: [1], logChance: 0 })).toBe("(nothing)");
  });

  it("is tabled with its attention, where there is some", () => {
    const { state } = make();
    state.read("i milk");
    const [head, first] = state.tabulate().split("\n");
    expect(head).toBe("place,word,probability,forced,attention to i,attention to milk");
    expect(first.split(",")).toHaveLength(6);
    const plain = make({ attention: false }).state;
    plain.read("i milk");
    expect(plain.tabulate().split("\n")[0]).toBe("place,word,probability,forced");
    expect(plain.title).toContain("without attention");
  });
});

it("writes small shares with a digit more", () => {
  expect([0.0001, 0.012, 0.5].map(percent)).toEqual(["< 0.1 %", "1.2 %", "50 %"]);
});
