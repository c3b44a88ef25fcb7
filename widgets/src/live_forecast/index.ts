// Models that learn to continue a series, redrawn while they do: truth, one-step predictions, forecasts, errors.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { fitRange, fromX } from "../lib/draw/plot";
import { swatch } from "../lib/draw/swatch";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { askInTurn } from "../lib/page/requests";
import { connectCursor } from "../lib/page/shared_cursor";
import { connectStream } from "../lib/page/stream";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { copyFloats } from "../lib/trace/floats";
import { History } from "../lib/training/history";
import { makePace } from "../lib/training/pace";
import { makeStartButton } from "../lib/training/start_button";
import { plural } from "../lib/words/format";
import type { FrameHeader, Scene, Sight } from "./forecast";
import { nameStep, readSight, sayError, sayForBox, tellRace, writeForecast, writeRace } from "./forecast";
import type { Range } from "./forecast_plot";
import { frameOf, growRoom, heightOf, paintForecast, spanAround, visibleModels } from "./forecast_plot";
import type { Losses } from "./loss_plot";
import { LOSS_HEIGHT, makeLossPlot } from "./loss_plot";
import { makeRateSlider, makeStepsSlider } from "./race_settings";
import { makeRaceTable } from "./race_table";
import { makeUpload } from "./upload";

/** Frames kept for scrubbing back take at most this much of the page's memory. */
const MEMORY = 24_000_000;
const MOST_FRAMES = 240;
const MOST_LOSSES = 1200;
/** The summary is spoken: rarely while the models learn, at once when they rest. */
const QUIET = 5000;

