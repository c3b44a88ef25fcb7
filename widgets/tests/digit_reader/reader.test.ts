// The page's reading against torch's, drawings against the data, and both together: drawn digits are read rightly.
import { describe, expect, it } from "vitest";
import type { Ink, Placement, Point, Stroke } from "../../src/digit_reader/ink";
import { BLANK, measureInk, seeDrawing } from "../../src/digit_reader/ink";
import {
  changesOfMind,
  favourite,
  percent,
  readInk,
  readReader,
  sayReading,
} from "../../src/digit_reader/reader";
import written from "./reader.json";

const floats = (text: string) =>
  new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

function load(name: string) {
  const stored = (written as unknown as Record<string, (typeof written)["shipped"]>)[name];
  const state: Record<string, unknown> = { ...stored, data: new DataView(floats(stored.data).buffer) };
  const reader = readReader({ get: (key: string) => state[key] } as never, stored.rows);
  const size = stored.rows * stored.columns;
  const all = floats(stored.images);
  const images = stored.labels.map(
    (_, k): Ink => ({
      rows: stored.rows,
      columns: stored.columns,
      data: all.subarray(k * size, (k + 1) * size),
    }),
  );
  return { stored, reader, images };
}

describe.each(Object.keys(written))("%s", (name) => {
  const { stored, reader, images } = load(name);

  it("answers after every row as torch does", () => {
    const expected = floats(stored.opinions);
    images.forEach((image, k) => {
      readInk(reader, image).opinions.forEach((opinion, row) => {
        opinion.forEach((share, label) => {
          const torchs = expected[(row * images.length + k) * reader.classes + label];
          expect(Math.abs(share - torchs), `image ${k}, row ${row}, class ${label}`).toBeLessThan(1e-5);
        });
      });
    });
  });

  it("has the states and gates that torch has", () => {
    const { units } = reader.layers.at(-1)!;
    for (const [array, text] of Object.entries(stored.states)) {
      const expected = floats(text);
      images.forEach((image, k) => {
        readInk(reader, image)
          .states.at(-1)!
          .forEach((named, row) => {
            for (let unit = 0; unit < units; unit++) {
              const torchs = expected[(row * images.length + k) * units + unit];
              expect(Math.abs(named[array][unit] - torchs), `${array} ${unit}`).toBeLessThan(1e-5);
            }
          });
      });
    }
  });
});

// Digits as a hand draws them, somewhere on the pad.
const SHAPES: Point[][][] = [
  [
    [
      [0.5, 0.2],
      [0.38, 0.3],
      [0.34, 0.5],
      [0.38, 0.7],
      [0.5, 0.8],
      [0.62, 0.7],
      [0.66, 0.5],
      [0.62, 0.3],
      [0.5, 0.2],
    ],
  ],
  [
    [
      [0.42, 0.32],
      [0.52, 0.2],
      [0.52, 0.8],
    ],
  ],
  [
    [
      [0.36, 0.34],
      [0.44, 0.22],
      [0.56, 0.22],
      [0.63, 0.34],
      [0.58, 0.5],
      [0.36, 0.78],
      [0.66, 0.78],
    ],
  ],
  [
    [
      [0.36, 0.25],
      [0.5, 0.2],
      [0.62, 0.28],
      [0.6, 0.42],
      [0.47, 0.49],
      [0.62, 0.56],
      [0.64, 0.7],
      [0.5, 0.8],
      [0.35, 0.74],
    ],
  ],
  [
    [
      [0.54, 0.2],
      [0.34, 0.58],
      [0.68, 0.58],
    ],
    [
      [0.56, 0.42],
      [0.56, 0.8],
    ],
  ],
  [
    [
      [0.64, 0.22],
      [0.4, 0.22],
      [0.38, 0.46],
      [0.54, 0.44],
      [0.64, 0.56],
      [0.6, 0.74],
      [0.46, 0.8],
      [0.35, 0.74],
    ],
  ],
  [
    [
      [0.6, 0.2],
      [0.44, 0.38],
      [0.37, 0.6],
      [0.42, 0.76],
      [0.54, 0.8],
      [0.64, 0.7],
      [0.6, 0.56],
      [0.48, 0.54],
      [0.39, 0.64],
    ],
  ],
  [
    [
      [0.34, 0.22],
      [0.66, 0.22],
      [0.54, 0.48],
      [0.46, 0.8],
    ],
    // Most of the sevens it learned from are crossed.
    [
      [0.4, 0.5],
      [0.64, 0.5],
    ],
  ],
  [
    [
      [0.5, 0.48],
      [0.38, 0.38],
      [0.4, 0.24],
      [0.5, 0.2],
      [0.6, 0.24],
      [0.62, 0.38],
      [0.5, 0.48],
      [0.36, 0.62],
      [0.4, 0.76],
      [0.5, 0.8],
      [0.6, 0.76],
      [0.64, 0.62],
      [0.5, 0.48],
    ],
  ],
  [
    [
      [0.62, 0.34],
      [0.52, 0.46],
      [0.4, 0.42],
      [0.38, 0.28],
      [0.5, 0.2],
      [0.62, 0.28],
      [0.62, 0.5],
      [0.56, 0.8],
    ],
  ],
];
const strokesOf = (shape: Point[][], place: (point: Point) => Point = (point) => point): Stroke[] =>
  shape.map((points) => ({ erase: false, points: points.map(place) }));

