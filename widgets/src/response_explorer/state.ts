// An impulse, what it is added to, and what three models make of it. No drawing here.
import type { Axis } from "../lib/draw/plot";
import { fitRange } from "../lib/draw/plot";
import {
  MODELS,
  type ModelName,
  type Response,
  respond,
  type Settings,
  sayVerdict,
  writeResponses,
} from "./responses";

export const TITLES: Record<ModelName, string> = {
  window: "Looks back: a window",
  feedback: "Hears its own output",
  state: "Keeps a state",
};
export const FORMULAS: Record<ModelName, string> = {
  window: "yₜ = f(xₜ, xₜ₋₁ … xₜ₋N)",
  feedback: "yₜ = f(xₜ, yₜ₋₁)",
  state: "hₜ = f(xₜ, hₜ₋₁), yₜ = g(hₜ)",
};

/** All that can be set: the models' weights, when the impulse comes, and how high it is. */
export interface Traits extends Settings {
  at: number;
  size: number;
  steps: number;
  /** What is heard besides the impulse; zeros where it is too short. */
  inputs: number[];
}

/** How large a drawn input may be, and below what it is none. */
export const MOST_INPUT = 3;
const LEAST_INPUT = 0.08;

export class ResponseState {
  log: boolean;
  /** Whether the hand draws an input, and does not move the impulse. */
  drawing = false;
  inputs = new Float64Array(0);
  responses = {} as Record<ModelName, Response>;
  traits!: Traits;

  constructor(traits: Traits, log: boolean) {
    this.log = log;
    this.take(traits);
  }

  take(traits: Traits): void {
    this.traits = { ...traits, at: Math.min(traits.at, traits.steps - 1) };
    const { steps, at, size, inputs } = this.traits;
    this.inputs = Float64Array.from({ length: steps }, (_, t) => inputs[t] ?? 0);
    for (const name of MODELS) this.responses[name] = respond(name, this.inputs, at, size, this.traits);
  }

  get steps(): number {
    return this.traits.steps;
  }
  clamp(step: number): number {
    return Math.max(0, Math.min(step, this.steps - 1));
  }
  /** Whether anything is heard besides the impulse. */
  get isDrawn(): boolean {
    return this.inputs.some((value) => value !== 0);
  }

  /** Half a step more at both ends, so that the first and last bars have room. */
  get across(): Axis {
    return { range: [-0.5, this.steps - 0.5], log: false };
  }
  /** The axis of the input: below zero too where it is drawn. */
  get inputAxis(): Axis {
    const { size } = this.traits;
    let most = Math.max(1, Math.abs(size));
    for (const value of this.inputs) most = Math.max(most, Math.abs(value) + Math.abs(size));
    const negative = this.drawing || size < 0 || this.inputs.some((value) => value < 0);
    return { range: [negative ? -1.1 * most : 0, 1.1 * most], log: false };
  }
  /** Whether the whole output is shown behind the bars. */
  get showsWhole(): boolean {
    return this.isDrawn && !this.log;
  }
  axisOf(name: ModelName): Axis {
    const { influence, output } = this.responses[name];
    if (this.log) {
      const [low, high] = fitRange(Array.from(influence, Math.abs), true);
      // Nine decades down is as good as nothing.
      return { range: [Math.max(low, high - 9), high], log: true };
    }
    let [low, high] = [0, this.traits.size];
    for (const value of this.showsWhole ? [...influence, ...output] : influence)
      if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    const room = (high - low || 1) * 0.06;
    return { range: [low < 0 ? low - room : 0, high + room], log: false };
  }

  /** The inputs with a value drawn from one step to another; a fast hand skips steps, and they are filled in. */
  drawn(from: number, to: number, value: number): number[] {
    const next = Array.from(this.inputs);
    const bounded = Math.max(-MOST_INPUT, Math.min(MOST_INPUT, value));
    for (let t = Math.min(from, to); t <= Math.max(from, to); t++)
      if (t !== from || from === to) next[t] = Math.abs(bounded) < LEAST_INPUT ? 0 : bounded;
    return next;
  }
  /** The inputs with a step's value moved by so many quarters. */
  nudged(step: number, quarters: number): number[] {
    const next = Array.from(this.inputs);
    const moved = Math.max(-MOST_INPUT, Math.min(MOST_INPUT, next[step] + quarters / 4));
    next[step] = Math.round(4 * moved) / 4;
    return next;
  }

  sayVerdict(name: ModelName): string {
    return sayVerdict(this.responses[name].verdict);
  }
  tell(): string {
    return MODELS.map((name) => `${TITLES[name]}. ${this.sayVerdict(name)}`).join(" ");
  }
  get hint(): string {
    return this.drawing
      ? "Draw with the pointer, or set the value at the cursor with ↑ and ↓."
      : "Drag the impulse to another time.";
  }
  get legend(): string {
    return [
      "Bars: what the impulse adds to the output.",
      this.isDrawn && "Grey line: the whole output.",
      this.log &&
        "Hollow bars are below zero; this axis shows sizes. ▽: exactly zero, which has no place on it.",
    ]
      .filter(Boolean)
      .join(" ");
  }

  tabulate(): string {
    const { at, size } = this.traits;
    const head = ["step", "input", ...MODELS.flatMap((name) => [`${name} output`, `${name} influence`])];
    const lines = Array.from({ length: this.steps }, (_, t) => [
      t,
      this.inputs[t] + (t === at ? size : 0),
      ...MODELS.flatMap((name) => [this.responses[name].output[t], this.responses[name].influence[t]]),
    ]);
    return `${[head, ...lines].map((line) => line.join(",")).join("\n")}\n`;
  }

  writeCode(): string {
    const { at, size } = this.traits;
    return writeResponses(this.traits, this.steps, at, size, this.isDrawn ? Array.from(this.inputs) : []);
  }
}
