import { expect, test } from "vitest";
import { BetState } from "../../src/bet/state";
import type { Scene, Trial } from "../../src/lib/training/bets";

const SCENE: Scene = {
  lesson: "06",
  name: "adding",
  names: ["RNN", "LSTM"],
  ratios: { RNN: 1e-9, LSTM: 0.5 },
  steps: 50,
  updates: 100,
  every: 10,
  solved: 0.01,
  baseline: 0.17,
  margin: 5,
  seed: 3,
};
const FRESH: Trial = { updates: 0, errors: [0.9], solved: null, diverged: false, seconds: 0 };
const fresh = () => ({ RNN: FRESH, LSTM: FRESH });
const over = () => ({
  RNN: { ...FRESH, updates: 100, errors: [0.9, 0.2], seconds: 2 },
  LSTM: { ...FRESH, updates: 40, errors: [0.9, 0.009], solved: 40, seconds: 3 },
});

function bet(...words: [string, boolean][]) {
  const state = new BetState(SCENE, fresh());
  for (const [name, learns] of words) state.choose(name, learns);
  return state;
}

test("a bet is whole once every network has a word and, where one learns, one is the fastest", () => {
  const state = bet(["RNN", false]);
  expect(state.missing).toBe("1 network still without a word.");
  state.choose("LSTM", true);
  expect([state.spoken, state.missing]).toEqual([null, "Which one is the fastest?"]);
  state.chooseFastest("LSTM");
  expect(state.missing).toBe("Nothing trains before you commit.");
  expect(state.place()).toEqual({ bet: { learns: { RNN: false, LSTM: true }, fastest: "LSTM" }, seed: 3 });
  expect(bet(["RNN", false], ["LSTM", false]).spoken).toEqual({
    learns: { RNN: false, LSTM: false },
    fastest: "",
  });
});

test("what does not learn is not the fastest", () => {
  const state = bet(["RNN", true], ["LSTM", true]);
  state.chooseFastest("RNN");
  state.choose("RNN", false);
  expect([state.isFastest("RNN"), state.spoken]).toEqual([false, null]);
});

test("a kept bet comes back on the same weights only", () => {
  const kept = { bet: { learns: { RNN: false, LSTM: true }, fastest: "LSTM" }, seed: 3 };
  const state = new BetState(SCENE, fresh());
  state.recall(kept);
  expect([state.bet, state.wordOn("RNN"), state.isFastest("LSTM")]).toEqual([kept.bet, false, true]);
  state.take({ ...SCENE, seed: 4 }, fresh(), kept);
  expect([state.bet, state.wordOn("RNN")]).toEqual([null, undefined]);
});

test("the verdict comes when all are done", () => {
  const state = bet(["RNN", false], ["LSTM", true]);
  state.chooseFastest("LSTM");
  state.place();
  expect([state.verdict, state.progress]).toEqual([null, "ready: 0 updates of 100, 0 s"]);
  state.training = "running";
  state.takeFrame({ ...fresh(), LSTM: over().LSTM });
  expect(state.progress).toBe("learning: 40 updates of 100, 3 s");
  expect([state.statusOf("RNN"), state.statusOf("LSTM")]).toEqual(["untrained", "solved after 40"]);
  state.takeFrame(over());
  expect(state.verdict).toMatchObject({ points: "4 of 4 points. ", good: true });
  expect(state.progress).toBe("done: 100 updates, 5 s of computing");
  expect([state.hasFailed("RNN"), state.hasFailed("LSTM")]).toEqual([true, false]);
});

test("a frame of other networks is not taken", () => {
  const state = bet();
  expect(state.takeFrame({ GRU: FRESH })).toBe(false);
  expect(state.hasTrained).toBe(false);
});

test("the table says what was bet and what came", () => {
  const state = bet(["RNN", true], ["LSTM", true]);
  state.chooseFastest("RNN");
  state.place();
  state.takeFrame(over());
  expect(state.tabulate()).toBe(
    "network,ratio,bet,solved_after,updates,error\nRNN,1e-9,learns,,100,0.2\nLSTM,0.5,learns,40,40,0.009\n" +
      '"pairs the ratio orders",1/1,,,,\n',
  );
});
