// The card of a race: what is raced on, the series with its forecasts, errors while learning, and who leads.
import type { AnyModel } from "@anywidget/types";
import { makeSaveMenu } from "../lib/controls/save_menu";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { makeHistoryBar } from "../lib/training/history_bar";
import type { Pace } from "../lib/training/pace";
import { makeStartButton } from "../lib/training/start_button";
import { sayForBox, tellRace, writeForecast, writeRace } from "./forecast";
import { heightOf } from "./forecast_plot";
import { LOSS_HEIGHT, makeLossPlot } from "./loss_plot";
import type { RaceSettings } from "./race_settings";
import { makeRaceTable } from "./race_table";
import { makeSeriesPlot } from "./series_plot";
import type { RaceState } from "./state";
import { type FileWish, makeUpload } from "./upload";

export type Order = "start" | "pause" | "step" | "reset";

interface Parts {
  model: AnyModel;
  root: HTMLElement;
  signal: AbortSignal;
  state: RaceState;
  pace: Pace;
  settings: RaceSettings;
  act(order: Order): void;
  /** The forecasts are to start at this step. */
  go(step: number): void;
  look(moment: number | null): void;
  upload(wish: FileWish, content: ArrayBuffer): void;
}

export interface RaceView {
  repaint(): void;
  /** Writes the scene into the card. */
  showScene(): void;
  showTraining(): void;
  /** Shows what went wrong; null when all is well. */
  say(message: string | null): void;
  /** Python has read the reader's file, or refused it. */
  fileDone(): void;
  /** Says how the race stands, at the latest after so many milliseconds. */
  tellSoon(wait: number): void;
}

export function makeView(parts: Parts): RaceView {
  const { root, signal, state, pace, settings, act } = parts;
  const title = h("h3");
  const notes = h("p", { class: "rv-note" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const startButton = makeStartButton((running) => act(running ? "pause" : "start"), { start: "Start" });
  const stepButton = h("button", { type: "button", onclick: () => act("step") }, "Step");
  const resetButton = h("button", { type: "button", onclick: () => act("reset") }, "Reset");
  const status = h("span", { class: "rv-note rv-status" });
  const story = h("p", { class: "rv-caption", "aria-live": "polite" });
  const lossPlot = makeLossPlot(root, (step) => parts.look(state.frames.indexAt(step)));
  const table = makeRaceTable(state.choice.hidden, () => repaint());
  const history = makeHistoryBar(parts.look);
  const plot = makeSeriesPlot(root, state, {
    go: parts.go,
    toggle: () => act(state.training === "running" ? "pause" : "start"),
    repaint: () => repaint(),
  });
  const sight = makeSightControls(state, () => repaint());
  const say = (message: string | null) => {
    problem.hidden = !message;
    problem.textContent = message ?? "";
  };
  const saveMenu = makeSaveMenu({
    name: () => `forecast-${state.scene.name.replace(/[^\w-]+/g, "-").replace(/^-|-$/g, "") || "series"}`,
    root,
    table: () => writeForecast(state.scene, state.truth, state.shown!),
    code: () => writeRace(state.scene, state.shown!),
  });
  const upload = makeUpload(parts.model, root, signal, parts.upload, say);
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h("div", { class: "rv-controls" }, ...settings.pickers, upload.element, saveMenu),
    ),
    h("div", { class: "rv-controls rv-running" }, startButton.element, stepButton, resetButton, status),
    upload.status,
    problem,
    plot.element,
    h("div", { class: "rv-under" }, makeLegend(), sight.element),
    settings.sliders,
    layResults(lossPlot.element, table.element),
    history.element,
    story,
    notes,
  );

  let [width, lossWidth] = [0, 0];
  const repaint = oncePerFrame(() => {
    if (width === 0) return;
    const { shown, scene, losses, looking } = state;
    plot.paint(width);
    const rivals = state.frames.items.at(-1)?.baselines ?? [];
    const at = looking === null ? null : (shown?.step ?? 0);
    if (lossWidth) lossPlot.paint(lossWidth, { ...state.choice, scene, items: losses.items, rivals, at });
    if (shown) table.show(scene, shown);
    showStatus();
    history.show(state.frames.items.length, looking, shown?.step);
  }, signal);
  const showStatus = () => {
    status.textContent = state.status(pace.speed());
  };
  onWidth(plot.element, signal, (now) => {
    if (width === 0 && now < 600) sight.narrow(); // a whole series is too dense for a phone
    width = now;
    plot.element.style.height = `${heightOf(width)}px`;
    repaint();
  });
  onWidth(lossPlot.element, signal, (now) => {
    lossWidth = now;
    lossPlot.element.style.height = `${LOSS_HEIGHT}px`;
    repaint();
  });
  onTheme(signal, repaint);

  return {
    repaint,
    say,
    fileDone: upload.done,
    tellSoon: sayInTime(signal, () => {
      if (!state.shown) return;
      const text = tellRace(state.scene, state.shown);
      if (story.textContent !== text) story.textContent = text;
      lossPlot.element.setAttribute("aria-label", `Curves of the squared error while learning. ${text}`);
    }),
    showScene() {
      const { scene } = state;
      title.textContent = `Forecasting ${scene.name}`;
      notes.textContent = [sayForBox(scene.notes.join(" ")), scene.source && `Source: ${scene.source}.`]
        .filter(Boolean)
        .join(" ");
      settings.show(scene);
      table.clear();
    },
    showTraining() {
      startButton.show(state.training);
      stepButton.disabled = state.training === "running" || startButton.element.disabled;
      showStatus();
    },
  };
}

