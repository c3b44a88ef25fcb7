// The card of the remedies.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSlider } from "../lib/controls/slider";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { oncePerFrame, onTheme } from "../lib/page/widget";
import { makeStartButton } from "../lib/training/start_button";
import { makeTrialPlot } from "../lib/training/trial_plot";
import { paintGradient, paintTrainings } from "./plots";
import type { RemediesState } from "./state";
import { makeSwitchboard } from "./switchboard";
import { tellCosts } from "./switches";
import { makeTable } from "./table";

interface Hand {
  /** Other switches are wanted. */
  ask(): void;
  train(running: boolean): void;
}

export interface RemediesView {
  repaint(): void;
  showSwitches(): void;
  say(problem: string | null): void;
  tell(): void;
}

export function makeView(
  root: HTMLElement,
  signal: AbortSignal,
  state: RemediesState,
  hand: Hand,
): RemediesView {
  const switchboard = makeSwitchboard(state, (change) => {
    state.choose(change);
    showSwitches();
    hand.ask();
  });
  const steps = makeSlider({
    label: "steps T",
    ...{ low: 10, high: state.scene.most_steps, step: 1, value: state.switches.steps },
    choose(count) {
      state.choose({ steps: count });
      hand.ask();
    },
  });
  const train = makeStartButton(hand.train, { pause: "Stop" });
  const none = h("button", { type: "button" }, "No remedy");
  none.addEventListener("click", () => {
    state.choosePlain();
    showSwitches();
    hand.ask();
  });
  const status = h("span", { class: "rv-note rv-status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const gradientPlot = makeTrialPlot(root, signal, () => repaint());
  const errorPlot = makeTrialPlot(root, signal, () => repaint());
  const table = makeTable(state);
  const story = h("p", { class: "rv-caption", "aria-live": "polite" });
  const costs = h("ul", { class: "rv-remedy-costs" });
  const saveMenu = makeSaveMenu({
    name: "remedies",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Remedies, one switch each"),
      h("div", { class: "rv-controls" }, saveMenu),
    ),
    switchboard.element,
    h("div", { class: "rv-controls rv-running" }, train.element, none, steps.element, status),
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
    table.element,
    story,
    costs,
  );

  function showSwitches(): void {
    switchboard.show();
    steps.show(state.switches.steps);
  }
  const repaint = oncePerFrame(() => {
    train.show(state.training, false); // each training is a new one, whatever became of the last
    none.disabled = state.isPlain;
    status.textContent = state.status;
    paintGradient(gradientPlot, root, state);
    paintTrainings(errorPlot, root, state);
    table.show();
  }, signal);
  onTheme(signal, repaint);

  return {
    repaint,
    showSwitches,
    say(message) {
      problem.hidden = !message;
      problem.textContent = message ?? "";
    },
    tell() {
      const [said, learned] = [state.tellGradient(), state.tellTraining()];
      gradientPlot.tell(said);
      errorPlot.tell(`Squared error against updates, logarithmic.${learned || " Nothing is trained yet."}`);
      if (story.textContent !== said + learned) story.textContent = said + learned;
      costs.replaceChildren(...tellCosts(state.switches).map((text) => h("li", {}, text)));
    },
  };
}
