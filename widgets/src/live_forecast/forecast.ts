// What LiveForecast's messages hold, what they say in words, and the file a reader takes away.
import { formatNumber, plural } from "../lib/words/format";

export interface Scene {
  version: number;
  name: string;
  unit: string;
  source: string;
  notes: string[];
  /** One a step, or none where steps are merely counted. */
  dates: string[];
  steps: number;
  features: string[];
  target: string;
  /** Whether the target is the same at every step, so that there is nothing to win. */
  constant?: boolean;
  /** Where validation and test begin. */
  edges: [number, number];
  window: number;
  horizon: number;
  learning_rate: number;
  origin: number;
  longest_window: number;
  longest_horizon: number;
  models: string[];
  choices: string[];
  recipe: Recipe;
}

/** How the race can be made again in Python. */
export interface Recipe {
  /** An expression that makes the series, and the names that it needs. */
  series: string;
  imports: string[];
  /** By model: its kind; null where a function of the user builds it. */
  kinds: Record<string, string | null>;
  units: number;
  batch: number;
  seed: number;
}

export interface Numbers {
  name: string;
  loss: number | null;
  train_loss: number | null;
  validation_loss: number | null;
  one_step_error: number | null;
  many_step_error: number | null;
}

export interface FrameHeader {
  version: number;
  step: number;
  origin: number;
  learning_rate: number;
  models: Numbers[];
  baselines: Numbers[];
}

export interface Sight extends FrameHeader {
  /** By model: for each step of the series what was predicted one step before; NaN where nothing was. */
  oneStep: Map<string, Float32Array>;
  /** By model and by baseline: the steps after the origin. */
  forecast: Map<string, Float32Array>;
}

/** Takes a frame's curves apart; null where they do not fit the scene, as while it is being replaced. */
export function readSight(header: FrameHeader, lines: Float32Array, scene: Scene): Sight | null {
  const { steps, horizon } = scene;
  const size = header.models.length * (steps + horizon) + header.baselines.length * horizon;
  if (header.version !== scene.version || lines.length !== size) return null;
  const oneStep = new Map<string, Float32Array>();
  const forecast = new Map<string, Float32Array>();
  let at = 0;
  const take = (count: number) => lines.subarray(at, (at += count));
  for (const { name } of header.models) {
    oneStep.set(name, take(steps));
    forecast.set(name, take(horizon));
  }
  for (const { name } of header.baselines) forecast.set(name, take(horizon));
  return { ...header, oneStep, forecast };
}

/** The day of a step, shortened where all begin a year or a month; its number where there are no dates. */
export function nameStep(scene: Scene, step: number): string {
  if (step >= scene.dates.length) return `step ${step}`;
  const date = scene.dates[step];
  if (scene.dates.every((day) => day.endsWith("-01-01"))) return String(Number(date.slice(0, 4)));
  return scene.dates.every((day) => day.endsWith("-01")) ? date.slice(0, 7) : date;
}

