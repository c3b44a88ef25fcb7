// Draws every sequence as a bar of its length, and hatched behind it what is computed for nothing.
import { readColour } from "../lib/draw/colours";
import { clearCanvas, linearTicks } from "../lib/draw/plot";
import { longest, percent } from "./padding";
import { LEFT, type PaddingState, type Row, TOP } from "./state";

export class Painter {
  private hatch: { key: string; pattern: CanvasPattern } | null = null;

  constructor(
    private root: HTMLElement,
    private canvas: HTMLCanvasElement,
    private state: PaddingState,
  ) {}

  /** `shown`: where each sequence is at this moment of its way; `pointed`: the one to mark, if any. */
  paint(width: number, shown: Map<number, Row>, pointed: number | null): void {
    const { state } = this;
    const { thick, height } = state.arrangement;
    const context = clearCanvas(this.canvas, width, height);
    const cell = (width - LEFT - 8) / Math.max(1, longest(state.lengths));
    const body = thick > 3 ? thick - 1 : thick;
    this.paintAxis(context, width, cell);
    this.paintRows(context, shown, cell, body);
    if (cell >= 5) {
      context.fillStyle = readColour(this.root, "--rv-bg");
      for (let t = 1; t < longest(state.lengths); t++)
        context.fillRect(LEFT + cell * t - 0.5, TOP, 1, height - TOP);
    }
    this.paintBatches(context);
    const row = pointed === null ? undefined : shown.get(pointed);
    if (!row) return;
    context.strokeStyle = readColour(this.root, "--rv-ink");
    context.lineWidth = 1.5;
    context.strokeRect(LEFT - 1, row.y - 1, cell * row.until + 2, body + 2);
  }

  private paintAxis(context: CanvasRenderingContext2D, width: number, cell: number): void {
    context.font = `12px ${readColour(this.root, "--rv-font")}`;
    context.fillStyle = readColour(this.root, "--rv-ink-2");
    context.textAlign = "center";
    context.textBaseline = "middle";
    const ticks = linearTicks([0, longest(this.state.lengths)], Math.max(2, width / 110), true);
    for (const { at, label } of ticks) context.fillText(at === 0 ? "" : label, LEFT + cell * (at - 0.5), 10);
    context.textAlign = "left";
    context.fillText("padding", 0, 10);
    context.fillText("step", LEFT, 10);
  }

  private paintRows(
    context: CanvasRenderingContext2D,
    shown: Map<number, Row>,
    cell: number,
    body: number,
  ): void {
    const data = readColour(this.root, "--rv-input");
    const pattern = this.hatching(context);
    for (const [place, { y, until }] of shown) {
      const length = this.state.lengths[place];
      context.fillStyle = data;
      context.fillRect(LEFT, y, cell * length, body);
      if (until <= length) continue;
      context.fillStyle = pattern;
      context.fillRect(LEFT + cell * length, y, cell * (until - length), body);
    }
  }

  /** Each batch: a line beside what is computed, and its own share. */
  private paintBatches(context: CanvasRenderingContext2D): void {
    const { state, root } = this;
    const { rows, thick } = state.arrangement;
    context.textAlign = "right";
    for (const batch of state.batches) {
      const drawn = batch.map((place) => rows.get(place)).filter((row) => row !== undefined);
      if (drawn.length === 0) continue;
      const [top, tall] = [drawn[0].y, thick * drawn.length];
      const computed = drawn.reduce((sum, { until }) => sum + until, 0);
      const real = batch.reduce((sum, place) => sum + state.lengths[place], 0);
      if (tall >= 9) {
        context.fillStyle = readColour(root, "--rv-ink-2");
        context.fillText(percent(1 - real / computed), LEFT - 12, top + tall / 2);
      }
      context.fillStyle = readColour(root, "--rv-line-2");
      context.fillRect(LEFT - 6, top, 2, tall - 1);
    }
  }

  private hatching(context: CanvasRenderingContext2D): CanvasPattern {
    const [line, ground] = ["--rv-line-2", "--rv-surface"].map((name) => readColour(this.root, name));
    const key = `${line} ${ground}`;
    if (this.hatch?.key !== key) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 6;
      const ink = tile.getContext("2d")!;
      ink.fillStyle = ground;
      ink.fillRect(0, 0, 6, 6);
      ink.strokeStyle = line;
      ink.lineWidth = 1.1;
      ink.beginPath();
      for (const shift of [-6, 0, 6]) {
        ink.moveTo(shift - 1, 7);
        ink.lineTo(shift + 7, -1);
      }
      ink.stroke();
      this.hatch = { key, pattern: context.createPattern(tile, "repeat")! };
    }
    return this.hatch.pattern;
  }
}
