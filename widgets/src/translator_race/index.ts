// Translators that learn the same pairs side by side, with right words given in training or with their own.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import { makeRaceBar } from "../lib/training/race_bar";
import { makeTrialPlot } from "../lib/training/trial_plot";
import { makeSaid } from "./said";
import { tabulate, writeCode } from "./saved";
import { type Frame, isOver, percent, type Scene, tellRace, tellShare } from "./state";
import { paintRace } from "./view";

export default defineWidget("translator-race", ({ model, root, signal }) => {
  const scene: Scene = model.get("scene");
  let share = model.get("teacher_forcing") as number;

  const repaint = oncePerFrame(show, signal);
  const race = makeRaceBar<Frame>(model, signal, {
    ...{
      names: scene.translators,
      updates: scene.updates,
      start: "Train all",
      takes: "less than twenty seconds",
      repaint,
    },
    isOver: (frame) => isOver(scene, frame),
    again: { label: "Begin again", press: teach, late: true },
  });
  const slider = h("input", { type: "range", min: 0, max: 4, step: 1, "aria-label": "Right word given" });
  const told = h("span", {});
  slider.addEventListener("input", () => {
    told.textContent = tellShare(Number(slider.value) / 4);
    slider.setAttribute("aria-valuetext", told.textContent);
  });
  slider.addEventListener("change", () => {
    share = Number(slider.value) / 4;
    model.send({ kind: "teach", share });
  });
  const changed = () => {
    share = model.get("teacher_forcing");
    place();
  };
  model.on("change:teacher_forcing", changed);
  signal.addEventListener("abort", () => model.off("change:teacher_forcing", changed));

  const plot = makeTrialPlot(root, signal, repaint);
  const scores = scene.translators.map(() => h("span", {}));
  const said = makeSaid(scene);
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, `${scene.learned} pairs to learn from, ${scene.tested} sentences that none has seen`),
      h(
        "div",
        { class: "rv-controls" },
        makeSaveMenu({
          name: "translator-race",
          root,
          table: () => tabulate(scene, race.frame()),
          code: () => writeCode(scene, share),
        }),
      ),
    ),
    h("div", { class: "rv-controls" }, h("label", {}, "In training the right word is given ", slider), told),
    race.element,
    h(
      "ul",
      { class: "rv-legend" },
      ...scene.translators.map((name, index) =>
        h("li", {}, swatch(curveProperty(index), curveDash(index)), `${name}: `, scores[index]),
      ),
    ),
    race.problem,
    plot.element,
    ...said.elements,
  );

  function teach(): void {
    model.send({ kind: "teach", share });
  }

  function place(): void {
    slider.value = String(Math.round(share * 4));
    told.textContent = tellShare(share);
    slider.setAttribute("aria-valuetext", told.textContent);
  }

  function show(): void {
    const frame = race.frame();
    race.show();
    const sheet = plot.clear();
    if (sheet) paintRace(sheet, root, scene, frame);
    plot.tell(tellRace(scene, frame));
    for (const [index, name] of scene.translators.entries()) {
      const { exact } = frame[name];
      scores[index].textContent = percent(exact[exact.length - 1]);
    }
    said.show(frame);
  }

  place();
  onTheme(signal, repaint);
  show();
});
