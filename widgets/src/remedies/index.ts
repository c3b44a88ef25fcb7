// Remedies as switches: the gradient of the untrained network at once, its learning when asked for.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { readColour } from "../lib/draw/colours";
import type { Axis } from "../lib/draw/plot";
import { clip, drawAxes, drawCurve, fitRange, linearTicks, logTicks, toX } from "../lib/draw/plot";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { askInTurn } from "../lib/page/requests";
import { connectStream } from "../lib/page/stream";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import type { Trial } from "../lib/training/bets";
import { makeStartButton } from "../lib/training/start_button";
import type { Task } from "../lib/training/trial_plot";
import { makeTrialPlot, nameAxes, paintErrors, writeOver } from "../lib/training/trial_plot";
import { plural } from "../lib/words/format";
import { tellCurve, tellRatio } from "../lib/words/gradient_story";
import type { Switches } from "./switches";
import { nameSwitches, REMEDIES, tellCosts } from "./switches";

interface Scene extends Task {
  steps: number;
  plain: number[];
  updates: number;
  rates: Record<string, number>;
  most_steps: number;
}

interface Run {
  run: number;
  switches: Switches;
  trial: Trial;
}

/** Runs kept for comparison; the oldest goes first. */
const MOST_RUNS = 6;

export default defineWidget("remedies", ({ model, root, signal }) => {
  let scene: Scene = model.get("scene");
  let switches: Switches = { ...model.get("switches") };
  let runs: Run[] = [];
  let state = "ready";

  // ---- the card
  const groups = REMEDIES.map((remedy) => {
    const buttons = remedy.choices.map(({ value, label }) => {
      const button = h("button", { type: "button", "aria-pressed": "false" }, label);
      button.addEventListener("click", () => {
        switches = { ...switches, [remedy.key]: value };
        showSwitches();
        asks.ask({ ...switches });
      });
      return { button, value };
    });
    return { remedy, buttons };
  });
  const stepsOutput = h("output");
  const stepsInput = h("input", {
    type: "range",
    min: 10,
    max: scene.most_steps,
    step: 1,
    "aria-label": "steps T",
    value: switches.steps,
  });
  const train = makeStartButton(
    (running) => {
      if (running) stream.order("pause");
      else stream.send({ kind: "train", settings: { ...switches } });
    },
    { pause: "Stop" },
  );
  const none = h("button", { type: "button" }, "No remedy");
  const status = h("span", { class: "rv-note rv-status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const gradientPlot = makeTrialPlot(root, signal, () => repaint());
  const errorPlot = makeTrialPlot(root, signal, () => repaint());
  const table = h("tbody");
  const tableBox = h(
    "table",
    { class: "rv-race", hidden: true },
    h("caption", { class: "rv-hidden" }, "The trainings so far"),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ...["training", "outcome", "an update takes"].map((text) => h("th", { scope: "col" }, text)),
      ),
    ),
    table,
  );
  const story = h("p", { class: "rv-caption", "aria-live": "polite" });
  const costs = h("ul", { class: "rv-remedy-costs" });

  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Remedies, one switch each"),
      h(
        "div",
        { class: "rv-controls" },
        makeSaveMenu({ name: "remedies", root, table: tabulate, code: writeCode }),
      ),
    ),
    h(
      "div",
      { class: "rv-remedies" },
      ...groups.map(({ remedy, buttons }) =>
        h(
          "div",
          { class: "rv-remedy", role: "group", "aria-label": remedy.label },
          h("span", { class: "rv-note" }, remedy.label),
          h("div", { class: "rv-segments" }, ...buttons.map(({ button }) => button)),
        ),
      ),
    ),
    h(
      "div",
      { class: "rv-controls rv-running" },
      train.element,
      none,
      h("label", { class: "rv-field" }, h("span", {}, "steps T"), stepsInput, stepsOutput),
      status,
    ),
    problem,
    h(
      "div",
      { class: "rv-results" },
      h(
        "div",
        {},
        h("h4", {}, "Gradient at each step, before training"),
        gradientPlot.element,
        h(
          "ul",
          { class: "rv-legend" },
          h("li", {}, swatch("--rv-grad"), "with these switches"),
          h("li", {}, swatch("--rv-ink-2", [5, 4]), "no remedy"),
        ),
      ),
      h("div", {}, h("h4", {}, "Squared error while it learns to add"), errorPlot.element),
    ),
    tableBox,
    story,
    costs,
  );

  const asks = askInTurn(model, signal, (message) => say(message));
  const stream = connectStream<Run>(model, signal, {
    frame(run) {
      const place = runs.findIndex((one) => one.run === run.run);
      if (place >= 0) runs[place] = run;
      else runs = [...runs, run].slice(-MOST_RUNS);
      repaint();
      if (state !== "running") tell();
    },
    state(next) {
      state = next;
      repaint();
      if (next !== "running") tell();
    },
    problem: (message) => say(message),
  });

  function say(message: string | null): void {
    problem.hidden = !message;
    problem.textContent = message ?? "";
  }

  function showSwitches(): void {
    for (const { remedy, buttons } of groups)
      for (const { button, value } of buttons)
        button.setAttribute("aria-pressed", String(switches[remedy.key] === value));
    stepsInput.value = String(switches.steps);
    stepsOutput.textContent = String(switches.steps);
  }

  // ---- the plots
  function paintGradient(): void {
    const sheet = gradientPlot.clear();
    if (!sheet) return;
    const { context, box, ink } = sheet;
    const curve = model.get("curve") as number[];
    const x: Axis = { range: [0, Math.max(1, curve.length - 1)], log: false };
    const y: Axis = { range: fitRange([...curve, ...scene.plain], true), log: true };
    const xTicks = linearTicks(x.range, Math.max(2, box.width / 80), true);
    drawAxes(context, box, { x, y, xTicks, yTicks: logTicks(y.range, 6) }, ink);
    nameAxes(sheet, "step t", "‖∂L/∂hₜ‖");
    const done = clip(context, box);
    drawCurve(context, scene.plain, 0, x, y, box, { colour: ink.text, width: 1.5, dash: [5, 4] });
    drawCurve(context, curve, 0, x, y, box, { colour: readColour(root, "--rv-grad"), width: 2.6 });
    done();
    // What is exactly zero has no place on a log axis.
    context.fillStyle = readColour(root, "--rv-grad");
    let zeros = 0;
    curve.forEach((value, t) => {
      if (value !== 0) return;
      zeros++;
      const at = toX(t, x, box);
      context.beginPath();
      context.moveTo(at - 3.5, box.top + box.height - 8);
      context.lineTo(at + 3.5, box.top + box.height - 8);
      context.lineTo(at, box.top + box.height - 2);
      context.fill();
    });
    if (zeros) {
      context.font = ink.font;
      context.textAlign = "left";
      context.fillText(`▽ exactly zero at ${plural(zeros, "step")}`, box.left + 6, box.top + box.height - 16);
    }
  }

  function paintTrainings(): void {
    const sheet = errorPlot.clear();
    if (!sheet) return;
    const courses = runs.map(({ run, trial }, k) => ({ trial, index: run - 1, faint: k < runs.length - 1 }));
    paintErrors(sheet, root, courses, scene);
    if (runs.length) return;
    sheet.context.textAlign = "center";
    writeOver(sheet, root, "Press Train.", sheet.box.left + sheet.box.width / 2, sheet.box.top + 40);
  }

  // That a training has ended may be known before its last updates are: only the last one of all decides.
  const outcome = ({ trial }: Run): string =>
    trial.diverged
      ? `diverged after ${plural(trial.updates, "update")}`
      : trial.solved !== null
        ? `solved after ${trial.solved} updates`
        : `${trial.updates < scene.updates ? "" : "not solved: "}error ${trial.errors.at(-1)?.toPrecision(2)} after ${trial.updates}`;

  function showRuns(): void {
    tableBox.hidden = runs.length === 0;
    table.replaceChildren(
      ...runs.map((one) =>
        h(
          "tr",
          {},
          h(
            "th",
            { scope: "row" },
            swatch(curveProperty(one.run - 1), curveDash(one.run - 1)),
            ` ${nameSwitches(one.switches)}${one.switches.steps === scene.steps ? "" : `, T = ${one.switches.steps}`}`,
          ),
          h("td", {}, outcome(one)),
          h(
            "td",
            {},
            one.trial.updates ? `${((1000 * one.trial.seconds) / one.trial.updates).toFixed(1)} ms` : "",
          ),
        ),
      ),
    );
  }

  function tell(): void {
    const curve = model.get("curve") as number[];
    const left = model.get("left") as number;
    const clipped = left < 1 ? ` Clipping leaves ${tellRatio(left)} of it.` : "";
    const latest = runs.at(-1);
    const learned = latest ? ` ${nameSwitches(latest.switches)}: ${outcome(latest)}.` : "";
    const said = `With ${nameSwitches(switches)} the gradient, from the last step back to the first, ${tellCurve(curve)}.${clipped}`;
    gradientPlot.tell(said);
    errorPlot.tell(`Squared error against updates, logarithmic.${learned || " Nothing is trained yet."}`);
    const whole = said + learned;
    if (story.textContent !== whole) story.textContent = whole;
    costs.replaceChildren(...tellCosts(switches).map((text) => h("li", {}, text)));
  }

  const repaint = oncePerFrame(() => {
    const running = state === "running";
    train.show(state, false); // each training is a new one, whatever became of the last
    none.disabled = nameSwitches(switches) === "no remedy";
    const latest = runs.at(-1);
    status.textContent = running
      ? `learning: update ${latest?.trial.updates ?? 0} of ${scene.updates}`
      : state === "failed"
        ? "stopped by an error"
        : "";
    paintGradient();
    paintTrainings();
    showRuns();
  }, signal);

  // ---- what a reader takes away
  function tabulate(): string {
    const lines = ["what,step_or_update,value"];
    for (const [t, value] of (model.get("curve") as number[]).entries())
      lines.push(`gradient norm,${t},${value}`);
    for (const { switches: of, trial } of runs)
      for (const [k, error] of trial.errors.entries())
        lines.push(`"error, ${nameSwitches(of)}",${k * scene.every},${error ?? ""}`);
    return `${lines.join("\n")}\n`;
  }

  function writeCode(): string {
    const { initialisation, activation, normalisation, truncate, optimiser } = switches;
    return [
      "import torch",
      "from rnnviz.data import AddingProblem",
      "from rnnviz.models import RemedyNet, RemedySettings, measure_remedies",
      "from rnnviz.training import train",
      "",
      `settings = RemedySettings("${initialisation}", "${activation}", "${normalisation}", truncate=${truncate}, clip=${switches.clip}, optimiser="${optimiser}")`,
      `x, y = AddingProblem(${switches.steps})(torch.Generator().manual_seed(0))`,
      "print(measure_remedies(RemedyNet(settings), x, y))  # gradient norms, and what clipping leaves",
      "",
      "net = RemedyNet(settings)",
      optimiser === "Adam"
        ? `optimiser = lambda p: torch.optim.Adam(p, lr=${scene.rates[optimiser]})`
        : `optimiser = lambda p: torch.optim.SGD(p, lr=${scene.rates[optimiser]}, momentum=${optimiser === "momentum" ? 0.9 : 0})`,
      `for step in train(net, AddingProblem(${switches.steps}), optimiser=optimiser, clip_norm=settings.clip or None, steps=${scene.updates}):`,
      "    pass",
      "print(step.loss)",
      "",
    ].join("\n");
  }

  // ---- what the reader does
  none.addEventListener("click", () => {
    for (const { remedy } of groups) switches = { ...switches, [remedy.key]: remedy.choices[0].value };
    showSwitches();
    asks.ask({ ...switches });
  });
  stepsInput.addEventListener("input", () => {
    switches = { ...switches, steps: Number(stepsInput.value) };
    stepsOutput.textContent = stepsInput.value;
    asks.ask({ ...switches });
  });

  // ---- begin
  let telling = 0;
  const curveChanged = () => {
    scene = model.get("scene");
    repaint();
    clearTimeout(telling);
    telling = window.setTimeout(tell, 250);
  };
  const switchesChanged = () => {
    if (asks.busy()) return;
    switches = { ...model.get("switches") };
    showSwitches();
  };
  model.on("change:curve", curveChanged);
  model.on("change:scene", curveChanged);
  model.on("change:switches", switchesChanged);
  signal.addEventListener("abort", () => {
    clearTimeout(telling);
    model.off("change:curve", curveChanged);
    model.off("change:scene", curveChanged);
    model.off("change:switches", switchesChanged);
  });
  onTheme(signal, repaint);
  const kept = model.get("frame") as Run;
  if (kept.run) runs = [kept];
  showSwitches();
  repaint();
  tell();
});