describe("drawings", () => {
  const { stored, reader } = load("shipped");
  const placement = stored.placement as Placement;
  const see = (strokes: Stroke[], fit = true) => seeDrawing({ base: null, strokes }, 8, 8, placement, fit);
  const read = (strokes: Stroke[]) => favourite(readInk(reader, see(strokes)).opinions[7]);

  it("are read as what they are", () => {
    const answers = SHAPES.map((shape) => read(strokesOf(shape)));
    expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("are read alike wherever and however large they are drawn", () => {
    const small = ([x, y]: Point): Point => [0.05 + x * 0.5, 0.4 + y * 0.5];
    const answers = SHAPES.map((shape) => read(strokesOf(shape, small)));
    expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("come to lie as the data do", () => {
    for (const shape of SHAPES) {
      const lies = measureInk(see(strokesOf(shape)))!;
      expect(Math.abs((lies.top + lies.bottom) / 2 - placement.row.at)).toBeLessThanOrEqual(0.51);
      expect(Math.abs(lies.column - placement.column.at)).toBeLessThan(0.1);
      expect(lies.bottom - lies.top).toBeGreaterThanOrEqual(7);
    }
  });

  it("stay where they are when that is asked for", () => {
    const corner: Stroke[] = [
      {
        erase: false,
        points: [
          [0.06, 0.06],
          [0.2, 0.06],
        ],
      },
    ];
    const seen = see(corner, false);
    expect(seen.data[0]).toBeGreaterThan(0.5);
    expect(seen.data[63]).toBe(0);
  });

  it("count ink between none and full", () => {
    for (const shape of SHAPES)
      for (const value of see(strokesOf(shape)).data) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1.000001);
      }
  });

  it("can be empty, or a dot", () => {
    expect(seeDrawing(BLANK, 8, 8, placement, true).data.every((value) => value === 0)).toBe(true);
    const dot = see([{ erase: false, points: [[0.9, 0.1]] }]);
    const lies = measureInk(dot)!;
    // A dot is moved to the middle and not blown up to the size of a digit.
    expect(lies.right - lies.left).toBeLessThanOrEqual(3);
    expect(lies.column).toBeCloseTo(placement.column.at, 1);
  });

  it("lose what is erased, and only that", () => {
    const line: Stroke = {
      erase: false,
      points: [
        [0.1, 0.5],
        [0.9, 0.5],
      ],
    };
    const whole = see([line], false).data.reduce((sum, value) => sum + value, 0);
    const left = see([line, { erase: true, points: [[0.3, 0.5]] }], false);
    const rest = left.data.reduce((sum, value) => sum + value, 0);
    expect(rest).toBeLessThan(whole - 1);
    expect(rest).toBeGreaterThan(whole / 2);
    expect(
      see(
        [
          line,
          {
            erase: true,
            points: [
              [0, 0.5],
              [1, 0.5],
            ],
          },
        ],
        false,
      ).data.every((v) => v < 1e-6),
    ).toBe(true);
  });

  it("over an example keep the example where it is", () => {
    const base = load("shipped").images[3].data;
    const untouched = seeDrawing({ base, strokes: [] }, 8, 8, placement, true);
    expect(untouched.data).toBe(base);
    const over = seeDrawing(
      { base, strokes: [{ erase: false, points: [[0.06, 0.94]] }] },
      8,
      8,
      placement,
      true,
    );
    expect(over.data[56]).toBeGreaterThan(0.5);
    for (let k = 0; k < 40; k++) expect(over.data[k]).toBeCloseTo(base[k], 5);
  });
});

describe("words", () => {
  const lean = (label: number, share: number) =>
    Float64Array.from({ length: 10 }, (_, k) => (k === label ? share : (1 - share) / 9));

  it("tell when the network changes its mind", () => {
    const opinions = [lean(7, 0.4), lean(7, 0.5), lean(3, 0.62), lean(3, 0.9), lean(8, 0.999)];
    expect(changesOfMind(opinions)).toEqual([2, 4]);
    expect(sayReading(opinions, false)).toBe(
      "After row 1 the network thinks 7 (40 %). It changes its mind after row 3 to 3 (62 %) and after row 5 to " +
        "8 (> 99 %). After row 5 it says 8 (> 99 %).",
    );
  });

  it("tell when it does not, when there is nothing, and when numbers are none", () => {
    expect(sayReading([lean(1, 0.5), lean(1, 0.8)], false)).toBe(
      "From row 1 on it thinks 1 (80 %), and it never changes its mind.",
    );
    expect(sayReading([lean(1, 0.5)], true)).toContain("The pad is empty");
    expect(sayReading([lean(1, Number.NaN).fill(Number.NaN)], false)).toContain("no numbers");
  });

  it("keep a long story short", () => {
    const opinions = Array.from({ length: 28 }, (_, row) => lean(row % 3, 0.5));
    expect(sayReading(opinions, false)).toContain("It changes its mind 27 times, at last after row 25 to 0");
  });

  it("round no doubt away", () => {
    expect([percent(1), percent(0.9999), percent(0.5), percent(0)]).toEqual([
      "100 %",
      "> 99 %",
      "50 %",
      "0 %",
    ]);
  });
});
