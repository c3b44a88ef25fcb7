// A machine that is listened to: a network expects each next piece of its signal, and surprise above a threshold is an
// alarm.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSlider } from "../lib/controls/slider";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import { makeTrialPlot, type Sheet } from "../lib/training/trial_plot";
import { followHand } from "./hand";
import { tabulate, writeCode } from "./saved";
import { judge, readRuns, type Scene, smooth, spanOf, tellVerdict } from "./state";
import { acrossOf, DASH, EXPECTED, HEARD, paintSignal, paintSurprise } from "./view";

export default defineWidget("bearing-watch", ({ model, root, signal }) => {
  const scene: Scene = model.get("scene");
  const runs = readRuns(scene, model.get("signals"), model.get("surprises"));
  const span = spanOf(runs);
  let chosen: number = Math.min(model.get("shown"), runs.length - 1);
  let threshold = Number((10 ** (span[1] - 0.05)).toPrecision(3));
  let cursor = Math.floor(scene.pieces / 4);
  let shown = false;
  let pieces = 1;

  const repaint = oncePerFrame(show, signal);
  const slider = makeSlider({
    label: "threshold",
    ...{ low: 10 ** span[0], high: 10 ** span[1], step: 0.02, value: threshold, log: true },
    choose: (value) => {
      threshold = value;
      repaint();
    },
  });
  const press = (label: string, act: () => void) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => {
          act();
          repaint();
        },
      },
      label,
    );
  const severities = scene.severities.map((severity, run) =>
    press(String(severity), () => {
      chosen = run;
      shown = false;
    }),
  );
  const truth = press("Show the defect", () => {
    shown = !shown;
  });
  const sound = press("Threshold from a sound part", () => {
    threshold = scene.chosen[scene.medians.indexOf(pieces)];
  });
  const together = makeChoice(scene.medians, (many) => {
    pieces = many;
    repaint();
  });
  const walk = makeSlider({
    label: "piece",
    ...{ low: 1, high: scene.pieces - 1, step: 1, value: cursor },
    choose: (value) => {
      cursor = value;
      repaint();
    },
  });
  const surprise = makeTrialPlot(root, signal, repaint);
  const closeUp = makeTrialPlot(root, signal, repaint);
  const said = h("p", { class: "rv-caption", role: "status" });
  const save = makeSaveMenu({
    name: "bearing",
    root,
    table: () => tabulate(scene, smooth(runs[chosen].surprise, pieces), chosen, threshold),
    code: () => writeCode(scene, chosen, pieces, threshold),
  });
  root.append(
    layHead(severities, save),
    h("div", { class: "rv-controls rv-watch-row" }, slider.element, together, sound, truth),
    surprise.element,
    said,
    h("div", { class: "rv-controls rv-watch-row" }, walk.element, makeLegend()),
    closeUp.element,
  );
  surprise.element.classList.add("rv-watch-surprise");
  followHand(surprise.element, signal, {
    sheet: () => sheetNow,
    threshold: () => threshold,
    span,
    seconds: acrossOf(scene).range[1],
    setThreshold(value) {
      threshold = value;
      repaint();
    },
    setMoment(seconds) {
      const piece = Math.floor((seconds * scene.rate) / scene.piece);
      cursor = Math.max(1, Math.min(scene.pieces - 1, piece));
      repaint();
    },
  });

  let sheetNow: Sheet | null = null;
  function show(): void {
    const run = { ...runs[chosen], surprise: smooth(runs[chosen].surprise, pieces) };
    const begins = scene.begins[chosen];
    severities.forEach((button, index) => {
      button.setAttribute("aria-pressed", String(index === chosen));
    });
    truth.setAttribute("aria-pressed", String(shown));
    slider.show(threshold);
    walk.show(cursor);
    const sheet = surprise.clear();
    sheetNow = sheet;
    if (sheet)
      paintSurprise(sheet, root, scene, run, { span, threshold, cursor, begins: shown ? begins : null });
    const verdict = judge(run.surprise, begins, threshold);
    said.textContent = tellVerdict(verdict, scene, begins, shown);
    surprise.tell(`Surprise of each of ${scene.pieces} pieces against time. ${said.textContent}`);
    const other = closeUp.clear();
    if (other) paintSignal(other, root, scene, run, cursor);
    closeUp.tell(
      `The signal about piece ${cursor}, heard and expected; surprise ${runs[chosen].surprise[cursor].toPrecision(2)}.`,
    );
  }

  onTheme(signal, repaint);
  show();
});

const layHead = (severities: HTMLElement[], save: HTMLElement): HTMLElement =>
  h(
    "div",
    { class: "rv-head" },
    h("h3", {}, "Is the bearing sound?"),
    h(
      "div",
      { class: "rv-controls" },
      h("span", { class: "rv-note" }, "defect of size"),
      ...severities,
      save,
    ),
  );

const makeLegend = (): HTMLElement =>
  h(
    "ul",
    { class: "rv-legend" },
    h("li", {}, swatch(HEARD), "heard"),
    h("li", {}, swatch(EXPECTED, DASH), "expected"),
  );

/** Whether each piece is judged alone, or the median of the last few. */
function makeChoice(medians: number[], choose: (many: number) => void): HTMLElement {
  const name = (many: number) => (many === 1 ? "single pieces" : `median of ${many}`);
  const select = h(
    "select",
    { "aria-label": "Judged is", onchange: () => choose(Number(select.value)) },
    ...medians.map((many) => h("option", { value: many }, name(many))),
  );
  return select;
}
