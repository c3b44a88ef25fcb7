// Where two balls start, how they descend, and what is said of it. No drawing here.
import { formatNumber, formatShort } from "../lib/words/format";
import { descend, type Stand } from "./descent";

/** The part of the plane that is shown. */
export const W: [number, number] = [2, 8];
export const B: [number, number] = [-4, -1];
/** How far the landscape turns, in radians. */
export const TURN = 1.6;

export const BALLS = [
  { name: "plain", property: "--rv-curve-2", dash: [6, 4] },
  { name: "clipped", property: "--rv-curve-3", dash: [] },
] as const;

export interface Settings {
  steps: number;
  w: number;
  b: number;
  rate: number;
  clip: number;
}

export class CliffState {
  /** The update that is shown. */
  now = 0;
  turn = 0.5;
  /** Of each ball, where it stands before each update and after the last. */
  paths: Stand[][] = [];

  constructor(
    readonly settings: Settings,
    readonly updates: number,
  ) {
    this.descend();
  }

  choose(change: Partial<Settings>): void {
    Object.assign(this.settings, change);
    this.descend();
  }

  private descend(): void {
    const { steps, w, b, rate, clip } = this.settings;
    const { updates } = this;
    this.paths = [null, clip].map((limit) => descend([w, b], { steps, rate, clip: limit, updates }));
  }

  turnTo(turn: number): void {
    this.turn = within(turn, [-TURN, TURN]);
  }

  /** Where a ball has been so far. */
  trail(ball: number): Stand[] {
    return this.paths[ball].slice(0, this.now + 1);
  }

  /** How far a ball goes in its next update. */
  moveOf({ factor, norm }: Stand): number {
    return this.settings.rate * factor * norm;
  }

  tell(): string {
    const told = BALLS.map(({ name }, k) => {
      const path = this.paths[k];
      const { at, error } = path[path.length - 1];
      const steepest = Math.max(...path.map((stand) => stand.norm));
      const [w, b] = at.map((value) => formatNumber(value, 2));
      return (
        `${name}, it ends ${isOut(at) ? "off the map " : ""}at w = ${w}, b = ${b} with an error of ` +
        `${formatNumber(error, 3)}; the largest gradient on its way was ${formatShort(steepest)}`
      );
    });
    return `Over ${this.updates} updates: ${told.join(". ")}.`.replace(". clipped", ". Clipped");
  }

  tabulate(): string {
    const lines = ["update,ball,w,b,error,gradient_norm,factor"];
    BALLS.forEach(({ name }, k) => {
      for (const [update, stand] of this.paths[k].entries())
        lines.push([update, name, ...stand.at, stand.error, stand.norm, stand.factor].join(","));
    });
    return `${lines.join("\n")}\n`;
  }

  writeCode(): string {
    const { w, b, steps, clip, rate } = this.settings;
    return [
      "import torch",
      "",
      `point = torch.tensor([${w.toFixed(3)}, ${b.toFixed(3)}], dtype=torch.float64, requires_grad=True)  # w, b`,
      `for update in range(${this.updates}):`,
      "    state = torch.tensor(0.5, dtype=torch.float64)",
      `    for t in range(${steps}):`,
      "        state = torch.sigmoid(point[0] * state + point[1])",
      "    error = (state - 0.7) ** 2",
      "    (gradient,) = torch.autograd.grad(error, point)",
      `    gradient = gradient * (${clip.toPrecision(3)} / gradient.norm()).clamp(max=1)  # leave out for plain descent`,
      `    point = (point - ${rate.toPrecision(3)} * gradient).detach().requires_grad_()`,
      "print(point, error)",
      "",
    ].join("\n");
  }
}

export const within = (value: number, [low, high]: [number, number]): number =>
  Math.max(low, Math.min(high, value));

export const isOut = ([w, b]: [number, number]): boolean => within(w, W) !== w || within(b, B) !== b;
