import { expect, test } from "vitest";
import { describeSeries, insertRow, layChart, nextPlace, type Row } from "../../src/experiment/chart";
import { formatNumber } from "../../src/lib/words/format";

const FRAME = { width: 400, height: 240, left: 60, right: 20, top: 20, bottom: 40 };

test("the floor is 0, and everything measured is inside", () => {
  const { points, y, x } = layChart(
    [
      [1, 0.4, 2],
      [1000, 256.4, 5],
    ],
    1,
    1000,
    FRAME,
  );
  expect(y(0)).toBe(200);
  expect(x(1)).toBe(60);
  expect(x(1000)).toBe(380);
  expect(points).toHaveLength(2);
  for (const [px, py] of points.flat()) {
    expect(px).toBeGreaterThanOrEqual(60);
    expect(px).toBeLessThanOrEqual(380);
    expect(py).toBeGreaterThanOrEqual(20);
    expect(py).toBeLessThanOrEqual(200);
  }
});

test("zeros, infinities and nothing at all are drawn without harm", () => {
  expect(layChart([[0, 0]], 0, 1, FRAME).points[0][0][1]).toBe(200);
  expect(layChart([], 0, 1, FRAME).points).toEqual([]);
  const { points } = layChart(
    [
      [0, Number.POSITIVE_INFINITY],
      [1, 3],
    ],
    0,
    1,
    FRAME,
  );
  expect(points[0]).toHaveLength(1);
});

test("a line joins only places between which nothing was left out", () => {
  const rows = [1, 2, 3, 7, 8, 11].map((place) => [place, place]);
  const { lines, points, x } = layChart(rows, 1, 11, FRAME);
  expect(lines[0].map((piece) => piece.map(([px]) => px))).toEqual([
    [x(1), x(2), x(3)],
    [x(7), x(8)],
  ]);
  expect(points[0]).toHaveLength(6);
  const gap = layChart(
    [1, 2, 3].map((place) => [place, place === 2 ? Number.NaN : 1]),
    1,
    11,
    FRAME,
  );
  expect(gap.lines[0]).toEqual([]);
});

test("a knob of many places has a line through what was measured", () => {
  const rows = [1, 20, 1000].map((place) => [place, place]);
  expect(layChart(rows, 1, 1000, FRAME).lines[0]).toHaveLength(1);
});

test("a knob of whole numbers has no halves on its axis", () => {
  expect(layChart([], 0, 3, FRAME).xTicks).toEqual([0, 1, 2, 3]);
});

test("what is no number neither grows nor falls", () => {
  const say = (from: number, to: number) =>
    describeSeries(
      "n",
      [
        [0, from],
        [9, to],
      ],
      1,
      (value) => formatNumber(value),
    );
  const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
  expect(say(nan, nan)).toBe("n is not a number at both ends.");
  expect(say(inf, nan)).toBe("n goes from ∞ to not a number.");
  expect(say(2, inf)).toBe("n grows from 2.000 to ∞.");
});

test("a place measured again replaces what was there", () => {
  expect(
    insertRow(
      [
        [1, 5],
        [9, 6],
      ] as number[][],
      [4, 7],
    ),
  ).toEqual([
    [1, 5],
    [4, 7],
    [9, 6],
  ]);
  expect(insertRow([[1, 5]], [1, 8])).toEqual([[1, 8]]);
});

test("a series in words", () => {
  const write = (value: number) => `${value} kB`;
  expect(
    describeSeries(
      "graph",
      [
        [1, 1],
        [9, 5],
      ] as number[][],
      1,
      write,
    ),
  ).toBe("graph grows from 1 kB to 5 kB.");
  expect(
    describeSeries(
      "graph",
      [
        [1, 5],
        [9, 5],
      ] as number[][],
      1,
      write,
    ),
  ).toBe("graph is 5 kB at both ends.");
  expect(describeSeries("graph", [], 1, write)).toContain("nothing measured");
});

test("what is missing is measured where the gap is widest, and of a long range a sample", () => {
  const fill = (low: number, high: number) => {
    let rows: Row[] = [];
    const order: number[] = [];
    for (let next = nextPlace(rows, low, high); next !== null; next = nextPlace(rows, low, high)) {
      order.push(next);
      rows = insertRow(rows, [next, 1]);
    }
    return { order, places: rows.map(([place]) => place) };
  };
  expect(fill(1, 9).order).toEqual([9, 1, 5, 3, 7, 2, 4, 6, 8]);
  expect(fill(3, 4).places).toEqual([3, 4]);
  const { places } = fill(1, 1000);
  expect(places.length).toBeGreaterThan(8);
  expect(places.length).toBeLessThan(20);
  const gaps = places.slice(1).map((place, k) => place - places[k]);
  expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(2.1);
});
