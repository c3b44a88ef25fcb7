import { expect, test } from "vitest";
import { ReservoirState } from "../../src/reservoir_playground/state";
import written from "./reservoir.json";

/** The same small reservoir twice, as two draws, and a wave to forecast. */
function make() {
  const [said] = Object.values(written);
  const numbers: number[] = [];
  const put = (values: ArrayLike<number>) => {
    const entry = { shape: [values.length], offset: numbers.length };
    numbers.push(...Array.from(values));
    return entry;
  };
  const header = (seed: number) => ({
    units: said.units,
    seed,
    recurrent: put(said.recurrent),
    input: put(said.input),
    bias: put(said.bias),
    eigenvalues: put(Array.from({ length: 2 * said.units }, (_, k) => (k === 0 ? 1 : 0))),
  });
  const traits: Record<string, unknown> = {
    reservoirs: [header(0), header(5)],
    series: put(Array.from({ length: 300 }, (_, t) => 0.4 * Math.sin(t / 4))),
    noise: put(Array.from({ length: 600 }, (_, t) => Math.sin(t * t) / 2)),
    washout: 20,
    fit: 200,
    settings: { units: said.units, radius: 0.8, leak: 0.5, scale: 0.5, tanh: true, ridge: 1e-8 },
  };
  traits.data = new DataView(Float32Array.from(numbers).buffer);
  return new ReservoirState({ get: (name: string) => traits[name] } as never);
}

test("eigenvalues follow leak and radius", () => {
  const state = make();
  expect(state.eigenvalues[0]).toEqual([0.9, 0]);
  state.settings.radius = 3;
  expect(state.radius).toBe(2);
  expect(state.saySpectrum()).toContain("the largest 2.00 from the origin, 1 outside the unit circle.");
});

test("other weights go round, and a reset brings the first settings back", () => {
  const state = make();
  state.anotherDraw();
  expect(state.reservoir.seed).toBe(5);
  state.anotherDraw();
  expect(state.reservoir.seed).toBe(0);
  state.settings.leak = 1;
  state.settings.tanh = false;
  state.anotherDraw();
  state.startAgain();
  expect([state.settings.leak, state.settings.tanh, state.reservoir.seed]).toEqual([0.5, true, 0]);
});

test("what it forgets, remembers and foretells is said, in words and in lines of a table", () => {
  const state = make();
  state.run();
  state.fitReadouts();
  expect(state.sayFading()).toMatch(/^It forgets its start/);
  expect(state.sayMemory().note).toMatch(new RegExp(`^sum \\d+\\.\\d of at most ${state.units}$`));
  expect(state.memory).toBeLessThanOrEqual(state.units);
  expect(state.tell()).toContain("Its forecast errs by");
  const lines = state.tabulate().trim().split("\n");
  expect(lines.filter((line) => line.startsWith("truth,"))).toHaveLength(99);
});

test("two starts meet where the start is forgotten, and stay apart where it is not", () => {
  const state = make();
  state.run();
  const { one, other } = state.startsOf(2);
  expect(one).toHaveLength(200);
  expect(one[0]).not.toBeCloseTo(other[0], 1);
  expect(one[199]).toBeCloseTo(other[199], 6);
  expect(state.sayStarts(2)).toBe(
    "Unit 2 from two different starts, under one input: 0.00 apart after 200 steps.",
  );
  state.settings.radius = 9;
  state.run();
  expect(state.distance[199]).toBeGreaterThan(0.1);
});

test("states that run away are said to, and nothing is fitted to them", () => {
  const state = make();
  Object.assign(state.settings, { tanh: false, radius: 60, leak: 1 });
  state.run();
  state.fitReadouts();
  expect(state.sayFading()).toBe("Its states run away: they are no numbers any more.");
  expect([state.sayMemory().note, state.sayForecast().note]).toEqual(["not measurable", "no forecast"]);
});
