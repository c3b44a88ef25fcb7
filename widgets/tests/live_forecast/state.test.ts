import { expect, test } from "vitest";
import type { Scene } from "../../src/live_forecast/forecast";
import { RaceState } from "../../src/live_forecast/state";
import { header, lines, scene } from "./small_race";

const TRUTH = Float32Array.of(1, 2, 3);
const make = () => new RaceState(scene, TRUTH);
const at = (step: number, more = {}) => ({ ...header, step, ...more });

test("frames are kept, and the latest is shown unless one is looked back at", () => {
  const state = make();
  expect(state.shown).toBeUndefined();
  expect(state.takeFrame(at(1), lines)).toBe(true);
  state.takeFrame(at(2, { origin: 2 }), lines);
  expect([state.shown!.step, state.origin, state.updates]).toEqual([2, 2, 2]);
  state.lookAt(0);
  expect([state.shown!.step, state.origin]).toEqual([1, 1]);
  state.lookAt(1);
  expect(state.looking).toBeNull();
});

test("fewer updates than before are a training begun anew", () => {
  const state = make();
  for (const step of [1, 2, 3]) state.takeFrame(at(step), lines);
  state.lookAt(0);
  state.takeFrame(at(0), lines);
  expect([state.looking, state.losses.items.length, state.frames.items.length]).toEqual([null, 1, 1]);
});

test("forecasts start where a whole window has been read", () => {
  const state = make();
  state.takeFrame(at(1), lines);
  expect([state.clampOrigin(-3), state.clampOrigin(1.4), state.clampOrigin(9)]).toEqual([0, 1, 2]);
  expect(state.moveTo(1)).toBe(false);
  expect(state.moveTo(7)).toBe(true);
  expect([state.origin, state.wantedOrigin]).toEqual([2, 2]);
});

test("a frame of the next race waits for its scene, and is the first one shown then", () => {
  const state = make();
  state.takeFrame(at(5), lines);
  state.moveTo(2);
  const early = at(0, { version: 3 });
  expect(state.takeFrame(early, lines)).toBe(false);
  const next: Scene = { ...scene, version: 3, window: 2 };
  const first = { header: at(9, { version: 3 }), lines };
  expect(state.takeScene({ ...scene }, TRUTH, first)).toBe(false);
  expect(state.takeScene(next, TRUTH, first)).toBe(true);
  expect([state.shown!.step, state.losses.items.length, state.wantedOrigin]).toEqual([0, 1, 2]);
  expect(state.takeScene({ ...next, version: 4, name: "rain" }, TRUTH, first)).toBe(true);
  expect([state.wantedOrigin, state.shown]).toEqual([null, undefined]);
});

test("a new horizon leaves what was learned as it is", () => {
  const state = make();
  state.takeFrame(at(5), lines);
  const shorter = lines.slice(0, 9);
  state.takeScene({ ...scene, version: 3, horizon: 1 }, TRUTH, {
    header: at(6, { version: 3 }),
    lines: shorter,
  });
  expect(state.losses.items.map(({ step }) => step)).toEqual([5, 6]);
});

test("the status says what Python does, how far it is and how fast", () => {
  const state = make();
  expect(state.status(40)).toBe("not trained yet: 0 updates");
  state.takeFrame(at(1), lines);
  state.training = "running";
  expect([state.status(39.6), state.status(0)]).toEqual([
    "learning: 1 update, 40 a second",
    "learning: 1 update",
  ]);
});
