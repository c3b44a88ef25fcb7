import { describe, expect, it } from "vitest";
import { columnX, firstVisible, layOut, ribbonWidth, stripOf } from "../../src/unrolled_graph/layout";

const rnn = [
  { layer: 0, what: "x" as const, units: 3, slot: 0 },
  { layer: 0, what: "hidden" as const, units: 5, slot: 2 },
];

describe("layOut", () => {
  it.each([320, 360, 640, 1240, 3800])("keeps every visible column inside %i pixels", (width) => {
    const layout = layOut(rnn, width, 40);
    const half = Math.max(...layout.bands.map((band) => band.strip.width)) / 2;
    expect(layout.visible).toBeGreaterThanOrEqual(width < 400 ? 1 : 2);
    expect(columnX(layout, 0, 0, 1) - half).toBeGreaterThanOrEqual(0);
    expect(columnX(layout, layout.visible - 1, 0, 1) + half).toBeLessThanOrEqual(width);
  });

  it("stacks bands from the bottom up without overlap", () => {
    const lstm = layOut(
      [
        rnn[0],
        { layer: 0, what: "cell", units: 5, slot: 1 },
        rnn[1],
        { layer: 1, what: "hidden", units: 5, slot: 3 },
      ],
      900,
      4,
    );
    for (let b = 1; b < lstm.bands.length; b++)
      expect(lstm.bands[b].y + lstm.bands[b].strip.height).toBeLessThan(lstm.bands[b - 1].y);
    expect(lstm.bands[0].y + lstm.bands[0].strip.height).toBeLessThan(lstm.height);
  });

  it("lays a decoder's vectors on the lines of its encoder's, and the costs above all", () => {
    const rows = [...rnn, { layer: 1, what: "hidden" as const, units: 5, slot: 2 }];
    const layout = layOut(rows, 900, 6, { cost: true });
    expect(layout.bands[2].y).toBe(layout.bands[1].y);
    const { y, radius } = layout.cost!;
    expect(y - radius).toBeGreaterThanOrEqual(0);
    expect(y + radius).toBeLessThan(layout.bands[1].y - 20);
    expect(layout.height).toBeGreaterThan(layOut(rows, 900, 6).height);
    expect(layOut(rows, 900, 6).cost).toBeNull();
  });

  it("gathers all columns in the middle when folded", () => {
    const layout = layOut(rnn, 800, 6);
    expect([0, 1, 2].map((k) => columnX(layout, k, 0, 0))).toEqual([400, 400, 400]);
  });

  it.each([1, 8, 32, 64, 150, 1000])("gives each of %i units a cell", (units) => {
    const strip = stripOf(units, 200);
    expect(strip.columns * strip.rows).toBeGreaterThanOrEqual(units);
    expect(strip.width).toBeLessThanOrEqual(200);
  });
});

describe("firstVisible", () => {
  it("stays while the step is in sight and scrolls just far enough otherwise", () => {
    expect(firstVisible(3, 5, 20, 0)).toBe(0);
    expect(firstVisible(5, 5, 20, 0)).toBe(1);
    expect(firstVisible(2, 5, 20, 8)).toBe(2);
    expect(firstVisible(19, 5, 20, 0)).toBe(15);
    expect(firstVisible(1, 5, 3, 2)).toBe(0);
  });
});

describe("ribbonWidth", () => {
  it("loses two pixels a decade and vanishes with the gradient", () => {
    expect(ribbonWidth(1, 1) - ribbonWidth(0.1, 1)).toBeCloseTo(2);
    expect(ribbonWidth(0, 1)).toBe(0);
    expect(ribbonWidth(Number.NaN, 1)).toBe(0);
  });
});
