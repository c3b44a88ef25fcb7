import { expect, test } from "vitest";
import type { Trial } from "../../src/lib/training/bets";
import { RemediesState, type Scene } from "../../src/remedies/state";
import { PLAIN, type Switches } from "../../src/remedies/switches";

const SCENE: Scene = {
  steps: 50,
  most_steps: 200,
  plain: [1e-9, 1],
  updates: 100,
  every: 10,
  solved: 0.01,
  baseline: 0.17,
  rates: { SGD: 0.1, momentum: 0.01, Adam: 0.001 },
};
const SWITCHES = { ...PLAIN, steps: 50 } as unknown as Switches;
const trial = (more: Partial<Trial>): Trial => ({
  updates: 100,
  errors: [0.9, 0.2],
  solved: null,
  diverged: false,
  seconds: 2,
  ...more,
});

function make() {
  const state = new RemediesState(SCENE, SWITCHES);
  state.curve = [0, 0.5, 1];
  return state;
}
const run = (number: number, more: Partial<Trial> = {}, switches = SWITCHES) => ({
  run: number,
  switches,
  trial: trial(more),
});

test("a run that goes on replaces itself, and the oldest gives way", () => {
  const state = make();
  for (let k = 1; k <= 8; k++) state.takeRun(run(k, { updates: 10 }));
  state.takeRun(run(8));
  expect(state.runs.map((one) => one.run)).toEqual([3, 4, 5, 6, 7, 8]);
  expect(state.runs.at(-1)!.trial.updates).toBe(100);
});

test("an outcome is told as far as it is known", () => {
  const state = make();
  expect(state.outcome(run(1, { updates: 40 }))).toBe("error 0.20 after 40");
  expect(state.outcome(run(1))).toBe("not solved: error 0.20 after 100");
  expect(state.outcome(run(1, { solved: 60 }))).toBe("solved after 60 updates");
  expect(state.outcome(run(1, { diverged: true, updates: 1 }))).toBe("diverged after 1 update");
});

test("no remedy leaves the length as it is", () => {
  const state = make();
  expect(state.isPlain).toBe(true);
  state.choose({ clip: 1, steps: 120 });
  expect([state.isPlain, state.nameRun(run(1, {}, state.switches))]).toEqual([
    false,
    expect.stringMatching(/, T = 120$/),
  ]);
  state.choosePlain();
  expect([state.isPlain, state.switches.steps]).toEqual([true, 120]);
});

test("what clipping leaves is told, and what the latest training came to", () => {
  const state = make();
  state.left = 0.01;
  expect(state.tellGradient()).toMatch(/^With no remedy the gradient, .+ Clipping leaves .+ of it\.$/);
  expect(state.tellTraining()).toBe("");
  state.takeRun(run(1, { solved: 60 }));
  expect(state.tellTraining()).toBe(" no remedy: solved after 60 updates.");
  state.training = "running";
  expect(state.status).toBe("learning: update 100 of 100");
});

test("table and code say what is switched on", () => {
  const state = make();
  state.takeRun(run(1));
  expect(state.tabulate()).toBe(
    'what,step_or_update,value\ngradient norm,0,0\ngradient norm,1,0.5\ngradient norm,2,1\n"error, no remedy",0,0.9\n"error, no remedy",10,0.2\n',
  );
  state.choose({ optimiser: "Adam" });
  expect(state.writeCode()).toContain("torch.optim.Adam(p, lr=0.001)");
});
