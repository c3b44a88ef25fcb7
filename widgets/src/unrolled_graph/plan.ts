// Which part of a recorded network stands where in the unrolled graph: which column a layer starts at, which row it
// shares with whom, where inputs and outputs are used, and which steps the cost looks at.
import type { AnyModel } from "@anywidget/types";
import { computeRun, reachOf } from "../lib/trace/cells";
import type { Block, Entry, Feed, Layer, Trace } from "../lib/trace/trace";
import { readFloats, readsData, vectorAt } from "../lib/trace/trace";
import { writeOptions } from "../lib/words/takeaway";

/** What a vector is: an input, a cell state, a hidden state, an output. */
export type What = "x" | "cell" | "hidden" | "y";

/** One vector of one layer. Rows in the same slot lie on one line: an encoder's states and its decoder's. */
export interface Row {
  layer: number;
  what: What;
  units: number;
  slot: number;
}

/** How a gradient comes. */
export type Way = "above" | "hidden" | "cell" | "total";

/** Sizes of the gradients in one sequence. */
export interface Flow {
  /**
   * Of what reaches a state at a layer's own step: from above, or back from the step after it; in total, where the two
   * cannot be told apart.
   */
  norm(way: Way, layer: number, step: number): number;
  largest: number;
}

export interface Plan {
  /** The recording, and its readout as one more layer. */
  trace: Trace;
  feeds: Feed[];
  rows: Row[];
  /** For each layer the one whose final state it goes on from, or −1. */
  origins: number[];
  /** The readout's layer, −1 where there is none. */
  readout: number;
  hasCost: boolean;
  /** Whether something lies between the layers of which nothing is known. */
  hasUnknown: boolean;
  /** Columns of a sequence. */
  steps(sequence: number): number;
  /** The layer's own step in a column, or −1 where it does not run there. */
  stepOf(layer: number, column: number, sequence: number): number;
  isAt(row: Row, column: number, sequence: number): boolean;
  isInCost(column: number, sequence: number): boolean;
  /** Whether of a layer's gradient only the sum is known: what comes from above and what from the step after it is not. */
  tellsOnlyTotal(layer: number): boolean;
  /** The gradients as they were recorded. */
  flow(sequence: number): Flow;
}

interface Sent {
  starts: number[][];
  readout: { layers: number[]; activation: string; weight: Entry; bias: Entry | null } | null;
  flow: (Record<string, Entry> | null)[];
  in_cost: boolean[][] | null;
  inputs_at: boolean[][] | null;
  outputs_at: boolean[][] | null;
}

export function readPlan(model: AnyModel, recorded: Trace): Plan {
  const sent = model.get("plan") as Sent;
  const take = readFloats(model);
  // A copy: the same model may be drawn twice.
  const starts = [...sent.starts];
  const layers = [...recorded.layers];
  const feeds = [...recorded.feeds];
  let readout = -1;
  if (sent.readout) {
    const matrix = (entry: Entry) => ({ shape: entry.shape as [number, number], data: take(entry) });
    const { weight, bias, activation, layers: tops } = sent.readout;
    const weights = new Map([["weight_ih", matrix(weight)]]);
    if (bias) weights.set("bias_ih", matrix(bias));
    readout = layers.length;
    layers.push(runReadout(layers, tops, weights, activation, recorded));
    feeds.push({ ...readsData(-1), layers: tops });
    starts.push(starts[tops[0]]);
  }
  const stepOf = (layer: number, column: number, sequence: number) => {
    const step = column - starts[layer][sequence];
    return step >= 0 && step < layers[layer].lengths[sequence] ? step : -1;
  };
  const norms = sent.flow.map((ways) =>
    Object.fromEntries(Object.entries(ways ?? {}).map(([way, entry]) => [way, take(entry)])),
  );
  const flow = (sequence: number): Flow => {
    const norm: Flow["norm"] = (way, layer, step) =>
      norms[layer]?.[way]?.[step * layers[layer].sequences + sequence] ?? 0;
    let largest = 0;
    norms.forEach((ways, layer) => {
      for (const way of Object.keys(ways) as Way[])
        for (let t = 0; t < layers[layer].lengths[sequence]; t++)
          largest = Math.max(largest, norm(way, layer, t));
    });
    return { norm, largest };
  };
  return {
    trace: { ...recorded, layers, feeds },
    feeds,
    rows: placeRows(layers, feeds, (layer) => Math.max(...starts[layer]) > 0),
    origins: recorded.feeds.map(({ origin }) => origin ?? -1),
    readout,
    hasCost: sent.in_cost !== null,
    hasUnknown: feeds.some(({ unknown, unknownOrigins }) => unknown !== null || unknownOrigins.length > 0),
    tellsOnlyTotal: (layer) => "total" in (norms[layer] ?? {}),
    stepOf,
    steps: (sequence) =>
      Math.max(1, ...layers.map((layer, k) => starts[k][sequence] + layer.lengths[sequence])),
    isAt({ layer, what }, column, sequence) {
      if (stepOf(layer, column, sequence) < 0) return false;
      if (what === "x") return sent.inputs_at?.[sequence][column] ?? true;
      return what === "y" ? (sent.outputs_at?.[sequence][column] ?? true) : true;
    },
    isInCost: (column, sequence) => sent.in_cost?.[sequence][column] ?? true,
    flow,
  };
}

