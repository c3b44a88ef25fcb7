// Networks that learn one task side by side, measured against updates and against the time that they take.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import { makeRaceBar } from "../lib/training/race_bar";
import { makeTrialPlot, type TrialPlot } from "../lib/training/trial_plot";
import { type Frame, isOver, type Scene, tabulate, tellRuns } from "./state";
import { paintTimes, paintUpdates } from "./view";

const titled = (title: string, plot: TrialPlot) => h("div", {}, h("h4", {}, title), plot.element);

export default defineWidget("learning-race", ({ model, root, signal }) => {
  const scene: Scene = model.get("scene");
  const repaint = oncePerFrame(show, signal);
  const race = makeRaceBar<Frame>(model, signal, {
    ...{ names: scene.nets, updates: scene.updates, start: "Train all", takes: scene.takes, repaint },
    isOver: (frame) => isOver(scene, frame),
    again: { label: "Begin again", press: (stream) => stream.order("reset"), late: true },
  });
  const updates = makeTrialPlot(root, signal, repaint);
  const times = makeTrialPlot(root, signal, repaint);
  const code = [
    `from ${scene.module} import ${scene.made}`,
    "",
    `race = ${scene.made}(updates=${scene.updates})`,
    "race.run()",
    "for name, run in race.frame().items():",
    '    print(f"{name}: {run.history[-1]:.4f} after {run.seconds:.2f} s")',
    "",
  ].join("\n");
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, scene.title),
      h(
        "div",
        { class: "rv-controls" },
        makeSaveMenu({
          name: "learning-race",
          root,
          table: () => tabulate(scene, race.frame()),
          code: () => code,
        }),
      ),
    ),
    race.element,
    h(
      "ul",
      { class: "rv-legend" },
      ...scene.nets.map((name, index) => h("li", {}, swatch(curveProperty(index), curveDash(index)), name)),
    ),
    race.problem,
    h(
      "div",
      { class: "rv-learning-plots" },
      titled("Against updates", updates),
      titled("Against time", times),
    ),
  );

  function show(): void {
    const frame = race.frame();
    race.show();
    const [left, right] = [updates.clear(), times.clear()];
    if (left) paintUpdates(left, root, scene, frame);
    if (right) paintTimes(right, root, scene, frame);
    const said = tellRuns(scene, frame);
    updates.tell(`${scene.score}, against updates. ${said}.`);
    times.tell(`${scene.score}, against seconds of computing. ${said}.`);
  }

  onTheme(signal, repaint);
  show();
});
