// Recall against distance: several cells learn the same stories, and what several seeds gave is laid beside it.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import { makeRaceBar } from "../lib/training/race_bar";
import { makeTrialPlot } from "../lib/training/trial_plot";
import { plural } from "../lib/words/format";
import { quote } from "../lib/words/takeaway";
import type { Frame, Scene } from "./state";
import { curvesOf, isOver, tellCurves } from "./state";
import { paintGrowth, paintRecall } from "./view";

export default defineWidget("recall-race", ({ model, root, signal }) => {
  const scene: Scene = model.get("scene");
  let stored = false;
  const hidden = new Set<string>();

  const repaint = oncePerFrame(show, signal);
  const race = makeRaceBar<Frame>(model, signal, {
    ...{
      names: scene.cells,
      updates: scene.updates,
      start: "Train all",
      takes: "about half a minute",
      repaint,
    },
    isOver: (frame) => isOver(scene, frame),
    again: { label: "Other weights", press: (stream) => stream.send({ kind: "again" }) },
  });
  const [mine, kept] = [
    ["This training", false],
    [`Stored: ${plural(scene.stored.seeds, "seed")}, ${scene.stored.updates} updates`, true],
  ].map(([label, which]) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => {
          stored = which as boolean;
          repaint();
        },
      },
      label as string,
    ),
  );
  const recall = makeTrialPlot(root, signal, repaint);
  const growth = makeTrialPlot(root, signal, repaint);
  const grown = h("div", {}, h("h4", {}, "Recall over the distances learned from"), growth.element);
  const plots = h(
    "div",
    { class: "rv-recall-plots" },
    h("div", {}, h("h4", {}, "Recall against distance"), recall.element),
    grown,
  );
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "“I grew up in France … I speak fluent ___”"),
      h(
        "div",
        { class: "rv-controls" },
        mine,
        kept,
        makeSaveMenu({ name: "recall", root, table: tabulate, code: writeCode }),
      ),
    ),
    race.element,
    h(
      "div",
      { class: "rv-racers", role: "group", "aria-label": "Cells shown" },
      ...scene.cells.map((name, index) => {
        const box = h("input", {
          type: "checkbox",
          checked: true,
          onchange: () => {
            if (box.checked) hidden.delete(name);
            else hidden.add(name);
            repaint();
          },
        });
        return h("label", {}, box, swatch(curveProperty(index), curveDash(index)), name);
      }),
    ),
    race.problem,
    plots,
  );

  function show(): void {
    const frame = race.frame();
    race.show();
    mine.setAttribute("aria-pressed", String(!stored));
    kept.setAttribute("aria-pressed", String(stored));
    grown.hidden = stored;
    plots.classList.toggle("rv-alone", stored);
    const curves = curvesOf(scene, frame, stored, hidden);
    const sheet = recall.clear();
    if (sheet) paintRecall(sheet, root, scene, curves);
    recall.tell(`Share of right answers against distance. ${tellCurves(curves)}.`);
    const other = stored ? null : growth.clear();
    if (other) paintGrowth(other, root, scene, frame, hidden);
    growth.tell(
      `Share of right answers over the distances learned from, against updates. ${scene.cells
        .map((name) => `${name}: ${frame[name].history.at(-1)?.toFixed(2)}`)
        .join("; ")}.`,
    );
  }

  function tabulate(): string {
    const lines = ["cell,distance,share,seeds"];
    for (const { name, points, seeds } of curvesOf(scene, race.frame(), stored, new Set()))
      points.forEach(([distance, share], k) => {
        lines.push([quote(name), distance, share, seeds.map((one) => one[k][1]).join(" ")].join(","));
      });
    return `${lines.join("\n")}\n`;
  }

  function writeCode(): string {
    return [
      "from rnnviz.data import Recall",
      "from rnnviz.models import StoryReader, measure_recall, recall_loss",
      "from rnnviz.models.recall import draw_checks",
      "from rnnviz.training import train",
      "",
      `for cell in ${JSON.stringify(scene.cells.filter((name) => !hidden.has(name)))}:`,
      "    reader = StoryReader(cell, units=32, seed=0)",
      `    task = Recall(range(${scene.learned[0]}, ${scene.learned[1] + 1}))`,
      `    for step in train(reader, task, loss=recall_loss, learning_rate=0.01, clip_norm=1.0, steps=${scene.updates}):`,
      "        pass",
      `    print(cell, measure_recall(reader, draw_checks([${scene.distances.join(", ")}], 64)))`,
      "",
    ].join("\n");
  }

  onTheme(signal, repaint);
  show();
});
