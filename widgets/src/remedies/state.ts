// Which remedies are switched on, what the gradient is like with them, and how trainings went. No drawing here.
import type { Trial } from "../lib/training/bets";
import type { Task } from "../lib/training/trial_plot";
import { plural } from "../lib/words/format";
import { tellCurve, tellRatio } from "../lib/words/gradient_story";
import { nameSwitches, REMEDIES, type Switches } from "./switches";

export interface Scene extends Task {
  /** How long the sequences of the scene are, and how long they may be made. */
  steps: number;
  most_steps: number;
  /** The gradient at each step without any remedy. */
  plain: number[];
  updates: number;
  /** Learning rates, by optimiser. */
  rates: Record<string, number>;
}

export interface Run {
  run: number;
  switches: Switches;
  trial: Trial;
}

/** Runs kept for comparison; the oldest goes first. */
const MOST_RUNS = 6;

export class RemediesState {
  runs: Run[] = [];
  /** ready, running, paused, stopped or failed. */
  training = "ready";
  /** Norms of the gradient at each step, before training, and what clipping leaves of it. */
  curve: number[] = [];
  left = 1;

  constructor(
    public scene: Scene,
    public switches: Switches,
  ) {}

  takeRun(run: Run): void {
    const place = this.runs.findIndex((one) => one.run === run.run);
    if (place >= 0) this.runs[place] = run;
    else this.runs = [...this.runs, run].slice(-MOST_RUNS);
  }

  choose(change: Partial<Switches>): void {
    this.switches = { ...this.switches, ...change };
  }

  /** Takes all remedies away; the length stays. */
  choosePlain(): void {
    for (const { key, choices } of REMEDIES) this.choose({ [key]: choices[0].value });
  }

  get isPlain(): boolean {
    return nameSwitches(this.switches) === "no remedy";
  }

  get status(): string {
    const updates = this.runs.at(-1)?.trial.updates ?? 0;
    if (this.training === "running") return `learning: update ${updates} of ${this.scene.updates}`;
    return this.training === "failed" ? "stopped by an error" : "";
  }

  nameRun({ switches }: Run): string {
    const length = switches.steps === this.scene.steps ? "" : `, T = ${switches.steps}`;
    return `${nameSwitches(switches)}${length}`;
  }

  /** That a training has ended may be known before its last updates are: only the last one of all decides. */
  outcome({ trial }: Run): string {
    if (trial.diverged) return `diverged after ${plural(trial.updates, "update")}`;
    if (trial.solved !== null) return `solved after ${trial.solved} updates`;
    const head = trial.updates < this.scene.updates ? "" : "not solved: ";
    return `${head}error ${trial.errors.at(-1)?.toPrecision(2)} after ${trial.updates}`;
  }

  tellGradient(): string {
    const clipped = this.left < 1 ? ` Clipping leaves ${tellRatio(this.left)} of it.` : "";
    return `With ${nameSwitches(this.switches)} the gradient, from the last step back to the first, ${tellCurve(this.curve)}.${clipped}`;
  }

  /** How the latest training went; empty before the first. */
  tellTraining(): string {
    const latest = this.runs.at(-1);
    return latest ? ` ${nameSwitches(latest.switches)}: ${this.outcome(latest)}.` : "";
  }

  tabulate(): string {
    const lines = ["what,step_or_update,value"];
    for (const [t, value] of this.curve.entries()) lines.push(`gradient norm,${t},${value}`);
    for (const { switches, trial } of this.runs)
      for (const [k, error] of trial.errors.entries())
        lines.push(`"error, ${nameSwitches(switches)}",${k * this.scene.every},${error ?? ""}`);
    return `${lines.join("\n")}\n`;
  }

  writeCode(): string {
    const { initialisation, activation, normalisation, truncate, optimiser, clip, steps } = this.switches;
    const rate = this.scene.rates[optimiser];
    const momentum = optimiser === "momentum" ? 0.9 : 0;
    return [
      "import torch",
      "from rnnviz.data import AddingProblem",
      "from rnnviz.models import RemedyNet, RemedySettings, measure_remedies",
      "from rnnviz.training import train",
      "",
      `settings = RemedySettings("${initialisation}", "${activation}", "${normalisation}", truncate=${truncate}, clip=${clip}, optimiser="${optimiser}")`,
      `x, y = AddingProblem(${steps})(torch.Generator().manual_seed(0))`,
      "print(measure_remedies(RemedyNet(settings), x, y))  # gradient norms, and what clipping leaves",
      "",
      "net = RemedyNet(settings)",
      optimiser === "Adam"
        ? `optimiser = lambda p: torch.optim.Adam(p, lr=${rate})`
        : `optimiser = lambda p: torch.optim.SGD(p, lr=${rate}, momentum=${momentum})`,
      `for step in train(net, AddingProblem(${steps}), optimiser=optimiser, clip_norm=settings.clip or None, steps=${this.scene.updates}):`,
      "    pass",
      "print(step.loss)",
      "",
    ].join("\n");
  }
}
