// A race of two models and a baseline over three steps.
import type { FrameHeader, Numbers, Scene } from "../../src/live_forecast/forecast";

export const scene: Scene = {
  version: 2,
  name: "spots, yearly",
  unit: "spots",
  source: "",
  notes: [],
  dates: ["1700-01-01", "1701-01-01", "1702-01-01"],
  steps: 3,
  features: ["spots"],
  target: "spots",
  edges: [1, 2],
  window: 1,
  horizon: 2,
  learning_rate: 0.001,
  origin: 1,
  longest_window: 2,
  longest_horizon: 2,
  models: ["GRU", "linear"],
  choices: [],
  recipe: {
    series: "sunspots()",
    imports: ["from rnnviz.data import sunspots"],
    kinds: { GRU: "gru", linear: null },
    units: 32,
    batch: 50,
    seed: 7,
  },
};

export const numbers = (name: string, error: number | null): Numbers => ({
  name,
  loss: null,
  train_loss: null,
  validation_loss: null,
  one_step_error: error,
  many_step_error: error,
});

export const header: FrameHeader = {
  version: 2,
  step: 320,
  origin: 1,
  learning_rate: 0.001,
  models: [numbers("GRU", 31.24), numbers("linear", 40)],
  baselines: [numbers("naive", 33)],
};
// GRU's predictions and forecast, linear's, naive's forecast.
export const lines = Float32Array.of(Number.NaN, 11, 12, 13, 14, Number.NaN, 21, 22, 23, 24, 31, 32);
