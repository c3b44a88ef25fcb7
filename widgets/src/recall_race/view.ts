// The card of the race: the bar that trains, the cells that are shown, and the two plots.
import type { AnyModel } from "@anywidget/types";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { oncePerFrame, onTheme } from "../lib/page/widget";
import { makeRaceBar } from "../lib/training/race_bar";
import { makeTrialPlot } from "../lib/training/trial_plot";
import { paintGrowth, paintRecall } from "./plots";
import { type Frame, isOver, type RecallState, tellCurves } from "./state";

export function makeView(root: HTMLElement, signal: AbortSignal, model: AnyModel, state: RecallState): void {
  const { scene } = state;
  const repaint = oncePerFrame(show, signal);
  const race = makeRaceBar<Frame>(model, signal, {
    names: scene.cells,
    updates: scene.updates,
    start: "Train all",
    takes: "about half a minute",
    repaint,
    isOver: (frame) => isOver(scene, frame),
    again: { label: "Other weights", press: (stream) => stream.send({ kind: "again" }) },
  });
  const source = makeSourceButtons(state, repaint);
  const recall = makeTrialPlot(root, signal, repaint);
  const growth = makeTrialPlot(root, signal, repaint);
  const grown = h("div", {}, h("h4", {}, "Recall over the distances learned from"), growth.element);
  const plots = h(
    "div",
    { class: "rv-recall-plots" },
    h("div", {}, h("h4", {}, "Recall against distance"), recall.element),
    grown,
  );
  const saveMenu = makeSaveMenu({
    name: "recall",
    root,
    table: () => state.tabulate(race.frame()),
    code: () => state.writeCode(),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "“I grew up in France … I speak fluent ___”"),
      h("div", { class: "rv-controls" }, ...source.buttons, saveMenu),
    ),
    race.element,
    makeCellBoxes(state, repaint),
    race.problem,
    plots,
  );

  function show(): void {
    const frame = race.frame();
    race.show();
    source.show();
    grown.hidden = state.stored;
    plots.classList.toggle("rv-alone", state.stored);
    const curves = state.curves(frame);
    const sheet = recall.clear();
    if (sheet) paintRecall(sheet, root, scene, curves);
    recall.tell(`Share of right answers against distance. ${tellCurves(curves)}.`);
    const other = state.stored ? null : growth.clear();
    if (other) paintGrowth(other, root, scene, frame, state.hidden);
    growth.tell(state.tellGrowth(frame));
  }

  onTheme(signal, repaint);
  show();
}

/** Whether this training is shown, or what is stored. */
function makeSourceButtons(state: RecallState, repaint: () => void) {
  const buttons = [false, true].map((stored) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => {
          state.stored = stored;
          repaint();
        },
      },
      state.nameSource(stored),
    ),
  );
  return {
    buttons,
    show() {
      buttons.forEach((button, k) => {
        button.setAttribute("aria-pressed", String(state.stored === (k === 1)));
      });
    },
  };
}

function makeCellBoxes(state: RecallState, repaint: () => void): HTMLElement {
  const labels = state.scene.cells.map((name, index) => {
    const box = h("input", {
      type: "checkbox",
      checked: true,
      onchange: () => {
        state.showCell(name, box.checked);
        repaint();
      },
    });
    return h("label", {}, box, swatch(curveProperty(index), curveDash(index)), name);
  });
  return h("div", { class: "rv-racers", role: "group", "aria-label": "Cells shown" }, ...labels);
}
