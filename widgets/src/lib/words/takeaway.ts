// The numbers of a trace as a table, and the lines of PyTorch that record one like it.
import type { Layer, Module } from "../trace/trace";
import { valueAt } from "../trace/trace";

/** A field of a table. */
export const quote = (text: string): string =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** One line for each unit of each step of some layers, one column an array. */
export function tabulateLayers(layers: Layer[], sequence: number, labels: string[] | undefined): string {
  const names = [...new Set(layers.flatMap((layer) => [...layer.arrays.keys()]))];
  const lines = [["layer", "step", ...(labels ? ["label"] : []), "unit", ...names].join(",")];
  for (const layer of layers)
    for (let step = 0; step < layer.lengths[sequence]; step++) {
      const most = Math.max(...[...layer.arrays.values()].map((block) => block.shape[2]));
      for (let unit = 0; unit < most; unit++) {
        const values = names.map((name) => {
          const block = layer.arrays.get(name);
          return block && unit < block.shape[2] ? valueAt(block, step, sequence, unit) : "";
        });
        lines.push(
          [quote(layer.name), step, ...(labels ? [quote(labels[step])] : []), unit, ...values].join(","),
        );
      }
    }
  return `${lines.join("\n")}\n`;
}

/** Where a layer starts from: for each layer of a trace the one whose final state it goes on from, or −1. */
export type Origins = number[];

export interface Recorded {
  /** The lines up to the widget, without the imports. */
  lines: string[];
  /** What a layer of the recording is called in the trace that these lines make. */
  rename: (layer: string) => string;
  /** Whether every module that went on from another one's state does so here. */
  linked: boolean;
}

/** Lines that make `x`, where it is no random numbers. */
export interface Input {
  lines: string[];
  packed: boolean;
}

const IMPORTS = ["import torch", "import rnnviz as rv, rnnviz_widgets as rw"];

/**
 * Code that records a network of the recorded one's kind and size, and shows it in the same widget; or shows the
 * recording itself, where a file holds it.
 */
export function writeCode(
  modules: Module[],
  show: (rename: Recorded["rename"], linked: boolean) => string,
  { origins = [] as Origins, file = "" } = {},
): string {
  if (file)
    return writeProgram(
      [`trace = rv.load(${write(file)})  # the saved recording, in the folder that this runs in`],
      show((layer) => layer, true),
    );
  const { lines, rename, linked } = writeRecording(modules, { origins });
  return writeProgram(lines, show(rename, linked));
}

export const writeProgram = (lines: string[], show: string, imports: string[] = []): string =>
  [...IMPORTS, ...imports, "", ...lines, show, ""].join("\n");

/** The module that a layer is of, as the only one: what shows one layer needs no other. */
export const moduleOf = (modules: Module[], layer: string): Module[] =>
  modules.filter((module) => module.layers.includes(layer)).slice(0, 1);

/** The lines that make and record some modules; `into` is the variable that holds the trace. */
export function writeRecording(
  modules: Module[],
  { into = "trace", origins = [] as Origins, input = null as Input | null } = {},
): Recorded {
  if (modules.length === 1) return recordOne(modules[0], into, input);
  // A path with a dot is no name that torch allows.
  const keys = modules.map(({ path }) => path.replaceAll(".", "_"));
  const backward = modules.map((module, k) =>
    module.backward ? `outputs[${k}]${isPacked(module) ? ".data" : ""}.square().mean()` : "",
  );
  const lines = [
    "model = torch.nn.ModuleDict({  # or your own model",
    ...modules.map((module, k) => `    ${write(keys[k])}: ${makeModule(module)},`),
    "})",
    "outputs, states = [], []",
    `with rv.record(model) as ${into}:`,
  ];
  let linked = true;
  modules.forEach((module, k) => {
    const from = findState(modules, k, origins);
    if (from === null && goesOn(modules, k, origins)) linked = false;
    lines.push(
      ...(writeReading(modules, k) ?? writeInput(module)).map((line) => `    ${line}`),
      `    output, state = model[${write(keys[k])}](x${from === null ? "" : `, ${from}`})`,
      "    outputs.append(output)",
      "    states.append(state)",
    );
  });
  const parts = backward.filter(Boolean);
  if (parts.length > 0) lines.push(`    (${parts.join(" + ")}).backward()`);
  return {
    lines,
    linked,
    rename(layer) {
      const k = modules.findIndex(({ layers }) => layers.includes(layer));
      const alone = modules[k].alone[modules[k].layers.indexOf(layer)];
      return alone === "cell" ? keys[k] : `${keys[k]}.${alone}`;
    },
  };
}

