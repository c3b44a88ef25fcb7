// Networks that learn to go on with a machine's signal, beside a linear autoregression.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import { makeRaceBar } from "../lib/training/race_bar";
import { makeTrialPlot, type TrialPlot } from "../lib/training/trial_plot";
import { quote } from "../lib/words/takeaway";
import { aheadOf, everyone, type Frame, isOver, type Scene, tellAhead } from "./state";
import { paintAhead, paintHistory, paintLines } from "./view";

const titled = (title: string, plot: TrialPlot) => h("div", {}, h("h4", {}, title), plot.element);

export default defineWidget("bearing-race", ({ model, root, signal }) => {
  const scene: Scene = model.get("scene");

  const repaint = oncePerFrame(show, signal);
  const race = makeRaceBar<Frame>(model, signal, {
    ...{
      names: scene.nets,
      updates: scene.updates,
      start: "Train both",
      takes: "about ten seconds",
      repaint,
    },
    isOver: (frame) => isOver(scene, frame),
    again: { label: "Begin again", press: (stream) => stream.order("reset"), late: true },
  });
  const lines = makeTrialPlot(root, signal, repaint);
  const ahead = makeTrialPlot(root, signal, repaint);
  const history = makeTrialPlot(root, signal, repaint);
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "What comes next, and next, and next"),
      h(
        "div",
        { class: "rv-controls" },
        makeSaveMenu({ name: "bearing-race", root, table: tabulate, code: writeCode }),
      ),
    ),
    race.element,
    h(
      "ul",
      { class: "rv-legend" },
      h("li", {}, swatch("--rv-line-2"), "the machine"),
      ...everyone(scene).map((name, index) =>
        h("li", {}, swatch(curveProperty(index), curveDash(index)), name),
      ),
    ),
    race.problem,
    titled("Left alone: each reads its own output", lines),
    h(
      "div",
      { class: "rv-bearing-plots" },
      titled("Error, piece by piece", ahead),
      titled("Error one piece ahead", history),
    ),
  );

  function show(): void {
    const frame = race.frame();
    race.show();
    const [first, second, third] = [lines.clear(), ahead.clear(), history.clear()];
    if (first) paintLines(first, root, scene, frame);
    if (second) paintAhead(second, root, scene, frame);
    if (third) paintHistory(third, root, scene, frame);
    const said = tellAhead(aheadOf(scene, frame));
    lines.tell(`The machine's signal, and what each goes on with. ${said}.`);
    ahead.tell(`Mean squared error against pieces ahead. ${said}.`);
    history.tell(
      `Error one piece ahead against updates. ${scene.nets
        .map((name) => `${name}: ${frame[name].history.at(-1)?.toPrecision(2)}`)
        .join("; ")}.`,
    );
  }

  function tabulate(): string {
    const rows = ["model,pieces ahead,mean squared error"];
    for (const { name, values } of aheadOf(scene, race.frame()))
      values.forEach((value, k) => {
        rows.push([quote(name), k + 1, value].join(","));
      });
    return `${rows.join("\n")}\n`;
  }

  function writeCode(): string {
    return [
      "from rnnviz.data import cut_pieces, windows",
      "from rnnviz.experiments.bearing import learn, make_parts",
      "from rnnviz.models import StackForecaster",
      "",
      "known, validation, test = make_parts()",
      "unseen = windows(cut_pieces(test), 25, 20)",
      "for rate in (0.003, 0.0001):",
      "    model = StackForecaster(100, [100, 100], hidden=100)",
      `    learn(model, known, rate, updates=${scene.updates})`,
      "    squared = (model.forecast(unseen.inputs, 20) - unseen.future).square()",
      "    print(rate, squared.mean((1, 2)))",
      "",
    ].join("\n");
  }

  onTheme(signal, repaint);
  show();
});
