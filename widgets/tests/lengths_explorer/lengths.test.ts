// The page's ragged batch against torch's packing: values written by tests/widgets/test_lengths_explorer.py.
import { describe, expect, it } from "vitest";
import {
  fitWord,
  packBatch,
  runPadding,
  runSequence,
  sharePadding,
} from "../../src/lengths_explorer/lengths";
import { readTrace } from "../../src/lib/trace/trace";
import written from "./lengths.json";

interface Batch {
  layers: unknown[];
  data: number[];
  lengths: number[];
  output: number[];
  final: number[];
  unmasked: number[];
  batch_sizes: number[];
  sorted: number[];
  unsorted: number[];
}

const batches = Object.entries(written as unknown as Record<string, Batch>);

describe.each(batches)("%s", (_, batch) => {
  const state: Record<string, unknown> = {
    layers: batch.layers,
    labels: [],
    data: new DataView(new Float32Array(batch.data).buffer),
  };
  const trace = readTrace({ get: (key: string) => state[key] } as never);
  const feeds = trace.feeds;
  const { steps, sequences, units } = trace.layers[0];
  const tops = trace.layers.map((_, k) => k).slice(trace.layers.at(-1)!.reverse ? -2 : -1);
  const width = units * tops.length;
  const expectClose = (values: ArrayLike<number>, expected: number[]) =>
    Array.from(values).forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k], 4);
    });

  it("gives torch's packed outputs, and zeros past the end", () => {
    for (let sequence = 0; sequence < sequences; sequence++) {
      const length = batch.lengths[sequence];
      const run = runSequence(trace, feeds, sequence, length);
      for (let t = 0; t < steps; t++)
        tops.forEach((top, k) => {
          const start = (t * sequences + sequence) * width + k * units;
          const expected = batch.output.slice(start, start + units);
          if (t < length) expectClose(run.at(top, "hidden", t), expected);
          else expect(expected).toEqual(new Array(units).fill(0));
        });
    }
  });

  it("takes the final state at the last valid step, of the reverse direction at the first", () => {
    for (let sequence = 0; sequence < sequences; sequence++) {
      const run = runSequence(trace, feeds, sequence, batch.lengths[sequence]);
      tops.forEach((top, k) => {
        const step = trace.layers[top].reverse ? 0 : batch.lengths[sequence] - 1;
        const start = (k * sequences + sequence) * units;
        expectClose(run.at(top, "hidden", step), batch.final.slice(start, start + units));
      });
    }
  });

  it("reads the padding as torch does when nobody tells it the lengths", () => {
    for (let sequence = 0; sequence < sequences; sequence++) {
      const run = runPadding(trace, feeds, sequence, batch.lengths[sequence]);
      for (let t = 0; t < steps; t++)
        tops.forEach((top, k) => {
          const start = (t * sequences + sequence) * width + k * units;
          expectClose(run.at(top, "hidden", t), batch.unmasked.slice(start, start + units));
        });
    }
  });

  it("packs as torch packs", () => {
    const { sorted, unsorted, batchSizes } = packBatch(batch.lengths);
    expect([sorted, unsorted, batchSizes]).toEqual([batch.sorted, batch.unsorted, batch.batch_sizes]);
  });
});

it("says how much of a padded batch is padding", () => {
  expect(sharePadding([2, 1, 2, 2])).toBeCloseTo(1 / 8);
  expect(sharePadding([3, 3])).toBe(0);
});

it("a word is smaller where it would run into its neighbour, and cut where that would be too small", () => {
  expect(fitWord("milk", 60)).toEqual({ text: "milk", size: 12.5 });
  const again = fitWord("again", 29);
  expect(again.text).toBe("again");
  expect(again.size).toBeCloseTo(9.67, 2);
  expect(fitWord("extraordinary", 29)).toEqual({ text: "extr…", size: 9 });
  expect(fitWord("", 29)).toEqual({ text: "", size: 12.5 });
});
