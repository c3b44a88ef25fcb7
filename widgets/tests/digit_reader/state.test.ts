import { expect, test } from "vitest";
import { BLANK } from "../../src/digit_reader/ink";
import { favourite, readReader } from "../../src/digit_reader/reader";
import { chooseTold } from "../../src/digit_reader/seen";
import { ReaderState } from "../../src/digit_reader/state";
import written from "./reader.json";

const floats = (text: string) =>
  new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

function make() {
  const { shipped } = written;
  const traits: Record<string, unknown> = { ...shipped, data: new DataView(floats(shipped.data).buffer) };
  const { rows, columns, labels } = shipped;
  const all = floats(shipped.images);
  const examples = labels.map((label, k) => ({
    label,
    image: all.subarray(k * rows * columns, (k + 1) * rows * columns),
  }));
  const reader = readReader({ get: (key: string) => traits[key] } as never, rows);
  const placement = { width: 0.7, height: 1, pen: 1 } as never;
  return new ReaderState(reader, rows, columns, placement, examples);
}

test("an example on the pad is read as it is, and named", () => {
  const state = make();
  const { image, label } = state.examples[0];
  const drawing = { base: image, strokes: [] };
  state.see(drawing, false);
  expect(Array.from(state.ink.data)).toEqual(Array.from(image));
  const right = favourite(state.opinions[state.rows - 1]) === label;
  expect(state.sayTruth(drawing)).toBe(
    `An example of the data: a ${label}.${right ? "" : " It is misread."}`,
  );
  const over = { base: image, strokes: [{ erase: false, points: [] }] };
  expect(state.sayTruth(over)).toBe(`An example of the data, drawn over: a ${label}.`);
  expect(state.sayTruth(BLANK)).toBe("");
});

test("the first picture is an example that is read rightly", () => {
  const state = make();
  const opening = state.chooseOpening()!;
  state.see({ base: opening, strokes: [] }, false);
  const { label } = state.examples.find(({ image }) => image === opening)!;
  expect(favourite(state.opinions[state.rows - 1])).toBe(label);
});

test("scales reach to 1 where nothing can be larger", () => {
  const state = make();
  for (const name of state.arrays) {
    const limit = state.limitOf(name);
    if (name === "cell") expect(limit).toBeGreaterThanOrEqual(1);
    else expect(limit).toBe(1);
  }
  expect([state.clampRow(-1), state.clampRow(99), state.clampUnit(9999)]).toEqual([
    0,
    state.rows - 1,
    state.layer.units - 1,
  ]);
});

test("the table has a row for each row, and the code draws the same digit", () => {
  const state = make();
  expect(state.tell()).toContain("The pad is empty.");
  const [head, ...lines] = state.tabulate().trim().split("\n");
  expect(lines).toHaveLength(state.rows);
  expect(new Set(lines.map((line) => line.split(",").length))).toEqual(new Set([head.split(",").length]));
  expect(state.writeCode().match(/^ {4}\[/gm)).toHaveLength(state.rows);
});

test("thin rows have words where something happens, and the last always", () => {
  expect([...chooseTold(4, 20, new Set())]).toEqual([0, 1, 2, 3]);
  expect([...chooseTold(28, 4, new Set([10, 11, 26]))]).toEqual([0, 10, 27]);
});
