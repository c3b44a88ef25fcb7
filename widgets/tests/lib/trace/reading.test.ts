// The page reads as torch does: values in cells.json were written by torch, see tests/widgets/test_page_cells.py.
import { describe, expect, it } from "vitest";
import type { Table } from "../../../src/lib/trace/reading";
import { logSumExp, readOut, startReading } from "../../../src/lib/trace/reading";
import type { Trace } from "../../../src/lib/trace/trace";
import { valueAt, vectorAt } from "../../../src/lib/trace/trace";
import { loadCase } from "./load_case";

/** Every step of one sequence as a symbol of its own, so that what went in can be read as a text. */
function asText(trace: Trace, sequence: number) {
  const { input, steps } = trace.layers[0];
  const width = input.shape[2];
  const data = new Float32Array(steps * width);
  for (let t = 0; t < steps; t++) data.set(vectorAt(input, t, sequence), t * width);
  const table: Table = { shape: [steps, width], data };
  const at = (matrix: { shape: number[]; data: Float32Array } | null) =>
    matrix?.data.subarray(sequence * matrix.shape[1], (sequence + 1) * matrix.shape[1]) ?? null;
  const layers = trace.layers.map((layer) => ({
    ...layer,
    initialHidden: at(layer.initialHidden),
    initialCell: at(layer.initialCell),
  }));
  return { table, layers, codes: Array.from({ length: steps }, (_, t) => t) };
}

describe.each(["tanh", "relu without bias", "LSTM", "GRU"])("%s", (name) => {
  const trace = loadCase(name);

  it.each([0, 1])("computes every array of every layer of sequence %i as torch does", (sequence) => {
    const { table, layers, codes } = asText(trace, sequence);
    const reading = startReading(layers, table);
    reading.read(codes, 0, codes.length);
    trace.layers.forEach((layer, k) => {
      expect(new Set(reading.names(k))).toEqual(new Set([...layer.gates, ...layer.arrays.keys()]));
      for (const array of reading.names(k))
        for (let t = 0; t < layer.steps; t++)
          for (let unit = 0; unit < layer.units; unit++) {
            const recorded = valueAt(layer.arrays.get(array)!, t, sequence, unit);
            const computed = valueAt(reading.block(k, array), t, 0, unit);
            expect(Math.abs(computed - recorded), `${array} ${unit} at ${t}`).toBeLessThan(1e-5);
          }
    });
  });

  it("goes on from where it stopped, and reads anew from a change on", () => {
    const { table, layers, codes } = asText(trace, 0);
    const whole = startReading(layers, table);
    whole.read(codes, 0, codes.length);
    const pieces = startReading(layers, table);
    pieces.read([3, 3, 3, 3], 0, 4);
    pieces.read(codes, 0, 1);
    pieces.read(codes, 1, codes.length);
    const [a, b] = [whole, pieces].map((reading) => reading.block(0, "hidden").data);
    for (let k = 0; k < codes.length * trace.layers[0].units; k++) expect(b[k]).toBeCloseTo(a[k], 5);
  });

  it("makes room for long texts", () => {
    const { table, layers, codes } = asText(trace, 0);
    const reading = startReading(layers, table);
    reading.read(codes, 0, 4);
    const before = Array.from(reading.block(0, "hidden").data.subarray(0, 8));
    const long = Array.from({ length: 3000 }, (_, t) => t % 4);
    reading.read(long, 4, 3000);
    expect(Array.from(reading.block(0, "hidden").data.subarray(0, 8))).toEqual(before);
    expect(reading.block(0, "hidden").shape[0]).toBeGreaterThanOrEqual(3000);
    expect(Number.isFinite(valueAt(reading.block(0, "hidden"), 2999, 0, 0))).toBe(true);
  });
});

it("takes one-hot vectors where there is no table, and zeros for what it does not know", () => {
  const trace = loadCase("GRU");
  const [layer] = trace.layers;
  const width = layer.input.shape[2];
  const eye = new Float32Array(width * width);
  for (let k = 0; k < width; k++) eye[k * width + k] = 1;
  const zeros = new Float32Array(width * (width + 1));
  zeros.set(eye);
  const { layers } = asText(trace, 0);
  const one = startReading(layers, null);
  const other = startReading(layers, { shape: [width + 1, width], data: zeros });
  one.read([0, 1, -1, 1], 0, 4);
  other.read([0, 1, width, 1], 0, 4);
  expect(one.block(0, "hidden").data).toEqual(other.block(0, "hidden").data);
});

it("reads out logits, and sums exponentials of large ones", () => {
  const weight = { shape: [2, 3] as [number, number], data: Float32Array.of(1, 0, 2, -1, 1, 0) };
  const bias = { shape: [1, 2] as [number, number], data: Float32Array.of(0.5, 0) };
  expect(Array.from(readOut({ weight, bias }, [1, 2, 3]))).toEqual([7.5, 1]);
  expect(Array.from(readOut({ weight, bias: null }, [1, 2, 3]))).toEqual([7, 1]);
  expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.log(2), 9);
  expect(logSumExp([-1000])).toBe(-1000);
});
