// The page's reservoir against the package's: values written by tests/widgets/test_page_reservoir.py.
import { describe, expect, it } from "vitest";
import {
  fitReadouts,
  forecastSeries,
  measureCapacity,
  runReservoir,
  runTwoStarts,
  type Settings,
  type Weights,
} from "../../src/reservoir_playground/reservoir";
import written from "./reservoir.json";

describe.each(Object.entries(written))("a %s reservoir", (_, said) => {
  const weights: Weights = {
    units: said.units,
    recurrent: Float64Array.from(said.recurrent),
    input: Float64Array.from(said.input),
    bias: Float64Array.from(said.bias),
  };
  const settings: Settings = {
    radius: said.settings.spectral_radius,
    leak: said.settings.leak,
    scale: said.settings.input_scale,
    tanh: said.settings.nonlinearity === "tanh",
    ridge: said.ridge,
  };
  const noise = Float64Array.from(said.noise);
  const close = (found: ArrayLike<number>, wanted: number[], digits = 6) => {
    expect(found.length).toBe(wanted.length);
    for (const [place, value] of wanted.entries()) expect(found[place]).toBeCloseTo(value, digits);
  };

  it("has the same states", () => {
    const states = runReservoir(weights, settings, noise);
    close(states.subarray(-weights.units), said.last_state, 12);
  });

  it("can go on where it stopped", () => {
    const state = new Float64Array(weights.units);
    runReservoir(weights, settings, noise.subarray(0, 50), state);
    close(
      runReservoir(weights, settings, noise.subarray(50), state).subarray(-weights.units),
      said.last_state,
      12,
    );
  });

  it("forgets its start as fast", () => {
    close(runTwoStarts(weights, settings, noise).distance, said.distance, 9);
  });

  it("remembers as much", () => {
    close(measureCapacity(weights, settings, noise, said.delays, said.washout)!, said.capacity);
  });

  it("forecasts the same", () => {
    const made = forecastSeries(weights, settings, Float64Array.from(said.series), said.washout, said.fit)!;
    close(made.values, said.forecast, 5);
    expect(made.error(made.values.length)).toBeCloseTo(said.error, 5);
  });

  it("says when its states are no numbers any more", () => {
    const wild = { ...settings, radius: 1e200, tanh: false };
    expect(measureCapacity(weights, wild, noise, said.delays, said.washout)).toBeNull();
    expect(fitReadouts(new Float64Array(8).fill(Number.NaN), 1, 0, 8, [() => 1], 0.1)).toBeNull();
  });
});
