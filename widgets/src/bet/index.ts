// The bet: gradients of untrained networks, a bet on which will learn, the training, and what the gradients knew.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { readColour } from "../lib/draw/colours";
import type { Axis } from "../lib/draw/plot";
import { drawAxes, linearTicks, logTicks, toX, toY } from "../lib/draw/plot";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { bringIntoSight } from "../lib/page/in_sight";
import { openShelf } from "../lib/page/progress";
import { connectStream } from "../lib/page/stream";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import type { Frame as Course, Placed, Scene } from "../lib/training/bets";
import {
  agreement,
  fits,
  isOver,
  onAxis,
  percentRatio,
  ranking,
  scoreBet,
  spanRatios,
  tellOutcome,
} from "../lib/training/bets";
import { makeStartButton } from "../lib/training/start_button";
import { makeTrialPlot, nameAxes, paintErrors, placeBadges } from "../lib/training/trial_plot";
import { plural } from "../lib/words/format";
import { tellRatio } from "../lib/words/gradient_story";
import { quote } from "../lib/words/takeaway";

interface Row {
  element: HTMLElement;
  bar: HTMLElement;
  value: HTMLElement;
  learns: HTMLInputElement;
  fails: HTMLInputElement;
  fastest: HTMLInputElement;
  status: HTMLElement;
}

const UNTRAINED = "No network has trained yet.";