/** Where a change in some layers does not go on, and why; empty where it reaches all that comes from them. */
export function sayStops({ feeds, trace }: Plan, from: number[]): string {
  const { stops } = reachOf(feeds, from);
  const name = (layer: number) => trace.layers[layer].name;
  return stops
    .map((layer) => {
      const { unknown, unknownOrigins } = feeds[layer];
      if (unknown?.length === 0)
        return (
          `It does not reach ${name(layer)}: without gradients it was not recorded what this layer's input ` +
          "is made of."
        );
      const sources = [...new Set([...(unknown ?? []), ...unknownOrigins])].map(name);
      const told = unknown ? "what it reads" : "the state it starts from";
      return (
        `It stops before ${name(layer)}: ${told} was computed from ${sources.join(" and ")} in a way that is not ` +
        "recorded."
      );
    })
    .join(" ");
}

/** Which way a layer runs through the columns: its next step is one later, or one earlier. */
export const directionOf = ({ reverse }: Layer): { by: 1 | -1; word: string } =>
  reverse ? { by: -1, word: "earlier" } : { by: 1, word: "later" };

/** Lines that make the readout as it is, with its weights; none where there is no readout. */
export function writeReadout(model: AnyModel): string[] {
  const { readout } = model.get("plan") as Sent;
  if (!readout) return [];
  const take = readFloats(model);
  // Nine digits tell one float32 from the next.
  const number = (value: number) =>
    Number.isFinite(value) ? String(Number(value.toPrecision(9))) : `float("${value}")`;
  const row = (values: Float32Array) => `[${Array.from(values, number).join(", ")}]`;
  const [outputs, width] = readout.weight.shape;
  const weight = take(readout.weight);
  const rows = Array.from({ length: outputs }, (_, k) => row(weight.subarray(k * width, (k + 1) * width)));
  const state = [
    `    "weight": torch.tensor([${rows.join(",\n        ")}]),`,
    ...(readout.bias ? [`    "bias": torch.tensor(${row(take(readout.bias))}),`] : []),
  ];
  return [`readout = ${writeLinear(readout)}`, "readout.load_state_dict({", ...state, "})"];
}

const writeLinear = ({ weight, bias }: NonNullable<Sent["readout"]>): string =>
  `torch.nn.Linear(${weight.shape[1]}, ${weight.shape[0]}${bias ? "" : ", bias=False"})`;

/**
 * The arguments that give such a plan, as Python writes them; masks only where the steps are those of the recording.
 * The readout is a new one, or what `writeReadout` has made.
 */
