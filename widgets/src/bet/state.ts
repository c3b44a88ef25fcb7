// A bet while it is being made, placed and settled. No drawing here.
import {
  agreement,
  type Frame,
  fits,
  isOver,
  type Placed,
  ranking,
  type Scene,
  type Score,
  scoreBet,
  tellOutcome,
} from "../lib/training/bets";
import { plural } from "../lib/words/format";
import { quote } from "../lib/words/takeaway";

export const UNTRAINED = "No network has trained yet.";

/** What is kept in this browser: a bet, and the seed of the weights it was on. */
export interface Kept {
  bet: Placed;
  seed: number;
}

export class BetState {
  /** ready, running, paused, stopped or failed. */
  training = "ready";
  /** The bet once it is placed. */
  bet: Placed | null = null;
  /** Of each network that was spoken of, whether it is to learn. */
  private learns = new Map<string, boolean>();
  private fastest = "";

  constructor(
    public scene: Scene,
    public course: Frame,
  ) {}

  /** Other weights, or another task; a bet on other weights no longer counts. */
  take(scene: Scene, course: Frame, kept: Kept | null): void {
    if (scene.seed !== this.scene.seed) this.bet = null;
    this.scene = scene;
    this.course = course;
    this.learns.clear();
    this.fastest = "";
    this.recall(kept);
  }

  /** A frame; false where it is of earlier weights, which may still be on their way. */
  takeFrame(course: Frame): boolean {
    if (!this.scene.names.every((name) => name in course)) return false;
    this.course = course;
    return true;
  }

  recall(kept: Kept | null): void {
    const { scene } = this;
    this.bet = kept && kept.seed === scene.seed && fits(scene, kept.bet) ? kept.bet : null;
    if (!this.bet) return;
    this.learns = new Map(Object.entries(this.bet.learns));
    this.fastest = this.bet.fastest;
  }

  wordOn(name: string): boolean | undefined {
    return this.learns.get(name);
  }

  isFastest(name: string): boolean {
    return this.fastest === name;
  }

  /** One that does not learn cannot be the fastest. */
  choose(name: string, learns: boolean): void {
    this.learns.set(name, learns);
    if (!learns && this.fastest === name) this.fastest = "";
  }

  chooseFastest(name: string): void {
    this.fastest = name;
  }

  /** The bet as it stands, null while a word is missing. */
  get spoken(): Placed | null {
    const { names } = this.scene;
    if (!names.every((name) => this.learns.has(name))) return null;
    const learns = Object.fromEntries(names.map((name) => [name, this.learns.get(name)!]));
    return Object.values(learns).includes(true) && this.fastest === ""
      ? null
      : { learns, fastest: this.fastest };
  }

  place(): Kept | null {
    this.bet = this.spoken;
    return this.bet && { bet: this.bet, seed: this.scene.seed };
  }

  takeBack(): void {
    this.bet = null;
    this.learns.clear();
    this.fastest = "";
  }

  get hasTrained(): boolean {
    return this.scene.names.some((name) => this.course[name].updates > 0);
  }

  get isOver(): boolean {
    return isOver(this.scene, this.course);
  }

  get score(): Score | null {
    return this.bet && this.isOver ? scoreBet(this.scene, this.course, this.bet) : null;
  }

  /** What is still to be said before the bet can be placed. */
  get missing(): string {
    const open = this.scene.names.filter((name) => !this.learns.has(name)).length;
    if (open) return `${plural(open, "network")} still without a word.`;
    return this.spoken ? "Nothing trains before you commit." : "Which one is the fastest?";
  }

  /** How far a network is. */
  statusOf(name: string): string {
    const { diverged, solved, updates, errors } = this.course[name];
    if (diverged) return "diverged";
    if (solved !== null) return `solved after ${solved}`;
    if (updates >= this.scene.updates) return "not solved";
    return updates ? `error ${errors.at(-1)?.toPrecision(2) ?? "∞"}` : "untrained";
  }

  get progress(): string {
    const { scene, course, training } = this;
    const most = Math.max(...scene.names.map((name) => course[name].updates));
    const seconds = scene.names.reduce((sum, name) => sum + course[name].seconds, 0).toFixed(0);
    if (this.isOver) return `done: ${plural(most, "update")}, ${seconds} s of computing`;
    const said = { running: "learning", failed: "stopped by an error" }[training] ?? training;
    return `${said}: ${plural(most, "update")} of ${scene.updates}, ${seconds} s`;
  }

  /** Whether a network ended without solving the task. */
  hasFailed(name: string): boolean {
    const { diverged, solved, updates } = this.course[name];
    return diverged || (solved === null && updates >= this.scene.updates);
  }

  /** What came of it; null before that. */
  get verdict(): { points: string; fastest: string; outcome: string; good: boolean } | null {
    const { score } = this;
    if (!score) return null;
    const [first] = ranking(this.scene, this.course);
    return {
      points: `${score.points} of ${score.most} points. `,
      fastest: score.fastest
        ? "The fastest was yours: 2 points."
        : first
          ? `The fastest was ${first}.`
          : "None learned.",
      outcome: tellOutcome(this.scene, this.course),
      good: score.points >= score.most - 1,
    };
  }

  /** The errors of all, as the plot shows them. */
  tellErrors(): string {
    const { scene, course } = this;
    const errors = scene.names.map(
      (name) => `${name}: ${course[name].errors.at(-1)?.toPrecision(2) ?? "diverged"}`,
    );
    const told = this.hasTrained ? `${errors.join("; ")}.` : UNTRAINED;
    return `Squared error against updates, logarithmic. ${told}`;
  }

  tabulate(): string {
    const { scene, course, bet } = this;
    const lines = ["network,ratio,bet,solved_after,updates,error"];
    for (const name of scene.names) {
      const { solved, updates, errors } = course[name];
      const said = bet ? (bet.learns[name] ? "learns" : "does not") : "";
      lines.push(
        [quote(name), scene.ratios[name] ?? "", said, solved ?? "", updates, errors.at(-1) ?? ""].join(","),
      );
    }
    const told = agreement(scene, course);
    if (told) lines.push(`"pairs the ratio orders",${told.right}/${told.pairs},,,,`);
    return `${lines.join("\n")}\n`;
  }

  writeCode(): string {
    const { seed, steps, margin } = this.scene;
    return [
      "import torch",
      "from rnnviz.data import AddingProblem",
      "from rnnviz.models import SequenceRegressor",
      "",
      `model = SequenceRegressor(2, 32, "lstm", forget_bias=1.0, seed=${seed})  # or your own model`,
      `x, y = AddingProblem(${steps}, batch=200)(torch.Generator().manual_seed(${seed}))`,
      "x.requires_grad_()",
      "(model(x) - y).square().mean().backward()",
      "size = x.grad.norm(dim=-1).mean(1)",
      `print(size[${margin}] / size[-${margin}])  # near 1: both ends count`,
      "",
    ].join("\n");
  }
}