export default defineWidget("bet", ({ model, root, signal }) => {
  const drawn = Math.random().toString(36).slice(2);
  let scene: Scene = model.get("scene");
  let course: Course = model.get("frame");
  let state = "ready";
  let bet: Placed | null = null;
  const shelf = () => openShelf<{ bet: Placed; seed: number }>("predict", scene.lesson, scene.name);

  // ---- the card
  const note = h("p", { class: "rv-note" });
  const rows = new Map<string, Row>();
  const list = h("div", {
    class: "rv-bets",
    role: "group",
    "aria-label": "The networks, and your bet on each",
  });
  const commit = h("button", { type: "button", class: "rv-primary", onclick: place }, "Place the bet");
  const missing = h("span", { class: "rv-note", role: "status" });
  const withdraw = h("button", { type: "button", class: "rv-quiet", onclick: takeBack }, "Bet again");
  const start = makeStartButton((running) => stream.order(running ? "pause" : "start"), {
    start: "Train all",
  });
  const again = h(
    "button",
    { type: "button", onclick: () => stream.send({ kind: "again" }) },
    "Other weights",
  );
  const progress = h("span", { class: "rv-note rv-status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const errorPlot = makeTrialPlot(root, signal, () => repaint());
  const scatterPlot = makeTrialPlot(root, signal, () => repaint());
  for (const plot of [errorPlot, scatterPlot]) plot.tell(UNTRAINED);
  const verdict = h("div", { class: "rv-answer", role: "status" });
  const race = h(
    "div",
    { class: "rv-bet-race" },
    h("div", { class: "rv-controls rv-running" }, start.element, again, progress),
    h(
      "div",
      { class: "rv-results" },
      h("div", {}, h("h4", {}, "Squared error on fresh sequences"), errorPlot.element),
      h("div", {}, h("h4", {}, "What the ratio knew"), scatterPlot.element),
    ),
  );
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Which of these will learn?"),
      h(
        "div",
        { class: "rv-controls" },
        makeSaveMenu({ name: "bet", root, table: tabulate, code: writeCode }),
      ),
    ),
    note,
    list,
    h("div", { class: "rv-controls" }, commit, withdraw, missing),
    problem,
    race,
    verdict,
  );

  const stream = connectStream<Course>(model, signal, {
    frame(next) {
      // A frame of earlier weights may still be on its way.
      if (!scene.names.every((name) => name in next)) return;
      course = next;
      repaint();
    },
    state(next) {
      state = next;
      repaint();
    },
    problem(message) {
      problem.hidden = !message;
      problem.textContent = message ?? "";
    },
  });

  // ---- the rows
  function build(): void {
    rows.clear();
    note.textContent =
      `Adding problem over ${scene.steps} steps, short enough for a training of seconds. Each bar: how much the loss feels input ` +
      `${scene.margin}, divided by how much it feels input ${scene.steps - scene.margin}, before any training. At 1 both count alike.`;
    list.replaceChildren(
      h(
        "div",
        { class: "rv-bet-row rv-bet-names", "aria-hidden": "true" },
        h("span", {}, "network"),
        h("span", {}, "ratio of input gradients, log axis"),
        h("span"),
        h("span", {}, "will it learn?"),
        h("span", {}, "fastest"),
      ),
      ...scene.names.map((name, index) => makeRow(name, index)),
      makeScale(),
    );
  }

  function makeRow(name: string, index: number): HTMLElement {
    const radio = (group: string, label: string, changed: () => void) =>
      h("input", {
        type: "radio",
        name: `rv-bet-${drawn}-${group}`,
        "aria-label": `${name}: ${label}`,
        onchange: changed,
      });
    const learns = radio(`learns-${index}`, "learns", show);
    const fails = radio(`learns-${index}`, "does not", () => {
      if (fastest.checked) fastest.checked = false;
      show();
    });
    const fastest = radio("fastest", "is the fastest", show);
    const bar = h("i", { class: "rv-bet-bar" });
    const value = h("span", { class: "rv-bet-value" });
    const status = h("span", { class: "rv-bet-status" });
    const element = h(
      "div",
      { class: "rv-bet-row", role: "group", "aria-label": name },
      h(
        "span",
        { class: "rv-bet-name" },
        h("b", { class: "rv-bet-number" }, index + 1),
        swatch(curveProperty(index), curveDash(index)),
        h("span", {}, name),
      ),
      h("span", { class: "rv-bet-track" }, bar),
      value,
      h(
        "span",
        { class: "rv-bet-choice" },
        h("label", {}, learns, "learns"),
        h("label", {}, fails, "does not"),
      ),
      h("label", { class: "rv-bet-fastest" }, fastest, h("span", {}, "fastest")),
      status,
    );
    element.style.setProperty("--rv-swatch", `var(${curveProperty(index)})`);
    rows.set(name, { element, bar, value, learns, fails, fastest, status });
    return element;
  }

  function makeScale(): HTMLElement {
    const ticks = logTicks(spanRatios(scene), 6).filter((tick) => Number.isInteger(tick.at));
    return h(
      "div",
      { class: "rv-bet-row rv-bet-scale", "aria-hidden": "true" },
      h("span"),
      h(
        "span",
        { class: "rv-bet-ticks" },
        ...ticks.map(({ at, label }) => h("i", { style: `left: ${percentRatio(scene, 10 ** at)}%` }, label)),
      ),
    );
  }

  function drawBars(): void {
    const one = percentRatio(scene, 1);
    for (const [name, row] of rows) {
      const ratio = scene.ratios[name];
      const at = percentRatio(scene, ratio);
      const [from, to] = at < one ? [at, one] : [one, at];
      row.bar.style.left = `${from}%`;
      row.bar.style.width = `${Math.max(0.6, to - from)}%`;
      row.bar.classList.toggle("rv-torn", !onAxis(ratio));
      row.value.textContent = ratio === null ? "nothing arrives" : tellRatio(ratio);
      row.element.style.setProperty("--rv-one", `${one}%`);
      row.element.setAttribute(
        "aria-label",
        `${name}: ratio ${ratio === null ? "unknown, nothing arrives" : tellRatio(ratio)}`,
      );
    }
  }

  // ---- the bet
  function spoken(): Placed | null {
    const learns: Record<string, boolean> = {};
    let fastest = "";
    for (const [name, row] of rows) {
      if (!row.learns.checked && !row.fails.checked) return null;
      learns[name] = row.learns.checked;
      if (row.fastest.checked) fastest = name;
    }
    return Object.values(learns).includes(true) && fastest === "" ? null : { learns, fastest };
  }

  function place(): void {
    bet = spoken();
    if (!bet) return;
    shelf().keep({ bet, seed: scene.seed });
    // At once: what is hidden takes no focus.
    show();
    start.element.focus({ preventScroll: true });
    bringIntoSight(start.element);
  }

  function takeBack(): void {
    bet = null;
    shelf().forget();
    // Another bet on the same weights would be a bet on what is already known.
    if (Object.values(course).some((one) => one.updates > 0)) stream.send({ kind: "again" });
    for (const row of rows.values())
      for (const box of [row.learns, row.fails, row.fastest]) box.checked = false;
    show();
    rows.values().next().value?.learns.focus();
  }

  function recall(): void {
    const kept = shelf().read();
    bet = kept && kept.seed === scene.seed && fits(scene, kept.bet) ? kept.bet : null;
    if (!bet) return;
    for (const [name, row] of rows) {
      row.learns.checked = bet.learns[name];
      row.fails.checked = !bet.learns[name];
      row.fastest.checked = bet.fastest === name;
    }
  }

  // ---- what is shown
  const repaint = oncePerFrame(show, signal);

  function show(): void {
    const over = isOver(scene, course);
    for (const row of rows.values()) {
      const locked = bet !== null;
      row.learns.disabled = row.fails.disabled = locked;
      row.fastest.disabled = locked || !row.learns.checked;
    }
    commit.hidden = bet !== null;
    commit.disabled = spoken() === null;
    withdraw.hidden = bet === null || state === "running";
    race.hidden = bet === null;
    missing.hidden = bet !== null;
    const open = [...rows.values()].filter((row) => !row.learns.checked && !row.fails.checked).length;
    missing.textContent = open
      ? `${plural(open, "network")} still without a word.`
      : commit.disabled
        ? "Which one is the fastest?"
        : "Nothing trains before you commit.";
    showRows(over);
    showVerdict(over);
    if (bet === null) return;
    const running = state === "running";
    start.show(state, over || state === "failed" || state === "stopped");
    again.disabled = running;
    const most = Math.max(...scene.names.map((name) => course[name].updates));
    const seconds = scene.names.reduce((sum, name) => sum + course[name].seconds, 0);
    progress.textContent = over
      ? `done: ${plural(most, "update")}, ${seconds.toFixed(0)} s of computing`
      : `${running ? "learning" : state === "failed" ? "stopped by an error" : state}: ${plural(most, "update")} of ${scene.updates}, ${seconds.toFixed(0)} s`;
    paintTrainings();
    paintScatter();
  }

  function showRows(over: boolean): void {
    const score = bet && over ? scoreBet(scene, course, bet) : null;
    for (const [name, row] of rows) {
      const one = course[name];
      row.status.hidden = bet === null;
      const last = one.errors.at(-1);
      const said = one.diverged
        ? "diverged"
        : one.solved !== null
          ? `solved after ${one.solved}`
          : over || one.updates >= scene.updates
            ? "not solved"
            : one.updates
              ? `error ${last?.toPrecision(2) ?? "∞"}`
              : "untrained";
      row.status.textContent = score ? `${score.right[name] ? "✓ right: " : "✗ wrong: "}${said}` : said;
      row.element.dataset.state = score ? (score.right[name] ? "right" : "wrong") : "";
    }
  }

  let told = "";
  function showVerdict(over: boolean): void {
    const text = bet && over ? tellOutcome(scene, course) : "";
    const key = `${text} ${JSON.stringify(bet)}`;
    if (key === told) return;
    told = key;
    verdict.replaceChildren();
    if (!bet || !text) return;
    const score = scoreBet(scene, course, bet);
    const [first] = ranking(scene, course);
    verdict.dataset.state = score.points >= score.most - 1 ? "right" : "";
    verdict.append(
      h(
        "p",
        {},
        h("b", {}, `${score.points} of ${score.most} points. `),
        score.fastest
          ? "The fastest was yours: 2 points."
          : first
            ? `The fastest was ${first}.`
            : "None learned.",
      ),
      h("p", {}, text),
      h(
        "p",
        {},
        "The ratio is seen before a single update. Far below 1 the early number hardly counts; far above 1 it drowns the late one.",
      ),
    );
  }

  // ---- the plots
  function paintTrainings(): void {
    const sheet = errorPlot.clear();
    if (!sheet) return;
    const courses = scene.names.map((name, index) => ({ trial: course[name], index }));
    const place = paintErrors(sheet, root, courses, scene);
    const { top, height } = sheet.box;
    const moving = courses.filter(({ trial }) => trial.errors.length > 1);
    const curves = moving.map(({ trial }) =>
      trial.errors.map((error, k): [number, number] => [
        place.toX(k * scene.every),
        Math.max(top, Math.min(top + height, place.toY(error))),
      ]),
    );
    for (const [k, [across, down]] of placeBadges(curves, 18).entries())
      drawBadge(sheet.context, across, down, moving[k].index);
    const errors = scene.names.map(
      (name) => `${name}: ${course[name].errors.at(-1)?.toPrecision(2) ?? "diverged"}`,
    );
    const trained = scene.names.some((name) => course[name].updates > 0);
    errorPlot.tell(
      `Squared error against updates, logarithmic. ${trained ? `${errors.join("; ")}.` : UNTRAINED}`,
    );
  }

  function drawBadge(context: CanvasRenderingContext2D, x: number, y: number, index: number): void {
    context.beginPath();
    context.arc(x, y, 8.5, 0, 2 * Math.PI);
    context.fillStyle = readColour(root, curveProperty(index));
    context.strokeStyle = readColour(root, "--rv-bg");
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
    context.fillStyle = readColour(root, "--rv-bg");
    context.font = `700 11px ${readColour(root, "--rv-font")}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(index + 1), x, y + 0.5);
  }

  function paintScatter(): void {
    const sheet = scatterPlot.clear();
    if (!sheet) return;
    const { context, box, ink } = sheet;
    const [low, high] = spanRatios(scene);
    const x: Axis = { range: [low - 0.6, high + 0.4], log: true };
    // The uppermost part is for those that never solved it.
    const y: Axis = { range: [0, scene.updates * 1.18], log: false };
    const lost = toY(scene.updates * 1.04, y, box);
    context.fillStyle = readColour(root, "--rv-surface");
    context.fillRect(box.left, box.top, box.width, lost - box.top);
    const xTicks = logTicks(x.range, Math.max(3, box.width / 60)).filter(({ at }) => Number.isInteger(at));
    drawAxes(context, box, { x, y, xTicks, yTicks: linearTicks([0, scene.updates], 4, true) }, ink);
    nameAxes(sheet, "ratio before training", "updates until solved");
    context.fillText("not solved", box.left + 0.3 * box.width, box.top + 15);
    const one = Math.round(toX(1, x, box)) + 0.5;
    context.strokeStyle = ink.text;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(one, box.top);
    context.lineTo(one, box.top + box.height);
    context.stroke();
    context.setLineDash([]);
    const words: string[] = [];
    let crowd = 0;
    for (const [index, name] of scene.names.entries()) {
      const trial = course[name];
      const failed = trial.diverged || (trial.solved === null && trial.updates >= scene.updates);
      if (trial.solved === null && !failed) continue;
      const ratio = Math.max(scene.ratios[name] ?? 0, 10 ** low);
      const at = failed ? box.top + 12 + 6 * (crowd++ % 3) : toY(trial.solved!, y, box);
      drawBadge(context, toX(ratio, x, box), at, index);
      words.push(
        `${name}: ratio ${tellRatio(scene.ratios[name] ?? 0)}, ${failed ? "not solved" : `solved after ${trial.solved} updates`}`,
      );
    }
    if (!words.length) {
      context.fillStyle = ink.text;
      context.textAlign = "center";
      context.fillText("A point for each network", box.left + box.width / 2, box.top + box.height / 2 - 9);
      context.fillText("appears when it is done.", box.left + box.width / 2, box.top + box.height / 2 + 9);
    }
    scatterPlot.tell(
      `Updates until solved against the ratio before training. ${words.length ? `${words.join("; ")}.` : UNTRAINED}`,
    );
  }

  // ---- what a reader takes away
  function tabulate(): string {
    const lines = ["network,ratio,bet,solved_after,updates,error"];
    for (const name of scene.names) {
      const one = course[name];
      const said = bet ? (bet.learns[name] ? "learns" : "does not") : "";
      lines.push(
        `${quote(name)},${scene.ratios[name] ?? ""},${said},${one.solved ?? ""},${one.updates},${one.errors.at(-1) ?? ""}`,
      );
    }
    const told = agreement(scene, course);
    if (told) lines.push(`"pairs the ratio orders",${told.right}/${told.pairs},,,,`);
    return `${lines.join("\n")}\n`;
  }

  function writeCode(): string {
    return [
      "import torch",
      "from rnnviz.data import AddingProblem",
      "from rnnviz.models import SequenceRegressor",
      "",
      `model = SequenceRegressor(2, 32, "lstm", forget_bias=1.0, seed=${scene.seed})  # or your own model`,
      `x, y = AddingProblem(${scene.steps}, batch=200)(torch.Generator().manual_seed(${scene.seed}))`,
      "x.requires_grad_()",
      "(model(x) - y).square().mean().backward()",
      "size = x.grad.norm(dim=-1).mean(1)",
      `print(size[${scene.margin}] / size[-${scene.margin}])  # near 1: both ends count`,
      "",
    ].join("\n");
  }

  // ---- begin
  const sceneChanged = () => {
    const next: Scene = model.get("scene");
    if (next.seed !== scene.seed) bet = null;
    scene = next;
    course = model.get("frame");
    build();
    drawBars();
    recall();
    repaint();
  };
  const frameChanged = () => {
    course = model.get("frame");
    repaint();
  };
  model.on("change:scene", sceneChanged);
  model.on("change:frame", frameChanged);
  signal.addEventListener("abort", () => {
    model.off("change:scene", sceneChanged);
    model.off("change:frame", frameChanged);
  });
  build();
  drawBars();
  recall();
  onTheme(signal, repaint);
  show();
});
