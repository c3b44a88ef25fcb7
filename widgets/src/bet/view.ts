// The card of a bet: the networks, the bet on each, the race, and the verdict.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { h } from "../lib/page/dom";
import { bringIntoSight } from "../lib/page/in_sight";
import { oncePerFrame, onTheme } from "../lib/page/widget";
import { makeStartButton } from "../lib/training/start_button";
import { makeTrialPlot } from "../lib/training/trial_plot";
import { paintScatter, paintTrainings } from "./plots";
import { makeRows } from "./rows";
import { type BetState, UNTRAINED } from "./state";

interface Hand {
  /** The bet stands. */
  place(): void;
  takeBack(): void;
  train(running: boolean): void;
  /** Other weights are wanted. */
  again(): void;
}

export interface BetView {
  repaint(): void;
  show(): void;
  /** Another scene. */
  build(): void;
  say(problem: string | null): void;
}

export function makeView(root: HTMLElement, signal: AbortSignal, state: BetState, hand: Hand): BetView {
  const note = h("p", { class: "rv-note" });
  const rows = makeRows(state, () => show());
  const commit = h("button", { type: "button", class: "rv-primary" }, "Place the bet");
  const missing = h("span", { class: "rv-note", role: "status" });
  const withdraw = h("button", { type: "button", class: "rv-quiet" }, "Bet again");
  const start = makeStartButton(hand.train, { start: "Train all" });
  const again = h("button", { type: "button", onclick: hand.again }, "Other weights");
  const progress = h("span", { class: "rv-note rv-status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const errorPlot = makeTrialPlot(root, signal, () => repaint());
  const scatterPlot = makeTrialPlot(root, signal, () => repaint());
  for (const plot of [errorPlot, scatterPlot]) plot.tell(UNTRAINED);
  const verdict = makeVerdict(state);
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
  const saveMenu = makeSaveMenu({
    name: "bet",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Which of these will learn?"),
      h("div", { class: "rv-controls" }, saveMenu),
    ),
    note,
    rows.element,
    h("div", { class: "rv-controls" }, commit, withdraw, missing),
    problem,
    race,
    verdict.element,
  );
  commit.addEventListener("click", () => {
    hand.place();
    // At once: what is hidden takes no focus.
    show();
    if (!state.bet) return;
    start.element.focus({ preventScroll: true });
    bringIntoSight(start.element);
  });
  withdraw.addEventListener("click", () => {
    hand.takeBack();
    show();
    rows.focusFirst();
  });

  function show(): void {
    const { bet, training, isOver } = state;
    rows.show();
    commit.hidden = missing.hidden = bet !== null;
    commit.disabled = state.spoken === null;
    missing.textContent = state.missing;
    withdraw.hidden = bet === null || training === "running";
    race.hidden = bet === null;
    verdict.show();
    if (bet === null) return;
    start.show(training, isOver || training === "failed" || training === "stopped");
    again.disabled = training === "running";
    progress.textContent = state.progress;
    paintTrainings(errorPlot, root, state);
    errorPlot.tell(state.tellErrors());
    paintScatter(scatterPlot, root, state);
  }
  const repaint = oncePerFrame(show, signal);
  onTheme(signal, repaint);

  return {
    repaint,
    show,
    build() {
      const { steps, margin } = state.scene;
      note.textContent =
        `Adding problem over ${steps} steps, short enough for a training of seconds. Each bar: how much the loss feels input ` +
        `${margin}, divided by how much it feels input ${steps - margin}, before any training. At 1 both count alike.`;
      rows.build();
    },
    say(message) {
      problem.hidden = !message;
      problem.textContent = message ?? "";
    },
  };
}

/** Said once: what is unchanged is not read out again. */
function makeVerdict(state: BetState): { element: HTMLElement; show(): void } {
  const element = h("div", { class: "rv-answer", role: "status" });
  let told = "";
  return {
    element,
    show() {
      const { verdict } = state;
      const key = JSON.stringify([verdict, state.bet]);
      if (key === told) return;
      told = key;
      element.replaceChildren();
      if (!verdict) return;
      element.dataset.state = verdict.good ? "right" : "";
      element.append(
        h("p", {}, h("b", {}, verdict.points), verdict.fastest),
        h("p", {}, verdict.outcome),
        h(
          "p",
          {},
          "The ratio is seen before a single update. Far below 1 the early number hardly counts; far above 1 it drowns the late one.",
        ),
      );
    },
  };
}
