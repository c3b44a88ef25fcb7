// Draws the map: points, their names where there is room, lines to the neighbours, and a − b + c as two arrows.
import { readColour } from "../lib/draw/colours";
import { clearCanvas } from "../lib/draw/plot";
import { curveProperty } from "../lib/draw/swatch";
import type { Camera } from "./camera";
import type { WordsState } from "./state";
import { type Box, type Label, placeLabels } from "./word_space";

interface Palette {
  ink: string;
  pale: string;
  accent: string;
  paper: string;
  arrows: string;
  hues: string[];
  family: string;
}

/** Words that are looked at. */
interface Marked {
  near: Set<number>;
  special: Set<number>;
  hovered: number;
}

export class Painter {
  /** On which side of its point a label stands, so that it keeps it. */
  readonly sides = new Map<number, number>();
  /** By word, written as usual and in bold. */
  private widths: { usual: number; bold: number }[] = [];

  constructor(
    private root: HTMLElement,
    private canvas: HTMLCanvasElement,
    private state: WordsState,
    private camera: Camera,
  ) {}

  /** Returns how many labels found room. */
  paint(hovered: number): number {
    const { state, camera } = this;
    const context = clearCanvas(this.canvas, camera.width, camera.height);
    const palette = this.readPalette();
    this.measure(context, palette.family);
    const marked: Marked = {
      near: new Set(state.neighbours.map(({ word }) => word)),
      special: new Set([...state.analogy, ...state.answers.slice(0, 1).map(({ word }) => word)]),
      hovered,
    };
    context.lineWidth = 1;
    context.strokeStyle = palette.accent;
    context.globalAlpha = 0.55;
    for (const { word } of state.neighbours) this.strokeLine(context, state.picked, word);
    context.globalAlpha = 1;
    if (state.answers.length > 0) this.drawAnalogy(context, palette.arrows);
    this.drawPoints(context, palette, marked);
    return this.drawLabels(context, palette, marked);
  }

  private readPalette(): Palette {
    const colour = (property: string) => readColour(this.root, property);
    return {
      ink: colour("--rv-ink"),
      pale: colour("--rv-line-2"),
      accent: colour("--rv-accent"),
      paper: colour("--rv-bg"),
      arrows: colour("--rv-gate-candidate"),
      hues: this.state.groups.map((_, k) => colour(curveProperty(k))),
      family: colour("--rv-font"),
    };
  }

  private measure(context: CanvasRenderingContext2D, family: string): void {
    if (this.widths.length > 0) return;
    const { words } = this.state;
    const along = (weight: string) => {
      context.font = `${weight} 13px ${family}`;
      return words.map((word) => context.measureText(word).width + 2);
    };
    const [usual, bold] = [along("400"), along("600")];
    this.widths = words.map((_, word) => ({ usual: usual[word], bold: bold[word] }));
  }

  private colourOf(word: number, { accent, hues }: Palette, otherwise: string): string {
    const group = this.state.groupOf.get(word);
    return word === this.state.picked ? accent : group === undefined ? otherwise : hues[group];
  }

  private drawPoints(context: CanvasRenderingContext2D, palette: Palette, { near, special }: Marked): void {
    const { state, camera } = this;
    for (let word = 0; word < state.words.length; word++) {
      if (!state.isPlaced(word)) continue;
      const { x, y } = camera.screen(word);
      if (x < -5 || y < -5 || x > camera.width + 5 || y > camera.height + 5) continue;
      const large = near.has(word) || special.has(word) || state.groupOf.has(word);
      context.fillStyle = this.colourOf(word, palette, palette.pale);
      context.beginPath();
      context.arc(x, y, word === state.picked ? 5 : large ? 3.5 : 2.5, 0, 7);
      context.fill();
    }
  }

  private drawLabels(context: CanvasRenderingContext2D, palette: Palette, marked: Marked): number {
    const { state, camera, widths } = this;
    const { near, special, hovered } = marked;
    const chosen = [state.picked, hovered, ...special, ...near].filter((word) => word >= 0);
    const needed = new Set(chosen.slice(0, 6));
    const all = new Set([...chosen, ...state.groupOf.keys(), ...state.words.keys()]);
    const order = [...all].filter((word) => state.isPlaced(word));
    const isStrong = (word: number) => needed.has(word) || near.has(word);
    const wide = (word: number) => (isStrong(word) ? widths[word].bold : widths[word].usual);
    const labels = placeLabels(order, camera.screen, wide, camera, this.sides, 15, needed);
    context.textBaseline = "middle";
    context.textAlign = "left";
    for (const label of labels) this.drawLabel(context, palette, label, isStrong(label.word));
    return labels.length;
  }

  private drawLabel(
    context: CanvasRenderingContext2D,
    palette: Palette,
    label: Label,
    strong: boolean,
  ): void {
    const { state } = this;
    const { word, x, y, height } = label;
    this.drawLeader(context, word, label, palette.pale);
    context.font = `${strong ? "600 " : ""}13px ${palette.family}`;
    context.lineWidth = 3;
    context.strokeStyle = palette.paper;
    context.strokeText(state.words[word], x, y + height / 2);
    context.fillStyle = this.colourOf(word, palette, palette.ink);
    context.globalAlpha = strong || state.groupOf.has(word) || state.picked < 0 ? 1 : 0.7;
    context.fillText(state.words[word], x, y + height / 2);
    context.globalAlpha = 1;
  }

  /** A thin line to a label that found no room beside its point. */
  private drawLeader(context: CanvasRenderingContext2D, word: number, box: Box, colour: string): void {
    const point = this.camera.screen(word);
    const x = Math.max(box.x, Math.min(box.x + box.width, point.x));
    const y = Math.max(box.y, Math.min(box.y + box.height, point.y));
    if (Math.hypot(point.x - x, point.y - y) < 12) return;
    context.lineWidth = 1;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(point.x, point.y);
    context.lineTo(x, y);
    context.stroke();
  }

  private strokeLine(context: CanvasRenderingContext2D, from: number, to: number): void {
    const [a, b] = [this.camera.screen(from), this.camera.screen(to)];
    context.beginPath();
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
    context.stroke();
  }

  /** b → a and c → the answer: two arrows that would be the same if the analogy were perfect and the map held all. */
  private drawAnalogy(context: CanvasRenderingContext2D, colour: string): void {
    const { analogy, answers } = this.state;
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = 2;
    for (const [from, to] of [
      [analogy[1], analogy[0]],
      [analogy[2], answers[0].word],
    ]) {
      this.strokeLine(context, from, to);
      const [a, b] = [this.camera.screen(from), this.camera.screen(to)];
      const angle = Math.atan2(b.y - a.y, b.x - a.x);
      if (Math.hypot(b.x - a.x, b.y - a.y) < 12) continue;
      context.beginPath();
      for (const [far, turn] of [
        [5, 0],
        [14, 0.4],
        [14, -0.4],
      ])
        context.lineTo(b.x - far * Math.cos(angle + turn), b.y - far * Math.sin(angle + turn));
      context.fill();
    }
  }
}
