// From places on the plane to pixels: the view follows all words until the reader moves it, and points glide to where
// they belong. No drawing here.

interface View {
  x: number;
  y: number;
  scale: number;
}

/** The part of the way that points go in one frame. */
const EASE = 0.22;

export class Camera {
  width = 300;
  height = 300;
  /** Whether the reader has moved the view, so that it no longer follows all words. */
  held = false;
  private view: View = { x: 0, y: 0, scale: 1 };
  private places: Float32Array;
  private first = true;

  constructor(target: Float32Array) {
    this.places = target.slice();
  }

  resize(width: number, height: number): void {
    [this.width, this.height] = [width, height];
    this.first = true;
  }

  screen = (word: number): { x: number; y: number } => ({
    x: this.view.x + this.places[2 * word] * this.view.scale,
    y: this.view.y - this.places[2 * word + 1] * this.view.scale,
  });

  zoomBy(factor: number, x = this.width / 2, y = this.height / 2): void {
    const { view } = this;
    this.held = true;
    this.view = { x: x + (view.x - x) * factor, y: y + (view.y - y) * factor, scale: view.scale * factor };
  }

  moveBy(dx: number, dy: number): void {
    this.held = true;
    this.view.x += dx;
    this.view.y += dy;
  }

  /** The word nearest to a pixel; −1 where none is within reach. */
  nearestTo(x: number, y: number, reach = Number.POSITIVE_INFINITY): number {
    let [best, least] = [-1, reach];
    for (let word = 0; word < this.places.length / 2; word++) {
      const at = this.screen(word);
      const far = Math.hypot(at.x - x, at.y - y);
      if (far < least) [best, least] = [word, far];
    }
    return best;
  }

  /** Moves points and view part of the way to `target`, or all of it at once; true while they still move. */
  ease(target: Float32Array, atOnce: boolean): boolean {
    const step = this.first || atOnce ? 1 : EASE;
    let shift = 0;
    for (let k = 0; k < this.places.length; k++) {
      const by = target[k] - this.places[k];
      if (!Number.isFinite(by)) {
        this.places[k] = target[k];
        continue;
      }
      this.places[k] += step * by;
      shift = Math.max(shift, Math.abs(by));
    }
    let moving = shift * this.view.scale * (1 - step) > 0.2;
    if (!this.held) {
      const [goal, { view }] = [this.fit(target), this];
      const apart =
        Math.abs(goal.x - view.x) +
        Math.abs(goal.y - view.y) +
        100 * Math.abs(Math.log(goal.scale / view.scale));
      this.view = {
        x: view.x + step * (goal.x - view.x),
        y: view.y + step * (goal.y - view.y),
        scale: view.scale + step * (goal.scale - view.scale),
      };
      if (apart * (1 - step) > 0.5) moving = true;
    }
    this.first = false;
    return moving;
  }

  /** The view that shows all words. */
  private fit(target: Float32Array): View {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let k = 0; k < target.length; k += 2) {
      const [x, y] = [target[k], target[k + 1]];
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
    if (left > right) return this.view;
    const [wide, tall] = [right - left || 1e-6, high - low || 1e-6];
    const { width, height } = this;
    const scale = Math.min((width - 90) / wide, (height - 44) / tall);
    return { x: width / 2 - ((left + right) / 2) * scale, y: height / 2 + ((low + high) / 2) * scale, scale };
  }
}
