import { expect, test } from "vitest";
import { type Drawing, packDrawing, unpackDrawing } from "../../src/digit_reader/ink";

const drawing: Drawing = {
  base: Float32Array.from([0, 0.25, 1, 0.5]),
  strokes: [
    {
      erase: false,
      points: [
        [0, 0.5],
        [0.123, 1],
      ],
    },
    { erase: true, points: [[1, 1]] },
  ],
};

test("a drawing is kept as JSON and comes back", () => {
  const kept = JSON.parse(JSON.stringify(packDrawing(drawing)));
  expect(unpackDrawing(kept, 4)).toEqual(drawing);
  expect(unpackDrawing(packDrawing({ base: null, strokes: [] }), 4)).toEqual({ base: null, strokes: [] });
});

test.each([
  null,
  {},
  { base: [1, 2], strokes: [] },
  { base: null, strokes: [{}] },
  { base: null, strokes: [{ erase: false, points: [5000, 1] }] },
  { base: null, strokes: [{ erase: false, points: [1] }] },
])("%j is no drawing for four pixels", (kept) => {
  expect(unpackDrawing(kept as never, 4)).toBeNull();
});