/** The lines that record several models under names, one after the other. */
export function writeRecordings(
  names: string[],
  models: Module[][],
): { lines: string[]; renames: Recorded["rename"][] } {
  const recordings = models.map((modules, k) =>
    writeRecording(modules, { into: `traces[${write(names[k])}]` }),
  );
  // Models that read the same should read the same numbers.
  let given = "";
  const lines = recordings.flatMap((recording) => {
    const makesInput = (line: string) => line.startsWith("x = ");
    const before = given;
    given = recording.lines.filter(makesInput).join("\n");
    return given && given === before ? recording.lines.filter((line) => !makesInput(line)) : recording.lines;
  });
  return {
    lines: ["traces = {}", ...lines],
    renames: recordings.map(({ rename }) => rename),
  };
}

function recordOne(module: Module, into: string, input: Input | null): Recorded {
  const own = !module.kind.startsWith("torch.");
  const packed = input ? input.packed : isPacked(module);
  return {
    lines: [
      `model = ${makeModule(module)}  # ${own ? "your own cell" : "or your own model, with such a layer inside"}`,
      ...(input ? input.lines : writeInput(module)),
      `with rv.record(model) as ${into}:`,
      "    output, _ = model(x)",
      ...(module.backward ? [`    output${packed ? ".data" : ""}.square().mean().backward()`] : []),
    ],
    linked: true,
    rename: (layer) => module.alone[module.layers.indexOf(layer)],
  };
}

const makeModule = ({ kind, inputs, options }: Module): string =>
  `${kind}(${[inputs, ...options].join(", ")})`;

const isPacked = ({ lengths, shape }: Module): boolean => lengths.some((length) => length < shape[0]);

function writeInput(module: Module): string[] {
  const lines = [`x = torch.randn(${module.shape.join(", ")})  # (time, batch, feature)`];
  if (isPacked(module))
    lines.push(
      `x = torch.nn.utils.rnn.pack_padded_sequence(x, ${write(module.lengths)}, enforce_sorted=False)`,
    );
  return lines;
}

/** The line by which a module reads the outputs of others, as it was recorded; null where it reads data. */
function writeReading(modules: Module[], k: number): string[] | null {
  const { reads } = modules[k];
  if (!reads || reads.modules.some((from) => from >= k)) return null;
  const packed = isPacked(modules[k]);
  if (packed && (reads.modules.length > 1 || reads.dropout > 0)) return null;
  const parts = reads.modules.map((from) => `outputs[${from}]`);
  const whole = parts.length === 1 ? parts[0] : `torch.cat([${parts.join(", ")}], dim=-1)`;
  return [`x = ${reads.dropout > 0 ? `torch.nn.functional.dropout(${whole}, ${reads.dropout})` : whole}`];
}

/** For each layer of a module the place, among all layers, of the one whose final state it goes on from. */
function placesOf(modules: Module[], k: number, origins: Origins): number[] {
  const before = modules.slice(0, k).reduce((count, { layers }) => count + layers.length, 0);
  return modules[k].layers.map((_, at) => origins[before + at] ?? -1);
}

const goesOn = (modules: Module[], k: number, origins: Origins): boolean =>
  placesOf(modules, k, origins).some((place) => place >= 0);

/** How Python writes the state that a module starts from, where that is another one's last. */
function findState(modules: Module[], k: number, origins: Origins): string | null {
  const owners = modules.flatMap((module, at) => module.layers.map((_, row) => ({ at, row })));
  const found = placesOf(modules, k, origins).map((place) => owners[place]);
  const from = found[0]?.at;
  if (from === undefined || found.some((one) => one?.at !== from)) return null;
  const rows = found.map(({ row }) => row);
  const whole = rows.length === modules[from].layers.length && rows.every((row, at) => row === at);
  const [gives, takes] = [from, k].map((at) => modules[at].kind === "torch.nn.LSTM");
  const state = `states[${from}]`;
  if (gives && takes) return whole ? state : `tuple(part[${write(rows)}] for part in ${state})`;
  const hidden = `${gives ? `${state}[0]` : state}${whole ? "" : `[${write(rows)}]`}`;
  return takes ? `(${hidden}, torch.zeros_like(${hidden}))` : hidden;
}

/** A value as Python writes it. */
export function write(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) {
    const letters =
      value.length > 2 && value.every((one) => typeof one === "string" && [...one].length === 1);
    return letters ? `list(${write(value.join(""))})` : `[${value.map(write).join(", ")}]`;
  }
  return JSON.stringify(value);
}

/** Labels that are long enough for a module's sequences, or none: those of an encoder do not fit its decoder. */
export const labelsFor = (labels: string[][] | null, modules: Module[]): string[][] | null =>
  labels?.length && labels.every((row, k) => row.length >= (modules[0].lengths[k] ?? 0)) ? labels : null;

/** Arguments by keyword, those left out that are null. */
export const writeOptions = (options: Record<string, unknown>): string =>
  Object.entries(options)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `, ${name}=${write(value)}`)
    .join("");