export function writePlan(model: AnyModel, sameSteps: boolean, hasReadout = false): string {
  const { readout, in_cost, inputs_at, outputs_at } = model.get("plan") as Sent;
  const masks = sameSteps ? { in_cost, inputs_at, outputs_at } : {};
  const options = Object.fromEntries(
    Object.entries(masks).map(([name, mask]) => [name, mask && turnMask(mask)]),
  );
  if (!readout) return writeOptions(options);
  const linear = `, readout=${hasReadout ? "readout" : writeLinear(readout)}`;
  const activation = readout.activation === "identity" ? null : readout.activation;
  return linear + writeOptions({ activation, ...options });
}

/** One entry a step where all sequences agree; else (step, sequence). */
function turnMask(mask: boolean[][]): boolean[] | boolean[][] {
  const [first] = mask;
  const alike = mask.every((row) => row.every((one, step) => one === first[step]));
  return alike ? first : first.map((_, step) => mask.map((row) => row[step]));
}

/** The readout as a layer without a memory: its input the states it reads, its "hidden state" the outputs. */
function runReadout(
  below: Layer[],
  tops: number[],
  weights: Layer["weights"],
  activation: string,
  recorded: Trace,
): Layer {
  const { steps, sequences, lengths } = below[tops[0]];
  const units = weights.get("weight_ih")!.shape[0];
  const width = tops.reduce((sum, top) => sum + below[top].units, 0);
  const block = (size: number): Block => ({
    shape: [steps, sequences, size],
    data: new Float32Array(steps * sequences * size),
  });
  const [input, hidden] = [block(width), block(units)];
  const layer: Layer = {
    name: "readout",
    kind: "Linear",
    nonlinearity: activation,
    reverse: false,
    arrays: new Map([["hidden", hidden]]),
    gates: [],
    input,
    initialHidden: { shape: [sequences, units], data: new Float32Array(sequences * units) },
    initialCell: null,
    weights,
    lengths,
    steps,
    sequences,
    units,
  };
  for (let sequence = 0; sequence < sequences; sequence++)
    for (let t = 0; t < lengths[sequence]; t++) {
      let at = 0;
      for (const top of tops) {
        const state = vectorAt(below[top].arrays.get("hidden")!, t, sequence);
        vectorAt(input, t, sequence).set(state, at);
        at += state.length;
      }
    }
  // The readout alone, on what the layers below it were recorded to say.
  const alone: Trace = { ...recorded, layers: [layer] };
  for (let sequence = 0; sequence < sequences; sequence++) {
    const run = computeRun(alone, sequence, [readsData(0)], new Map());
    for (let t = 0; t < lengths[sequence]; t++) vectorAt(hidden, t, sequence).set(run.at(0, "hidden", t));
  }
  return layer;
}

/** The rows from the bottom up: an input wherever one comes from outside (once, if several layers read it), then each layer's states. */
export function placeRows(layers: Layer[], feeds: Feed[], continues: (layer: number) => boolean): Row[] {
  const rows: Row[] = [];
  const vectors = layers.flatMap((layer, index): Omit<Row, "slot">[] => {
    if (layer.kind === "Linear") return [{ layer: index, what: "y", units: layer.units }];
    const cell = layer.arrays.get("cell");
    return [
      ...(feeds[index].data === index
        ? [{ layer: index, what: "x" as const, units: layer.input.shape[2] }]
        : []),
      ...(cell ? [{ layer: index, what: "cell" as const, units: cell.shape[2] }] : []),
      { layer: index, what: "hidden", units: layer.units },
    ];
  });
  let slots = 0;
  // The n-th vector of its sort in a module that continues another lies on the line of the first module's n-th.
  const seen = new Map<string, number>();
  const slotOf = new Map<string, number>();
  for (const row of vectors) {
    const part = row.what !== "y" && continues(row.layer) ? "after" : "first";
    const n = seen.get(part + row.what) ?? 0;
    seen.set(part + row.what, n + 1);
    const key = `${row.what}${n}`;
    const shared = part === "after" ? slotOf.get(key) : undefined;
    const slot = shared ?? slots++;
    if (part === "first") slotOf.set(key, slot);
    rows.push({ ...row, slot });
  }
  return rows;
}