/** An error with its unit, with as many digits as its size deserves. */
export function sayError(error: number | null, unit = ""): string {
  if (error === null) return "not finite";
  const size = Math.abs(error);
  const text = formatNumber(error, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  return unit ? `${text} ${unit}` : text;
}

/** Models and baselines, the smallest error over the whole horizon first; no finite error comes last. */
export function rank(numbers: Numbers[]): Numbers[] {
  const key = (one: Numbers) => one.many_step_error ?? Number.POSITIVE_INFINITY;
  return [...numbers].sort((a, b) => key(a) - key(b));
}

/** How far the race is, in two sentences. */
export function tellRace(scene: Scene, sight: Sight): string {
  if (scene.constant)
    return `${scene.target} is the same at every step: there is nothing to forecast, and no model leads.`;
  const [leader] = rank(sight.models);
  const [rival] = rank(sight.baselines);
  const unit = scene.unit;
  const when = sight.step === 0 ? "Before any update" : `After ${plural(sight.step, "update")}`;
  const head = `${when}, ${leader.name} leads with a typical error of ${sayError(leader.many_step_error, unit)} over ${plural(scene.horizon, "step")}`;
  const others = rank(sight.models)
    .slice(1)
    .map((one) => `${one.name} ${sayError(one.many_step_error, unit)}`);
  const more = others.length ? ` (${others.join(", ")})` : "";
  if (!rival) return `${head}${more}.`;
  const compared =
    leader.many_step_error !== null && leader.many_step_error < (rival.many_step_error ?? Infinity)
      ? "less than"
      : "not yet less than";
  return `${head}${more}: ${compared} the best baseline, ${rival.name}, with ${sayError(rival.many_step_error, unit)}.`;
}

const OPTION = /\b(where|repeated|resample|time_zone|missing|decimal|date_format|dates|encoding)=/;

/** Reading a file in code has options, which its sentences name; in the widget that for gaps is a box. */
export function sayForBox(message: string): string {
  const said = message
    .replace(/ask for gaps to be filled: fill=.*\(leave out\)/, "choose in the box “gaps” what to do with it")
    .replace(/ask for gaps to be filled \(fill='linear'\)/, "choose in the box “gaps” what to do with it")
    .replace(/fill='linear' would fill them in/, "“gaps: straight line” would fill them in");
  const option = OPTION.exec(said)?.[1];
  return option ? `${said} (In code, ${option} is an option of read_csv.)` : said;
}

const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A table of truth, predictions and forecasts, one row a step, as CSV. */
export function writeForecast(scene: Scene, truth: Float32Array, sight: Sight): string {
  const names = sight.models.map((model) => model.name);
  const baselines = sight.baselines.map((baseline) => baseline.name);
  const header = [
    "step",
    ...(scene.dates.length ? ["date"] : []),
    scene.target,
    ...names.map((name) => `${name}, one step ahead`),
    ...[...names, ...baselines].map((name) => `${name}, forecast`),
  ];
  const rows = [header.map(quote).join(",")];
  const last = Math.max(scene.steps - 1, sight.origin + scene.horizon);
  // Float32 holds seven digits; more would be noise.
  const write = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? "" : String(Number(value.toPrecision(7)));
  for (let step = 0; step <= last; step++) {
    const lead = step - sight.origin - 1;
    rows.push(
      [
        step,
        ...(scene.dates.length ? [scene.dates[step] ?? ""] : []),
        write(truth[step]),
        ...names.map((name) => write(sight.oneStep.get(name)![step])),
        ...[...names, ...baselines].map((name) =>
          write(lead < 0 ? undefined : sight.forecast.get(name)![lead]),
        ),
      ].join(","),
    );
  }
  return `${rows.join("\n")}\n`;
}

/** Code that makes this race again, up to the moment shown. */
export function writeRace({ recipe, window, horizon, target, features }: Scene, sight: Sight): string {
  const word = (text: string) => JSON.stringify(text);
  const models = Object.entries(recipe.kinds).map(([name, kind]) =>
    kind === null
      ? `    ${word(name)}: "gru",  # or the function that builds your own model`
      : `    ${word(name)}: ${word(kind)},`,
  );
  return [
    "import rnnviz_widgets as rw",
    ...recipe.imports,
    "",
    "models = {",
    ...models,
    "}",
    "live = rw.LiveForecast(",
    `    ${recipe.series}, models, window=${window}, horizon=${horizon},`,
    `    learning_rate=${sight.learning_rate}, batch=${recipe.batch}, units=${recipe.units}, seed=${recipe.seed},`,
    ...(features.length > 1 ? [`    target=${word(target)},`] : []),
    ")",
    ...(sight.step > 0 ? [`live.train(${sight.step})`] : []),
    "live  # .race.frame() has the curves and errors as arrays",
    "",
  ].join("\n");
}
