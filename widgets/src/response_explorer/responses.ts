// Three models that hear an impulse, and what becomes of it. The same as rnnviz.models, which decides whether this is right.

export type ModelName = "window" | "feedback" | "state";
export const MODELS: ModelName[] = ["window", "feedback", "state"];

export interface Settings {
  /** N: the steps that the window looks back besides the present one. */
  history: number;
  /** The window's weight for an input k steps old is this number to the power of k. */
  window_weight: number;
  /** Weight of the last output in the feedback model. */
  feedback: number;
  /** The state of two numbers is turned by `angle` degrees and stretched by `radius`. */
  radius: number;
  angle: number;
  activation: "linear" | "tanh" | "relu";
}

export interface Run {
  output: Float64Array;
  /** What the model carries from step to step, if it is more than the output: two numbers a step. */
  state?: Float64Array;
}

const ACTIVATIONS = {
  linear: (sum: number) => sum,
  tanh: Math.tanh,
  relu: (sum: number) => (sum > 0 || Number.isNaN(sum) ? sum : 0),
};

export function runModel(name: ModelName, x: ArrayLike<number>, settings: Settings): Run {
  const f = ACTIVATIONS[settings.activation];
  const output = new Float64Array(x.length);
  if (name === "window") {
    const weights = Array.from({ length: settings.history + 1 }, (_, k) => settings.window_weight ** k);
    for (let t = 0; t < x.length; t++) {
      let sum = 0;
      for (let k = 0; k <= Math.min(t, settings.history); k++) sum += weights[k] * x[t - k];
      output[t] = f(sum);
    }
    return { output };
  }
  if (name === "feedback") {
    let y = 0;
    for (let t = 0; t < x.length; t++) {
      y = f(x[t] + settings.feedback * y);
      output[t] = y;
    }
    return { output };
  }
  const [across, up] = turn(settings);
  const state = new Float64Array(2 * x.length);
  let [first, second] = [0, 0];
  for (let t = 0; t < x.length; t++) {
    [first, second] = [f(x[t] + across * first - up * second), f(up * first + across * second)];
    state[2 * t] = first;
    state[2 * t + 1] = second;
    output[t] = first;
  }
  return { output, state };
}

/** The two numbers in the matrix that turns and stretches. */
export const turn = ({ radius, angle }: Settings): [number, number] => {
  const radians = (angle * Math.PI) / 180;
  return [radius * Math.cos(radians), radius * Math.sin(radians)];
};

export interface Response {
  /** The output, impulse included. */
  output: Float64Array;
  /** The output minus what it would be without the impulse. */
  influence: Float64Array;
  verdict: Verdict;
}

/** What an impulse at one step adds to every output of a model that reads `inputs`. */
export function respond(
  name: ModelName,
  inputs: ArrayLike<number>,
  at: number,
  size: number,
  settings: Settings,
): Response {
  const base = runModel(name, inputs, settings);
  const x = Float64Array.from(inputs);
  x[at] += size;
  const { output, state } = runModel(name, x, settings);
  const influence = output.map((value, t) => value - base.output[t]);
  const envelope = influence.map((value, t) =>
    state && base.state
      ? Math.hypot(state[2 * t] - base.state[2 * t], state[2 * t + 1] - base.state[2 * t + 1])
      : Math.abs(value),
  );
  return { output, influence, verdict: judgeResponse(influence.subarray(at), envelope.subarray(at)) };
}

export interface Verdict {
  fate: "nothing" | "stops" | "decays" | "stays" | "grows" | "explodes" | "short";
  period: number;
  steps: number;
  rate: number;
  left: number;
}

const FEWEST_STEPS = 8;

/** What becomes of a response; `envelope` is how much of the impulse is there, whatever its sign at the moment. */
export function judgeResponse(response: ArrayLike<number>, envelope: ArrayLike<number>): Verdict {
  const values = Array.from(response);
  const size = Array.from(envelope);
  const verdict = (fate: Verdict["fate"], found: Partial<Verdict> = {}): Verdict => ({
    fate,
    ...{ period: 0, steps: 0, rate: 0, left: 0 },
    ...found,
  });
  if (![...values, ...size].every(Number.isFinite))
    return verdict("explodes", { rate: Infinity, left: Infinity });
  const peak = size.reduce((most, value) => Math.max(most, value), 0);
  if (peak === 0) return verdict("nothing");
  let last = size.length - 1;
  while (size[last] === 0) last--;
  // What has faded to the last digit of a number may round to 0; it did not stop there.
  if (last < size.length - 1 && size[last] > 1e-12 * peak) return verdict("stops", { steps: last + 1 });
  if (size.length < FEWEST_STEPS) return verdict("short");
  const [half, end, width] = [Math.floor(size.length / 2), size.length - 1, Math.floor(size.length / 8)];
  // The highest of some steps, since the length of a turning state may wobble.
  const [early, late] = [Math.max(...size.slice(half, half + width)), Math.max(...size.slice(-width))];
  const rate = early > 0 ? (late / early) ** (1 / (size.length - width - half)) : 0;
  const left = size[0] > 0 ? size[end] / size[0] : Infinity;
  const fate = rate < 0.999 ? "decays" : rate <= 1.001 ? "stays" : left > 10 ? "explodes" : "grows";
  let gone = size.length;
  while (size[gone - 1] <= peak / 2) gone--;
  const steps = fate === "decays" && gone <= end ? gone : 0;
  return { fate, period: findPeriod(values, peak), steps, rate, left };
}

