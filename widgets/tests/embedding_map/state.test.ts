import { expect, test } from "vitest";
import { WordsState } from "../../src/embedding_map/state";

const WORDS = ["king", "queen", "man", "woman", "Paris"];
const VECTORS = [1, 1, 1, -1, 0.2, 1, 0.2, -1, -1, 0.1];
const moment = (step: number, vectors = VECTORS) => ({
  step,
  loss: null,
  vectors: Float32Array.from(vectors),
  places: Float32Array.from(vectors),
});
const make = (more = {}) =>
  new WordsState({
    words: WORDS,
    size: 2,
    groups: { royal: ["king", "queen"] },
    word: "",
    analogy: [],
    start: moment(0),
    ...more,
  });

test("a word is found as it is written, in lower case, and after Enter by its beginning", () => {
  const state = make();
  expect([state.find(" king "), state.find("KING"), state.find("Paris"), state.find("qu")]).toEqual([
    0, 0, 4, -1,
  ]);
  expect([state.find("qu", true), state.find("", true), state.find("pa", true)]).toEqual([1, -1, 4]);
  expect([state.has("Woman"), state.has("child")]).toEqual([true, false]);
});

test("a chosen word has neighbours, and lets them go", () => {
  const state = make({ word: "man" });
  expect(state.neighbours[0].word).toBe(0);
  expect(state.tell()).toMatch(/^Nearest to “man”: king \(0\.83\), /);
  state.choose(-1);
  expect(state.neighbours).toEqual([]);
  expect(state.tell()).toBe("The map shows the two directions in which the vectors differ most.");
});

test("an analogy is solved once all three are words", () => {
  const state = make();
  state.readAnalogy(["king", "man", "wo"]);
  expect([state.analogy, state.answers]).toEqual([[], []]);
  state.readAnalogy(["king", "man", "WOMAN"]);
  expect(state.answers[0].word).toBe(1);
  expect(state.tell()).toMatch(/^king − man \+ woman ≈ queen \(0\.9\d\)\.$/);
  expect(state.writeLines()).toContain('analogy=("king", "man", "woman")');
});

test("what is looked back at stays until the training begins anew", () => {
  const state = make();
  const [first, later] = [moment(10), moment(20, [...VECTORS].reverse())];
  expect(state.take(first)).toEqual({ shown: true, anew: false });
  state.lookAt(0);
  expect([state.step, state.looking]).toEqual([0, 0]);
  expect(state.take(later)).toEqual({ shown: false, anew: false });
  expect(state.step).toBe(0);
  expect(state.take(moment(0))).toEqual({ shown: true, anew: true });
  expect([state.looking, state.past.items.length]).toEqual([null, 1]);
  state.take(first);
  state.lookAt(1);
  expect(state.looking).toBeNull();
});

test("vectors of another size are not of this map", () => {
  const state = make();
  expect(state.take(moment(5, [1, 2]))).toEqual({ shown: false, anew: false });
  expect(state.past.items).toHaveLength(1);
});

test("what is not finite is counted, not drawn", () => {
  const state = make({ start: moment(0, [Number.NaN, 1, ...VECTORS.slice(2)]) });
  expect(state.isPlaced(0)).toBe(false);
  expect(state.tell()).toContain("1 word cannot be drawn: their vectors are not finite.");
  expect(state.tabulate().split("\n")[2]).toBe("queen,1,-1,1,-1");
});