const makeLegend = (): HTMLElement =>
  h(
    "ul",
    { class: "rv-legend" },
    h("li", {}, swatch("--rv-ink-2"), "truth"),
    h("li", {}, h("i", { class: "rv-window-swatch" }), "window it sees"),
    h("li", {}, "thin: one step ahead; thick: forecast from there"),
  );

const layResults = (losses: HTMLElement, table: HTMLElement): HTMLElement =>
  h(
    "div",
    { class: "rv-results" },
    h(
      "div",
      {},
      h("h4", {}, "Squared error, one step ahead"),
      h(
        "p",
        { class: "rv-note" },
        "thin: on the training part; thick: on the validation part. 1 is the spread of the training part, squared.",
      ),
      losses,
    ),
    h("div", {}, h("h4", {}, "The race, on the validation part"), table),
  );

/** What is shown of the series: which part of it, and whether the baselines' forecasts. */
function makeSightControls(state: RaceState, changed: () => void) {
  const part = h(
    "select",
    { "aria-label": "Part of the series shown" },
    h("option", { value: "whole" }, "whole series"),
    h("option", { value: "near" }, "around the forecast"),
  );
  const baselines = h("input", { type: "checkbox", checked: true });
  part.addEventListener("change", () => {
    state.near = part.value === "near";
    changed();
  });
  baselines.addEventListener("change", () => {
    state.choice.baselines = baselines.checked;
    changed();
  });
  return {
    element: h(
      "div",
      { class: "rv-controls" },
      h("label", { class: "rv-field" }, baselines, "baselines"),
      part,
    ),
    narrow() {
      state.near = true;
      part.value = "near";
    },
  };
}

/** Speaks at the latest after a wait; one that is already shorter stands. */
function sayInTime(signal: AbortSignal, speak: () => void): (wait: number) => void {
  let telling = 0;
  let dueAt = Infinity;
  signal.addEventListener("abort", () => clearTimeout(telling));
  return (wait) => {
    const due = performance.now() + wait;
    if (telling && dueAt <= due) return;
    clearTimeout(telling);
    dueAt = due;
    telling = window.setTimeout(() => {
      telling = 0;
      dueAt = Infinity;
      speak();
    }, wait);
  };
}
