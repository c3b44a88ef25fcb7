// What is drawn, what the network reads in it, row by row, and what that says. No drawing here.
import type { AnyModel } from "@anywidget/types";
import { isValve } from "../lib/draw/colours";
import { copyFloats } from "../lib/trace/floats";
import type { Layer } from "../lib/trace/trace";
import { plural } from "../lib/words/format";
import { type Drawing, type Ink, type Placement, seeDrawing } from "./ink";
import { changesOfMind, favourite, type Reader, type Reading, readInk, sayReading } from "./reader";

export interface Example {
  image: Float32Array;
  label: number;
}

export class ReaderState {
  /** The layer that is looked at. */
  shown = 0;
  ink: Ink;
  reading: Reading;

  constructor(
    public reader: Reader,
    readonly rows: number,
    readonly columns: number,
    readonly placement: Placement,
    readonly examples: Example[],
  ) {
    this.ink = { rows, columns, data: new Float32Array(rows * columns) };
    this.reading = readInk(reader, this.ink);
  }

  get layer(): Layer {
    return this.reader.layers[this.shown];
  }
  get opinions(): Float64Array[] {
    return this.reading.opinions;
  }
  /** Gates and states of the layer, as they are shown. */
  get arrays(): string[] {
    const { gates, kind } = this.layer;
    return [...gates, ...(kind === "LSTM" ? ["cell"] : []), "hidden"];
  }

  /** Another network reads what is drawn. */
  takeReader(reader: Reader): void {
    this.reader = reader;
    this.shown = Math.min(this.shown, reader.layers.length - 1);
    this.reading = readInk(reader, this.ink);
  }

  /** The drawing has changed; `fitted` like the data's digits. */
  see(drawing: Drawing, fitted: boolean): void {
    this.ink = seeDrawing(drawing, this.rows, this.columns, this.placement, fitted);
    this.reading = readInk(this.reader, this.ink);
  }

  clampRow(row: number): number {
    return Math.max(0, Math.min(row, this.rows - 1));
  }
  clampUnit(unit: number): number {
    return Math.max(0, Math.min(unit, this.layer.units - 1));
  }

  valueAt(name: string, unit: number, row: number): number {
    return this.reading.states[this.shown][row][name][unit];
  }

  /** How far the values of an array reach: 1 where nothing can be larger. */
  limitOf(name: string): number {
    const { nonlinearity } = this.layer;
    if ((name === "hidden" && nonlinearity !== "relu") || name === "candidate" || isValve(name)) return 1;
    let limit = 1;
    for (const states of this.reading.states[this.shown])
      for (const value of states[name]) if (Math.abs(value) > limit) limit = Math.abs(value);
    return limit;
  }

  get title(): string {
    const { kind, units } = this.layer;
    const { length } = this.reader.layers;
    if (length > 1) return `${length} layers of ${plural(units, `${kind} unit`)} read a digit, row by row`;
    return `${kind === "GRU" ? "A" : "An"} ${kind} with ${plural(units, "unit")} reads a digit, row by row`;
  }

  tell(): string {
    return sayReading(
      this.opinions,
      this.ink.data.every((value) => value === 0),
    );
  }

  /** What an example that lies on the pad is, and whether it is read rightly. */
  sayTruth({ base, strokes }: Drawing): string {
    const example = base && this.examples.find(({ image }) => image === base);
    if (!example) return "";
    const misread = !strokes.length && favourite(this.opinions[this.rows - 1]) !== example.label;
    return `An example of the data${strokes.length ? ", drawn over" : ""}: a ${example.label}.${misread ? " It is misread." : ""}`;
  }

  /** An example worth looking at first: read rightly, after more than one change of mind. */
  chooseOpening(): Float32Array | null {
    const { rows, columns } = this;
    const worth = this.examples.slice(0, 20).map(({ image, label }) => {
      const { opinions } = readInk(this.reader, { rows, columns, data: image });
      const right = favourite(opinions[rows - 1]) === label;
      return { image, score: right ? Math.min(3, changesOfMind(opinions).length) : -1 };
    });
    worth.sort((a, b) => b.score - a.score);
    return worth[0]?.image ?? null;
  }

  private inkOf(row: number): Float32Array {
    return this.ink.data.subarray(row * this.columns, (row + 1) * this.columns);
  }

  tabulate(): string {
    const { arrays, layer, rows, columns, shown } = this;
    const classes = Array.from({ length: this.reader.classes }, (_, k) => `probability_${k}`);
    const head = ["row", ...Array.from({ length: columns }, (_, k) => `ink_${k}`), ...classes];
    for (const name of arrays) for (let unit = 0; unit < layer.units; unit++) head.push(`${name}_${unit}`);
    const lines = Array.from({ length: rows }, (_, row) => [
      row,
      ...this.inkOf(row),
      ...this.opinions[row],
      ...arrays.flatMap((name) => Array.from(this.reading.states[shown][row][name])),
    ]);
    return `${[head, ...lines].map((line) => line.join(",")).join("\n")}\n`;
  }

  writeCode(): string {
    const { layers, classes } = this.reader;
    const { kind, units, nonlinearity } = layers[0];
    const digits = this.rows === 28 ? "mnist" : "digits";
    const options = [
      `inputs=${this.columns}`,
      `units=${units}`,
      `classes=${classes}`,
      ...(layers.length > 1 ? [`layers=${layers.length}`] : []),
      `cell="${kind.toLowerCase()}"`,
      ...(nonlinearity === "relu" ? ['nonlinearity="relu"'] : []),
    ];
    const drawn = Array.from(
      { length: this.rows },
      (_, row) => `    [${Array.from(this.inkOf(row), (value) => value.toFixed(2))}],`,
    );
    return [
      "import torch",
      "from torch.nn import functional as F",
      "import rnnviz_widgets as rw",
      `from rnnviz.data import ${digits}`,
      "from rnnviz.models import SequenceClassifier",
      "from rnnviz.training import train",
      "",
      `learn, test = ${digits}()`,
      `model = SequenceClassifier(${options.join(", ")})`,
      "for step in train(model, (learn.sequences, learn.targets), loss=F.cross_entropy, steps=1000):",
      "    pass",
      "",
      "drawing = torch.tensor([",
      ...drawn,
      "])",
      "# what it would answer after each row: (row, class)",
      "print(model.read(drawing[:, None]).softmax(-1)[:, 0])",
      "rw.DigitReader(model, test)",
      "",
    ].join("\n");
  }
}

export function readExamples(model: Pick<AnyModel, "get">, size: number): Example[] {
  const floats = copyFloats(model.get("images") as DataView);
  const labels: number[] = model.get("labels");
  return labels.map((label, k) => ({ label, image: floats.subarray(k * size, (k + 1) * size) }));
}
