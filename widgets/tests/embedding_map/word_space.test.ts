import { describe, expect, it } from "vitest";
import type { Label, Space } from "../../src/embedding_map/word_space";
import { closest, nearest, placeLabels, solveAnalogy, wordTowards } from "../../src/embedding_map/word_space";

// man, woman, king, queen, tea: the example of rnnviz.data.WordVectors, which gives the same numbers.
const space: Space = {
  size: 3,
  vectors: Float32Array.of(1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, -1, -1, 0),
};

describe("neighbours", () => {
  it("are those that Python finds", () => {
    expect(nearest(space, 2, 2).map(({ word }) => word)).toEqual([0, 3]);
    expect(nearest(space, 2, 1)[0].cosine).toBeCloseTo(Math.SQRT1_2, 9);
    const [{ word, cosine }] = solveAnalogy(space, 2, 0, 1, 1);
    expect(word).toBe(3);
    expect(cosine).toBeCloseTo(0.958569, 6);
    expect(solveAnalogy(space, 1, 3, 2, 9).map((near) => near.word)).not.toContain(1);
  });
  it("take vectors of zeros and of no numbers for nobody's", () => {
    const odd: Space = { size: 2, vectors: Float32Array.of(1, 0, 0, 0, Number.NaN, 1) };
    expect(closest(odd, [1, 0], new Set(), 3)).toEqual([
      { word: 0, cosine: 1 },
      { word: 1, cosine: 0 },
      { word: 2, cosine: -1 },
    ]);
    expect(nearest({ size: 0, vectors: new Float32Array(0) }, 0, 3)).toEqual([]);
  });
  it("are found among two thousand words in a moment", () => {
    const many: Space = {
      size: 100,
      vectors: Float32Array.from({ length: 200_000 }, (_, k) => Math.sin(k * k)),
    };
    const begin = performance.now();
    nearest(many, 3, 8);
    expect(performance.now() - begin).toBeLessThan(100);
  });
});

describe("labels", () => {
  const room = { width: 300, height: 200 };
  const at = (points: [number, number][]) => (word: number) => ({ x: points[word][0], y: points[word][1] });
  const overlap = (a: Label, b: Label) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

  it("never lie on one another, nor outside", () => {
    const points = Array.from({ length: 300 }, (_, k): [number, number] => [
      150 + 140 * Math.sin(7.3 * k),
      100 + 95 * Math.sin(3.1 * k + 1),
    ]);
    const labels = placeLabels(points.keys(), at(points), () => 40, room, new Map());
    expect(labels.length).toBeGreaterThan(15);
    labels.forEach((label, k) => {
      expect(label.x).toBeGreaterThanOrEqual(0);
      expect(label.x + label.width).toBeLessThanOrEqual(room.width);
      for (const other of labels.slice(k + 1)) expect(overlap(label, other)).toBe(false);
    });
  });
  it("go to the first in line, and to another side where that helps", () => {
    const sides = new Map<number, number>();
    const labels = placeLabels(
      [0, 1],
      at([
        [150, 100],
        [160, 100],
      ]),
      () => 50,
      room,
      sides,
    );
    expect(labels.map(({ word }) => word)).toEqual([0, 1]);
    expect(labels[0].x).toBeGreaterThan(150);
    // The second keeps its side while its point moves a little.
    const again = placeLabels(
      [0, 1],
      at([
        [150, 100],
        [162, 101],
      ]),
      () => 50,
      room,
      sides,
    );
    expect(Math.abs(again[1].x - labels[1].x - 2)).toBeLessThan(1e-9);
  });
  it("are given to those that need one, further off where there is no room beside them", () => {
    const crowd: [number, number][] = Array.from({ length: 20 }, () => [150, 100]);
    const free = placeLabels(crowd.keys(), at(crowd), () => 60, room, new Map());
    expect(free.map(({ word }) => word)).not.toContain(19);
    const needed = placeLabels(crowd.keys(), at(crowd), () => 60, room, new Map(), 15, new Set([19]));
    expect(needed.map(({ word }) => word)).toContain(19);
    needed.forEach((label, k) => {
      for (const other of needed.slice(k + 1)) expect(overlap(label, other)).toBe(false);
    });
  });
  it("are left out where the point is out of sight or nowhere", () => {
    const points: [number, number][] = [
      [-100, 50],
      [Number.NaN, 3],
      [150, 900],
    ];
    expect(placeLabels(points.keys(), at(points), () => 30, room, new Map())).toEqual([]);
  });
  it("are placed for four hundred words within a frame", () => {
    const points = Array.from({ length: 400 }, (_, k): [number, number] => [
      400 + 390 * Math.sin(7.3 * k),
      300 + 290 * Math.sin(3.1 * k + 1),
    ]);
    const sides = new Map<number, number>();
    placeLabels(points.keys(), at(points), () => 45, { width: 800, height: 600 }, sides);
    const begin = performance.now();
    for (let k = 0; k < 10; k++)
      placeLabels(points.keys(), at(points), () => 45, { width: 800, height: 600 }, sides);
    expect((performance.now() - begin) / 10).toBeLessThan(16);
  });
});

it("goes over the map by keys, to the next word that way", () => {
  const points: [number, number][] = [
    [0, 0],
    [10, 1],
    [30, 0],
    [12, 40],
    [-5, -2],
  ];
  const at = (word: number) => ({ x: points[word][0], y: points[word][1] });
  expect(wordTowards(0, 1, 0, 5, at)).toBe(1);
  expect(wordTowards(1, 1, 0, 5, at)).toBe(2);
  expect(wordTowards(0, -1, 0, 5, at)).toBe(4);
  expect(wordTowards(1, 0, 1, 5, at)).toBe(3);
  expect(wordTowards(2, 1, 0, 5, at)).toBe(-1);
});
