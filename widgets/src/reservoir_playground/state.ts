// A reservoir with its settings: what it does with noise, what it remembers, and how it forecasts. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { type Complex, sizeOf } from "../lib/draw/complex_plane";
import { type Entry, readFloats } from "../lib/trace/trace";
import { formatNumber, formatShort, plural } from "../lib/words/format";
import {
  type Forecast,
  forecastSeries,
  measureCapacity,
  runReservoir,
  runTwoStarts,
  type Settings,
  type TwoStarts,
  type Weights,
} from "./reservoir";

export interface Reservoir extends Weights {
  seed: number;
  /** Eigenvalues of W, real and imaginary in turn. */
  eigenvalues: Float32Array;
}

interface Header {
  units: number;
  seed: number;
  recurrent: Entry;
  input: Entry;
  bias: Entry;
  eigenvalues: Entry;
}

/** Steps of the states that are drawn, and of the forecast that is judged. */
export const SHOWN = 200;
const JUDGED = 84;

export class ReservoirState {
  readonly reservoirs: Reservoir[];
  readonly series: Float64Array;
  reservoir: Reservoir;
  settings: Settings;
  /** Step by step, all units. */
  states: Float64Array = new Float64Array();
  starts: TwoStarts = { one: new Float64Array(), other: new Float64Array(), distance: new Float64Array() };
  /** Null where the states are not finite. */
  capacity: number[] | null = [];
  forecast: Forecast | null = null;
  /** The last step that the readout is fitted on. */
  readonly fit: number;
  private noise: Float64Array;
  private washout: number;
  private start: Settings & { units: number };

  constructor(model: Pick<AnyModel, "get">) {
    const take = readFloats(model as AnyModel);
    const numbers = (entry: Entry) => Float64Array.from(take(entry));
    this.reservoirs = (model.get("reservoirs") as Header[]).map((header) => ({
      units: header.units,
      seed: header.seed,
      recurrent: numbers(header.recurrent),
      input: numbers(header.input),
      bias: numbers(header.bias),
      eigenvalues: take(header.eigenvalues),
    }));
    this.series = numbers(model.get("series"));
    this.noise = numbers(model.get("noise"));
    this.washout = model.get("washout");
    this.fit = model.get("fit");
    this.start = model.get("settings");
    this.settings = { ...this.start };
    this.reservoir = this.reservoirs.find(({ units }) => units === this.start.units) ?? this.reservoirs[0];
  }

  choose(units: number, seed: number): void {
    const alike = this.reservoirs.filter((one) => one.units === units);
    this.reservoir = alike.find((one) => one.seed === seed) ?? alike[0];
  }
  anotherDraw(): void {
    const alike = this.reservoirs.filter(({ units }) => units === this.units);
    this.reservoir = alike[(alike.indexOf(this.reservoir) + 1) % alike.length];
  }
  startAgain(): void {
    Object.assign(this.settings, this.start);
    this.choose(this.start.units, this.reservoirs[0].seed);
  }

  get units(): number {
    return this.reservoir.units;
  }
  /** Delays that the memory is measured at. */
  get delays(): number {
    return Math.min(100, 2 * this.units);
  }
  clampStep(step: number): number {
    return Math.max(0, Math.min(SHOWN - 1, step));
  }
  clampUnit(unit: number): number {
    return Math.max(0, Math.min(this.units - 1, unit));
  }

  /** What costs little. */
  run(): void {
    const input = this.noise.subarray(0, SHOWN);
    this.states = runReservoir(this.reservoir, this.settings, input);
    this.starts = runTwoStarts(this.reservoir, this.settings, input);
  }
  /** The readouts, which cost more. */
  fitReadouts(): void {
    const { reservoir, settings } = this;
    this.capacity = measureCapacity(reservoir, settings, this.noise, this.delays, this.washout);
    this.forecast = forecastSeries(reservoir, settings, this.series, this.washout, this.fit);
  }

  stateAt(step: number, unit: number): number {
    return this.states[step * this.units + unit];
  }
  /** How far apart two states are that began apart. */
  get distance(): Float64Array {
    return this.starts.distance;
  }
  /** One unit after each of the two starts, from step to step. */
  startsOf(unit: number): { one: Float64Array; other: Float64Array } {
    const follow = (states: Float64Array) =>
      Float64Array.from({ length: SHOWN }, (_, t) => states[t * this.units + unit]);
    return { one: follow(this.starts.one), other: follow(this.starts.other) };
  }
  /** How far the colours of the states reach. */
  get limit(): number {
    let limit = this.settings.tanh ? 1 : 0;
    for (const value of this.states) if (Number.isFinite(value)) limit = Math.max(limit, Math.abs(value));
    return limit || 1;
  }

  /** Eigenvalues of (1 − a)·I + a·ρ·W. */
  get eigenvalues(): Complex[] {
    const { leak, radius } = this.settings;
    const { eigenvalues } = this.reservoir;
    const factor = leak * radius;
    return Array.from({ length: this.units }, (_, k) => [
      1 - leak + factor * eigenvalues[2 * k],
      factor * eigenvalues[2 * k + 1],
    ]);
  }
  get radius(): number {
    return Math.max(...this.eigenvalues.map(sizeOf));
  }
  /** The sum of the shares remembered over all delays. */
  get memory(): number {
    return (this.capacity ?? []).reduce((total, value) => total + value, 0);
  }