function findPeriod(values: number[], peak: number): number {
  const felt = values
    .map((value, step) => ({ value, step }))
    .filter(({ value }) => Math.abs(value) > 1e-9 * peak);
  const changes = felt.slice(1).flatMap(({ value, step }, k) => {
    const before = felt[k];
    if (before.value * value >= 0) return [];
    // Where a line crosses zero.
    const share = Math.abs(before.value) / (Math.abs(before.value) + Math.abs(value));
    return [before.step + (step - before.step) * share];
  });
  return changes.length < 3 ? 0 : (2 * (changes[changes.length - 1] - changes[0])) / (changes.length - 1);
}

export function sayVerdict({ fate, period, steps, rate, left }: Verdict): string {
  if (fate === "short") return "Too few steps are left to say.";
  if (fate === "nothing") return "Nothing is ever felt of it.";
  if (fate === "stops") return `Stops dead: felt for ${countSteps(steps)}, then nothing at all.`;
  const rings = period > 0 ? `up and down every ${tenths(period)} steps, ` : "";
  const name = rings ? `Rings and ${fate}` : fate.charAt(0).toUpperCase() + fate.slice(1);
  if (fate === "grows" || fate === "explodes")
    return `${name}: ${rings}${Number.isFinite(rate) ? `${percent(rate - 1)} more each step` : "beyond all numbers"}.`;
  if (fate === "decays" && steps > 0) return `${name}: ${rings}half is gone after ${countSteps(steps)}.`;
  const still = `${percent(left)} is still there at the end`;
  if (fate === "decays") return `${name}: ${rings}slowly, ${still}.`;
  return `${rings ? "Rings on" : "Stays"}: ${rings}${still}.`;
}

const countSteps = (steps: number): string => (steps === 1 ? "1 step" : `${steps} steps`);

function percent(share: number): string {
  const found = Math.floor(1000 * share + 0.5);
  return found >= 100 || found % 10 === 0 ? `${Math.floor(found / 10)} %` : `${(found / 10).toFixed(1)} %`;
}

function tenths(number: number): string {
  const found = Math.floor(10 * number + 0.5);
  return found % 10 === 0 ? String(found / 10) : (found / 10).toFixed(1);
}

export interface Cost {
  parameters: number;
  products: number;
  memory: number;
}

/** What each of the three models costs, drawn as they are here: one input, one output, a state of two, no bias. */
export function countCosts(history: number): Record<ModelName, Cost> {
  const weights = { window: history + 1, feedback: 2, state: 8 };
  const memory = { window: history, feedback: 1, state: 2 };
  const cost = (name: ModelName): Cost => ({
    parameters: weights[name],
    // Every weight is used once a step.
    products: weights[name],
    memory: memory[name],
  });
  return { window: cost("window"), feedback: cost("feedback"), state: cost("state") };
}

export interface Preset {
  name: string;
  settings: Partial<Settings>;
}

/** Each sets all weights, so that the three models can be compared. */
export const PRESETS: Preset[] = [
  {
    name: "Stops dead",
    settings: { activation: "linear", history: 8, window_weight: 1, feedback: 0, radius: 0, angle: 0 },
  },
  {
    name: "Decays",
    settings: { activation: "linear", history: 8, window_weight: 0.9, feedback: 0.9, radius: 0.9, angle: 0 },
  },
  {
    name: "Rings",
    settings: {
      activation: "linear",
      history: 8,
      window_weight: -0.9,
      feedback: -0.9,
      radius: 0.95,
      angle: 40,
    },
  },
  {
    name: "Never ends",
    settings: { activation: "linear", history: 8, window_weight: 1, feedback: 1, radius: 1, angle: 30 },
  },
  {
    name: "Explodes",
    settings: {
      activation: "linear",
      history: 8,
      window_weight: 1.1,
      feedback: 1.08,
      radius: 1.06,
      angle: 30,
    },
  },
  {
    name: "Tamed by tanh",
    settings: { activation: "tanh", history: 8, window_weight: 1.1, feedback: 1.5, radius: 1.25, angle: 30 },
  },
];

/** The lines of PyTorch that give these responses. */
export function writeResponses(
  settings: Settings,
  steps: number,
  at: number,
  size: number,
  inputs: number[],
): string {
  const { history, window_weight, feedback, radius, angle, activation } = settings;
  return [
    "import torch",
    "import rnnviz_widgets as rw",
    "from rnnviz.models import measure_influence",
    "",
    `explorer = rw.ResponseExplorer(history=${history}, window_weight=${window_weight}, feedback=${feedback},`,
    `    radius=${radius}, angle=${angle}, activation="${activation}", steps=${steps}, at=${at}, size=${size})`,
    inputs.length > 0
      ? `x = torch.tensor([${inputs.map((value) => Number(value.toFixed(3))).join(", ")}], dtype=torch.float64).view(-1, 1, 1)`
      : `x = torch.zeros(${steps}, 1, 1, dtype=torch.float64)  # (time, batch, feature)`,
    "for name, model in explorer.models().items():  # three torch.nn.Modules",
    `    influence = measure_influence(model, x, at=${at}, size=${size})`,
    `    print(name, (influence.measured.flatten()${size === 1 ? "" : ` * ${size}`}).numpy().round(3))`,
    "explorer",
    "",
  ].join("\n");
}
