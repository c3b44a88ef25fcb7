// A drawing while it is being made: strokes, an eraser, a pen that keys can move, and the way back. No drawing here.
import { BLANK, type Drawing, type Point, type Stroke } from "./ink";

/** Changes that can be undone. */
const MOST = 200;

export class Sketch {
  drawing: Drawing = BLANK;
  erasing = false;
  /** Where the pen is that the keys move. */
  nib: Point = [0.5, 0.25];
  /** The stroke that is being drawn, the last of the drawing's; null while the pen is up. */
  private open: Stroke | null = null;
  private before: Drawing[] = [];

  get isDown(): boolean {
    return this.open !== null;
  }
  get isBlank(): boolean {
    return this.drawing.base === null && this.drawing.strokes.length === 0;
  }
  get canUndo(): boolean {
    return this.before.length > 0;
  }

  private remember(): void {
    this.before.push(this.drawing);
    if (this.before.length > MOST) this.before.shift();
  }

  choose(erase: boolean): void {
    this.lift();
    this.erasing = erase;
  }

  /** Puts something else on the pad; false where it is there already. */
  put(next: Drawing): boolean {
    this.lift();
    const { base, strokes } = this.drawing;
    if (next.base === base && next.strokes.length === 0 && strokes.length === 0) return false;
    this.remember();
    this.drawing = next;
    return true;
  }

  undo(): boolean {
    this.lift();
    const last = this.before.pop();
    if (last) this.drawing = last;
    return last !== undefined;
  }

  setDown(point: Point): void {
    this.remember();
    this.open = { erase: this.erasing, points: [point] };
    this.drawing = { base: this.drawing.base, strokes: [...this.drawing.strokes, this.open] };
  }

  drawTo(...points: Point[]): void {
    this.open?.points.push(...points);
  }

  lift(): void {
    this.open = null;
  }

  /** Moves the pen, which draws where it is down. */
  moveNib([right, down]: Point, stride: number): void {
    this.nib = [within(this.nib[0] + right * stride), within(this.nib[1] + down * stride)];
    this.drawTo(this.nib);
  }

  sayNib(rows: number, columns: number): string {
    const at = (share: number, count: number) => Math.min(count, Math.floor(share * count) + 1);
    return `row ${at(this.nib[1], rows)}, column ${at(this.nib[0], columns)}`;
  }
}

export const within = (share: number): number => Math.max(0, Math.min(1, share));
