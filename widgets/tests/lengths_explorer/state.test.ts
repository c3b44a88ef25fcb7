import { expect, test } from "vitest";
import { BatchState } from "../../src/lengths_explorer/state";
import { readTrace } from "../../src/lib/trace/trace";
import written from "./lengths.json";

type Batch = { layers: { reverse: boolean }[]; data: number[]; lengths: number[] };

const batches = Object.values(written as unknown as Record<string, Batch>);

function make({ layers, data, lengths }: Batch) {
  const traits: Record<string, unknown> = {
    layers,
    labels: [],
    data: new DataView(new Float32Array(data).buffer),
  };
  const trace = readTrace({ get: (key: string) => traits[key] } as never);
  return new BatchState(trace, trace.feeds, lengths);
}
const plain = batches.find(({ layers }) => layers.length === 1)!;
const twoWay = batches.find(({ layers }) => layers.some((layer) => layer.reverse))!;

test("a length stays within the batch, and changes only its own sequence", () => {
  const state = make(plain);
  const before = [...state.lengths];
  expect(state.setLength(0, before[0])).toBe(false);
  expect(state.setLength(0, 99)).toBe(before[0] !== state.steps);
  expect(state.setLength(1, -5)).toBe(before[1] !== 1);
  expect(state.lengths).toEqual([state.steps, 1, ...before.slice(2)]);
  state.lengths = before;
  expect(state.isAsGiven).toBe(true);
});

test("forward, the final state is the last valid output; without lengths it is that after the padding", () => {
  const state = make(plain);
  const short = state.lengths.findIndex((length) => length < state.steps);
  const last = state.lengths[short] - 1;
  expect(state.finalStep(short)).toBe(last);
  expect(state.finalOf(short)).toEqual(state.outputAt(short, last));
  expect(state.outputAt(short, last + 1)).toBeNull();
  expect(state.tell(last + 1, short)).toContain("it has ended: its output is 0, and its state is kept.");
  const kept = Array.from(state.finalOf(short));
  state.ignoring = true;
  expect(state.finalStep(short)).toBe(state.steps - 1);
  expect(Array.from(state.finalOf(short))).not.toEqual(kept);
  expect(state.packedAt(short, last + 1)).toBeNull();
  expect(state.tell(last + 1, short)).toContain("reads padding: its state drifts on");
});

test("backwards, a sequence starts at its own end and its final state is at 0", () => {
  const state = make(twoWay);
  expect(state.tops).toHaveLength(2);
  state.top = state.tops[1];
  expect([state.isReverse, state.finalStep(0), state.lastStep(0)]).toEqual([true, 0, state.lengths[0] - 1]);
  expect(state.writeLines()).toContain("bidirectional=True");
});

test("the table has a row for each step, and flags what is valid and what is final", () => {
  const state = make(plain);
  const rows = state
    .tabulate()
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => row.split(",").map(Number));
  expect(rows).toHaveLength(state.steps * state.sequences);
  const total = (column: number) => rows.reduce((sum, row) => sum + row[column], 0);
  expect(total(2)).toBe(state.lengths.reduce((sum, length) => sum + length, 0));
  expect(total(3)).toBe(state.sequences);
});

test("a sorted batch needs no indices", () => {
  const state = make(plain);
  state.lengths = [...state.lengths].sort((a, b) => b - a);
  expect(state.tellPacked()).toHaveLength(3);
  expect(state.tellPacked()[2]).toBe("sorted already");
  state.lengths = [1, state.steps, ...state.lengths.slice(2)];
  expect(state.tellPacked()).toHaveLength(4);
});