  saySpectrum(): string {
    const { eigenvalues } = this;
    const outside = eigenvalues.filter((value) => sizeOf(value) > 1).length;
    return `${plural(eigenvalues.length, "eigenvalue")}, the largest ${formatNumber(this.radius, 2)} from the origin, ${outside} outside the unit circle.`;
  }

  sayFading(): string {
    const { distance } = this;
    const last = distance[distance.length - 1];
    const met = distance.findIndex((value) => value < 1e-6 * distance[0]);
    if (!Number.isFinite(last)) return "Its states run away: they are no numbers any more.";
    if (met >= 0) return `It forgets its start: a millionth of the difference is left after ${met} steps.`;
    if (last < 0.5 * distance[0])
      return `It forgets its start slowly: after ${SHOWN} steps ${formatNumber(last / distance[0])} of the difference is left.`;
    return `It does not forget its start: after ${SHOWN} steps ${formatNumber(last / distance[0], 2)} of the difference is left.`;
  }

  sayStarts(unit: number): string {
    const { one, other } = this.startsOf(unit);
    const apart = Math.abs(one[SHOWN - 1] - other[SHOWN - 1]);
    const end = Number.isFinite(apart)
      ? `${formatNumber(apart, 2)} apart after ${SHOWN} steps`
      : "no numbers any more in the end";
    return `Unit ${unit} from two different starts, under one input: ${end}.`;
  }

  /** What stands beside the title of the memory's plot, and the same for who does not see it. */
  sayMemory(): { note: string; label: string } {
    const { capacity, delays, units } = this;
    if (!capacity)
      return {
        note: "not measurable",
        label: "Memory capacity cannot be measured: the states are not finite.",
      };
    const sum = formatNumber(this.memory, 1);
    return {
      note: `sum ${sum} of at most ${units}`,
      label: `Memory capacity over ${delays} delays: ${sum} in all, of at most ${units}; half is remembered up to delay ${lastAbove(capacity, 0.5)}.`,
    };
  }

  sayForecast(): { note: string; label: string } {
    if (!this.forecast) return { note: "no forecast", label: "No forecast: the states are not finite." };
    const error = this.sayError(this.forecast);
    const steps = this.series.length - this.fit - 1;
    return {
      note: `error over ${JUDGED} steps ${error}`,
      label: `Forecast of ${steps} steps from its own output. Root mean squared error over the first ${JUDGED} steps: ${error} of the series' deviation.`,
    };
  }
  private sayError(forecast: Forecast): string {
    const error = forecast.error(JUDGED);
    return Number.isFinite(error) && error < 1000 ? formatShort(error) : "beyond all bounds";
  }

  tell(): string {
    const { capacity, forecast, units } = this;
    return [
      this.sayFading(),
      capacity && `It remembers ${formatNumber(this.memory, 1)} of at most ${units} past inputs.`,
      forecast &&
        `Its forecast errs by ${this.sayError(forecast)} of the series’ deviation; 1 is as bad as the mean.`,
    ]
      .filter(Boolean)
      .join(" ");
  }

  tabulate(): string {
    const predicted = Array.from(this.forecast?.values ?? []);
    const lines = [
      "quantity,index,value",
      ...(this.capacity ?? []).map((value, k) => `capacity at delay,${k + 1},${value}`),
      ...Array.from(this.distance, (value, t) => `distance of two starts,${t},${value}`),
      ...predicted.map((value, t) => `forecast,${t},${value}`),
      ...predicted.map((_, t) => `truth,${t},${this.series[this.fit + 1 + t]}`),
    ];
    return `${lines.join("\n")}\n`;
  }

  writeCode(): string {
    const { units, fit, washout, series, reservoir } = this;
    const { radius, leak, scale, tanh, ridge } = this.settings;
    const fitted = ridge.toExponential(1);
    return [
      "import torch",
      "from rnnviz.data import mackey_glass",
      "from rnnviz.models import EchoStateNetwork, measure_memory_capacity, normalised_error",
      "",
      `network = EchoStateNetwork(${units}, spectral_radius=${radius}, leak=${leak},`,
      `                           input_scale=${scale.toPrecision(3)}, nonlinearity="${tanh ? "tanh" : "linear"}", seed=${reservoir.seed})`,
      "print(network.eigenvalues().abs().max())",
      `print(measure_memory_capacity(network, ${2 * units}, ridge=${fitted}).sum())`,
      `y = torch.tanh(torch.tensor(mackey_glass(${series.length}).values) - 1)[:, None].double()`,
      `state = network.fit(y[:${fit}], y[1:${fit + 1}], ridge=${fitted}, washout=${washout})`,
      `forecast = network.generate(y[${fit}], ${JUDGED}, state)`,
      `print(normalised_error(forecast, y[${fit + 1}:${fit + 1 + JUDGED}]))`,
      "",
    ].join("\n");
  }
}

/** The last place before the values fall below a level for the first time. */
function lastAbove(values: number[], level: number): number {
  const below = values.findIndex((value) => value < level);
  return below < 0 ? values.length : below;
}