export default defineWidget("live-forecast", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  let scene: Scene = model.get("scene");
  let truth = copyFloats(model.get("truth"));
  let frames = new History<Sight>(MOST_FRAMES);
  const losses = new History<Losses>(MOST_LOSSES);
  /** The frame shown; null for the latest. */
  let looking: number | null = null;
  let state = "ready";
  let room: Range = [0, 1];
  let near = false;
  const choice = { hidden: new Set<string>(), baselines: true };
  let early: { header: FrameHeader; lines: Float32Array } | null = null;
  const pace = makePace();

  // ---- the card
  const title = h("h3");
  const notes = h("p", { class: "rv-note" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const startButton = makeStartButton((running) => act(running ? "pause" : "start"), { start: "Start" });
  const stepButton = h("button", { type: "button", onclick: () => act("step") }, "Step");
  const resetButton = h("button", { type: "button", onclick: () => act("reset") }, "Reset");
  const status = h("span", { class: "rv-note rv-status" });
  const seriesPicker = h("select", { "aria-label": "Series" });
  const targetPicker = h("select", { "aria-label": "Column shown" });
  const canvas = h("canvas", { "aria-hidden": "true" });
  const plot = h(
    "div",
    {
      class: "rv-plot rv-series",
      tabindex: 0,
      role: "slider",
      "aria-label": "Where the forecast starts",
      "aria-orientation": "horizontal",
    },
    canvas,
  );
  const viewPicker = h(
    "select",
    { "aria-label": "Part of the series shown" },
    h("option", { value: "whole" }, "whole series"),
    h("option", { value: "near" }, "around the forecast"),
  );
  const baselineBox = h("input", { type: "checkbox", checked: true });
  const lossPlot = makeLossPlot(root, (step) => lookAt(frames.indexAt(step)));
  const table = makeRaceTable(choice.hidden, () => repaint());
  const scrubber = h("input", {
    type: "range",
    min: 0,
    max: 0,
    value: 0,
    "aria-label": "Look back through the training",
  });
  const scrubbed = h("span", { class: "rv-where" });
  const latestButton = h("button", { type: "button", onclick: () => lookAt(null) }, "Latest");
  const story = h("p", { class: "rv-caption", "aria-live": "polite" });
  const tooltip = makeTooltip(root);

  const asks = askInTurn(model, signal, tell);
  const wanted = {
    window: scene.window,
    horizon: scene.horizon,
    learning_rate: scene.learning_rate,
    target: scene.target,
  };
  let origin: number | null = null;
  const ask = () => asks.ask({ ...wanted, ...(origin === null ? {} : { origin }) });

  const windowField = makeStepsSlider("window", (steps) => (wanted.window = steps), ask);
  // A horizon is a matter of milliseconds; a window means new models, so the slider is let go first.
  const slideHorizon = (steps: number) => {
    wanted.horizon = steps;
    ask();
  };
  const horizonField = makeStepsSlider("horizon", slideHorizon, ask);
  const rateField = makeRateSlider(scene.learning_rate, (rate) => {
    wanted.learning_rate = rate;
    ask();
  });
  const upload = makeUpload(
    model,
    root,
    signal,
    (wish, content) => {
      say(null);
      stream.send({ kind: "file", ...wish }, [content]);
    },
    say,
  );
  const saveMenu = makeSaveMenu({
    name: () => `forecast-${scene.name.replace(/[^\w-]+/g, "-").replace(/^-|-$/g, "") || "series"}`,
    root,
    table: () => writeForecast(scene, truth, shown()!),
    code: () => writeRace(scene, shown()!),
  });

  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h("div", { class: "rv-controls" }, targetPicker, seriesPicker, upload.element, saveMenu),
    ),
    h("div", { class: "rv-controls rv-running" }, startButton.element, stepButton, resetButton, status),
    upload.status,
    problem,
    plot,
    h(
      "div",
      { class: "rv-under" },
      h(
        "ul",
        { class: "rv-legend" },
        h("li", {}, swatch("--rv-ink-2"), "truth"),
        h("li", {}, h("i", { class: "rv-window-swatch" }), "window it sees"),
        h("li", {}, "thin: one step ahead; thick: forecast from there"),
      ),
      h(
        "div",
        { class: "rv-controls" },
        h("label", { class: "rv-field" }, baselineBox, "baselines"),
        viewPicker,
      ),
    ),
    h(
      "div",
      { class: "rv-settings", role: "group", "aria-label": "Settings" },
      windowField.element,
      horizonField.element,
      rateField.element,
    ),
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
        lossPlot.element,
      ),
      h("div", {}, h("h4", {}, "The race, on the validation part"), table.element),
    ),
    h(
      "div",
      { class: "rv-transport", role: "group", "aria-label": "Training so far" },
      h("span", { class: "rv-note" }, "training so far"),
      scrubber,
      scrubbed,
      latestButton,
    ),
    story,
    notes,
  );

  // ---- messages
  function say(message: string | null): void {
    problem.hidden = !message;
    problem.textContent = message ?? "";
  }

  /** What Python says; what it refused is taken back. */
  function tell(message: string | null): void {
    if (message) upload.done();
    say(message && sayForBox(message));
    if (message) showScene();
  }

  /** A frame, perhaps of models whose series and settings are still on their way. */
  function takeFrame(header: FrameHeader, lines: Float32Array): void {
    const sight = readSight(header, lines, scene);
    if (!sight) {
      if (header.version > scene.version) early = { header, lines };
      return;
    }
    frames.add(sight);
    const before = losses.items.at(-1);
    if (!before || sight.step < before.step) {
      losses.clear();
      looking = null;
      fitRoom();
    }
    losses.add({ step: sight.step, models: sight.models });
    const forecasts = scene.models.map((name) => sight.forecast.get(name) ?? []);
    room = growRoom(room, truth, forecasts);
    pace.note(sight.step);
    repaint();
    if (state !== "running") tellSoon(0);
    else tellSoon(QUIET);
  }

  /** Another series or other settings: everything before belongs to another race. */
  function takeScene(): void {
    const next: Scene = model.get("scene");
    if (next.version === scene.version) return;
    // A new horizon leaves what was learned as it is.
    if (next.name !== scene.name || next.window !== scene.window || next.target !== scene.target)
      losses.clear();
    const sameSeries = next.name === scene.name && next.steps === scene.steps && next.target === scene.target;
    scene = next;
    truth = copyFloats(model.get("truth"));
    frames = new History(Math.max(12, Math.min(MOST_FRAMES, Math.floor(MEMORY / bytesAFrame()))));
    looking = null;
    if (!sameSeries) origin = null;
    say(null);
    upload.done();
    showScene();
    fitRoom();
    const { header, lines } = early ?? {
      header: model.get("frame") as FrameHeader,
      lines: copyFloats(model.get("lines")),
    };
    early = null;
    takeFrame(header, lines);
    repaint();
  }

  const bytesAFrame = () => 4 * (scene.models.length * (scene.steps + scene.horizon) + 4 * scene.horizon);

  function setState(next: string): void {
    state = next;
    startButton.show(state);
    stepButton.disabled = state === "running" || startButton.element.disabled;
    pace.restart();
    showStatus();
    if (state !== "running") tellSoon(0);
  }

  function act(name: "start" | "pause" | "step" | "reset"): void {
    if (name !== "pause") looking = null;
    if (name === "reset") say(null);
    stream.order(name);
    repaint();
  }

  // ---- what is shown
  const shown = (): Sight | undefined => frames.items[looking ?? frames.items.length - 1];
  const originShown = (): number => {
    const sight = shown();
    if (looking !== null && sight) return sight.origin;
    return origin ?? sight?.origin ?? scene.origin;
  };
  function fitRoom(): void {
    room = fitRange(truth, false);
  }

  const span = (): Range => spanAround(scene, originShown(), near);
  let [width, lossWidth] = [0, 0];

  // ---- painting, at most once a frame
  const repaint = oncePerFrame(() => {
    if (width === 0) return;
    const sight = shown();
    const view = { ...choice, scene, truth, sight, origin: originShown(), span: span(), room };
    paintForecast(root, canvas, width, view);
    const rivals = frames.items.at(-1)?.baselines ?? [];
    const at = looking === null ? null : (sight?.step ?? 0);
    if (lossWidth) lossPlot.paint(lossWidth, { ...choice, scene, items: losses.items, rivals, at });
    if (sight) table.show(scene, sight);
    showStatus();
    showScrubber();
    const { origin } = view;
    plot.setAttribute("aria-valuemin", String(scene.window - 1));
    plot.setAttribute("aria-valuemax", String(scene.steps - 1));
    plot.setAttribute("aria-valuenow", String(origin));
    plot.setAttribute("aria-valuetext", `${nameStep(scene, origin)}, ${sayError(truth[origin], scene.unit)}`);
  }, signal);

  function showStatus(): void {
    const step = frames.items.at(-1)?.step ?? 0;
    const said = {
      running: "learning",
      ready: "not trained yet",
      paused: "paused",
      failed: "stopped by an error",
      stopped: "stopped",
    }[state];
    const speed = state === "running" && pace.speed() > 0 ? `, ${Math.round(pace.speed())} a second` : "";
    status.textContent = `${said ?? state}: ${plural(step, "update")}${speed}`;
  }

  function showScrubber(): void {
    const count = frames.items.length;
    scrubber.max = String(Math.max(0, count - 1));
    scrubber.disabled = count < 2;
    scrubber.value = String(looking ?? count - 1);
    latestButton.disabled = looking === null;
    const sight = shown();
    scrubbed.textContent = sight ? `after ${plural(sight.step, "update")}` : "";
    scrubber.setAttribute("aria-valuetext", scrubbed.textContent);
  }

  function lookAt(index: number | null): void {
    looking = index !== null && index >= frames.items.length - 1 ? null : index;
    repaint();
    tellSoon(400);
  }

  let telling = 0;
  let dueAt = Infinity;
  function tellSoon(wait: number): void {
    const due = performance.now() + wait;
    // A wait that is already shorter stands.
    if (telling && dueAt <= due) return;
    clearTimeout(telling);
    dueAt = due;
    telling = window.setTimeout(() => {
      telling = 0;
      dueAt = Infinity;
      const sight = shown();
      if (!sight) return;
      const text = tellRace(scene, sight);
      if (story.textContent !== text) story.textContent = text;
      lossPlot.element.setAttribute("aria-label", `Curves of the squared error while learning. ${text}`);
    }, wait);
  }

  /** Writes the scene into the controls; also takes back what Python refused. */
  function showScene(): void {
    Object.assign(wanted, { window: scene.window, horizon: scene.horizon, target: scene.target });
    title.textContent = `Forecasting ${scene.name}`;
    notes.textContent = [sayForBox(scene.notes.join(" ")), scene.source && `Source: ${scene.source}.`]
      .filter(Boolean)
      .join(" ");
    seriesPicker.replaceChildren(...scene.choices.map((name) => h("option", { value: name }, name)));
    seriesPicker.value = scene.name;
    targetPicker.replaceChildren(...scene.features.map((name) => h("option", { value: name }, name)));
    targetPicker.value = scene.target;
    targetPicker.hidden = scene.features.length < 2;
    windowField.bound(2, scene.longest_window);
    windowField.show(scene.window);
    horizonField.bound(1, scene.longest_horizon);
    horizonField.show(scene.horizon);
    table.clear();
  }

  // ---- controls
  seriesPicker.addEventListener("change", () => {
    say(null);
    stream.send({ kind: "series", name: seriesPicker.value });
  });
  targetPicker.addEventListener("change", () => {
    wanted.target = targetPicker.value;
    ask();
  });
  viewPicker.addEventListener("change", () => {
    near = viewPicker.value === "near";
    repaint();
  });
  baselineBox.addEventListener("change", () => {
    choice.baselines = baselineBox.checked;
    repaint();
  });
  scrubber.addEventListener("input", () => lookAt(Number(scrubber.value)));
  // ---- where the forecast starts
  const clamp = (step: number) => Math.max(scene.window - 1, Math.min(scene.steps - 1, Math.round(step)));
  const stepUnder = (event: PointerEvent) => {
    const pixel = event.clientX - plot.getBoundingClientRect().left;
    return Math.round(fromX(pixel, { range: held ?? span(), log: false }, frameOf(width, heightOf(width))));
  };
  /** The part shown when a drag began: it must not run away under the pointer. */
  let held: Range | null = null;
  const go = (step: number) => cursor.move({ step: clamp(step) });
  plot.addEventListener("pointerdown", (event) => {
    plot.setPointerCapture(event.pointerId);
    held = span();
    go(stepUnder(event));
  });
  plot.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) go(stepUnder(event));
    const step = Math.max(0, Math.min(scene.steps - 1, stepUnder(event)));
    const sight = shown();
    const predicted = sight
      ? visibleModels(sight, choice)
          .map(({ name }) => [name, sight.oneStep.get(name)![step]] as const)
          .filter(([, value]) => !Number.isNaN(value))
          .map(([name, value]) => `; ${name} ${sayError(value)}`)
      : [];
    tooltip.show(
      `${nameStep(scene, step)}: ${sayError(truth[step], scene.unit)}${predicted.join("")}`,
      event.clientX,
      event.clientY,
    );
  });
  plot.addEventListener("pointerup", () => {
    held = null;
    repaint();
  });
  plot.addEventListener("pointercancel", () => (held = null));
  plot.addEventListener("pointerleave", tooltip.hide);
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = originShown();
    const to = {
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      PageUp: at + scene.horizon,
      PageDown: at - scene.horizon,
      Home: 0,
      End: scene.steps - 1,
    }[event.key];
    if (to !== undefined) go(to);
    else if (event.key === " ") act(state === "running" ? "pause" : "start");
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  cursor.on(() => {
    const step = clamp(cursor.get("step"));
    if (step === originShown() && looking === null) return;
    looking = null;
    origin = step;
    ask();
    repaint();
  });

  // ---- begin
  const sceneChanged = () => takeScene();
  model.on("change:scene", sceneChanged);
  signal.addEventListener("abort", () => {
    model.off("change:scene", sceneChanged);
    clearTimeout(telling);
  });
  frames = new History(Math.max(12, Math.min(MOST_FRAMES, Math.floor(MEMORY / bytesAFrame()))));
  setState("ready");
  showScene();
  fitRoom();
  takeFrame(model.get("frame"), copyFloats(model.get("lines")));
  onWidth(plot, signal, (now) => {
    if (width === 0 && now < 600) near = true; // a whole series is too dense for a phone
    viewPicker.value = near ? "near" : "whole";
    width = now;
    plot.style.height = `${heightOf(width)}px`;
    repaint();
  });
  onWidth(lossPlot.element, signal, (now) => {
    lossWidth = now;
    lossPlot.element.style.height = `${LOSS_HEIGHT}px`;
    repaint();
  });
  onTheme(signal, repaint);
  const stream = connectStream<FrameHeader>(model, signal, {
    frame: (header, buffers) => takeFrame(header, copyFloats(buffers[0])),
    state: setState,
    problem: tell,
  });
});
