import { expect, test } from "vitest";
import { BLANK } from "../../src/digit_reader/ink";
import { Sketch } from "../../src/digit_reader/sketch";

const image = new Float32Array(4);

test("a stroke goes on until the pen is lifted, and undo takes it away whole", () => {
  const sketch = new Sketch();
  sketch.setDown([0, 0]);
  sketch.drawTo([0.5, 0.5], [1, 1]);
  sketch.lift();
  sketch.drawTo([0, 1]);
  expect(sketch.drawing.strokes).toEqual([
    {
      erase: false,
      points: [
        [0, 0],
        [0.5, 0.5],
        [1, 1],
      ],
    },
  ]);
  expect(sketch.undo()).toBe(true);
  expect([sketch.isBlank, sketch.canUndo, sketch.undo()]).toEqual([true, false, false]);
});

test("an example is put below, drawn over and erased from, and clearing can be undone", () => {
  const sketch = new Sketch();
  expect(sketch.put(BLANK)).toBe(false);
  expect(sketch.put({ base: image, strokes: [] })).toBe(true);
  expect(sketch.put({ base: image, strokes: [] })).toBe(false);
  sketch.choose(true);
  sketch.setDown([0.2, 0.2]);
  expect(sketch.drawing).toEqual({ base: image, strokes: [{ erase: true, points: [[0.2, 0.2]] }] });
  expect(sketch.put(BLANK)).toBe(true);
  sketch.undo();
  expect(sketch.drawing.strokes).toHaveLength(1);
});

test("the keys' pen stays on the pad, and draws where it is down", () => {
  const sketch = new Sketch();
  sketch.moveNib([-1, 0], 0.9);
  expect(sketch.nib).toEqual([0, 0.25]);
  sketch.setDown(sketch.nib);
  sketch.moveNib([0, 1], 2);
  expect(sketch.drawing.strokes[0].points).toEqual([
    [0, 0.25],
    [0, 1],
  ]);
  expect(sketch.sayNib(8, 8)).toBe("row 8, column 1");
});
