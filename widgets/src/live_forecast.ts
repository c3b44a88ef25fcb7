// Models that learn to continue a series, redrawn while they do: truth, one-step predictions, forecasts, errors.
import { readColour } from "./lib/colours";
import { connectCursor } from "./lib/cursor";
import { h } from "./lib/dom";
import { saveFile } from "./lib/download";
import { copyFloats } from "./lib/floats";
import type { FrameHeader, Numbers, Scene, Sight } from "./lib/forecast";
import { nameStep, rank, readSight, sayError, sayForBox, tellRace, writeForecast } from "./lib/forecast";
import { plural } from "./lib/format";
import { History } from "./lib/history";
import { makePace } from "./lib/pace";
import type { Axis, Frame, Ink, Tick } from "./lib/plot";
import {
  clearCanvas,
  clip,
  dateTicks,
  drawAxes,
  drawCurve,
  fitRange,
  fromX,
  linearTicks,
  logTicks,
  toX,
  toY,
} from "./lib/plot";
import { askInTurn } from "./lib/requests";
import { makeStartButton } from "./lib/start_button";
import { connectStream } from "./lib/stream";
import { curveDash, curveProperty, swatch } from "./lib/swatch";
import { makeTooltip } from "./lib/tooltip";
import { defineWidget, messageOf, oncePerFrame, onTheme, onWidth } from "./lib/widget";

/** Frames kept for scrubbing back take at most this much of the page's memory. */
const MEMORY = 24_000_000;
const MOST_FRAMES = 240;
const MOST_LOSSES = 1200;
/** The summary is spoken: rarely while the models learn, at once when they rest. */
const QUIET = 5000;

interface Losses {
  step: number;
  models: Numbers[];
}

export default defineWidget("live-forecast", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  let scene: Scene = model.get("scene");
  let truth = copyFloats(model.get("truth"));
  let frames = new History<Sight>(MOST_FRAMES);
  const losses = new History<Losses>(MOST_LOSSES);
  /** The frame shown; null for the latest. */
  let looking: number | null = null;
  let state = "ready";
  let room: [number, number] = [0, 1];
  let near = false;
  let showBaselines = true;
  const hidden = new Set<string>();
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
  const lossCanvas = h("canvas", { "aria-hidden": "true" });
  const lossPlot = h("div", { class: "rv-plot rv-losses", role: "img" }, lossCanvas);
  const table = h("table", { class: "rv-race" });
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

  const windowField = makeSlider("window", (value) => plural(value, "step"));
  const horizonField = makeSlider("horizon", (value) => plural(value, "step"));
  const rateField = makeRate();
  const upload = makeUpload();

  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h("div", { class: "rv-controls" }, targetPicker, seriesPicker, upload),
    ),
    h("div", { class: "rv-controls rv-running" }, startButton.element, stepButton, resetButton, status),
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
        lossPlot,
      ),
      h("div", {}, h("h4", {}, "The race, on the validation part"), table),
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
    h(
      "div",
      { class: "rv-controls" },
      h("button", { type: "button", onclick: saveForecast }, "Save forecast as CSV"),
    ),
  );

  // ---- messages
  function say(message: string | null): void {
    problem.hidden = !message;
    problem.textContent = message ?? "";
  }

  /** What Python says; what it refused is taken back. */
  function tell(message: string | null): void {
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
    growRoom(sight);
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
  const colourOf = (name: string) => readColour(root, property(name));
  const property = (name: string) => curveProperty(scene.models.indexOf(name));
  const dashOf = (name: string) => curveDash(scene.models.indexOf(name));
  const visible = (sight: Sight) => sight.models.filter((one) => !hidden.has(one.name));

  function fitRoom(): void {
    room = fitRange(truth, false);
  }

  /** The vertical axis makes room for forecasts at once, up to a point, and takes it back slowly. */
  function growRoom(sight: Sight): void {
    const [low, high] = fitRange(truth, false);
    const most = 0.5 * (high - low);
    let [from, to] = [low, high];
    for (const name of scene.models)
      for (const value of sight.forecast.get(name) ?? []) {
        if (value < from) from = Math.max(value, low - most);
        if (value > to) to = Math.min(value, high + most);
      }
    const slowly = (now: number, then: number) => now + 0.08 * (then - now);
    room = [from < room[0] ? from : slowly(room[0], from), to > room[1] ? to : slowly(room[1], to)];
  }

  // ---- the series
  let width = 0;
  const height = () => (width < 480 ? 240 : 300);
  const margin = { left: 54, right: 14, top: 24, bottom: 30 };
  const frameOf = (w: number, tall: number): Frame => ({
    left: margin.left,
    top: margin.top,
    width: Math.max(10, w - margin.left - margin.right),
    height: tall - margin.top - margin.bottom,
  });
  const ink = (): Ink => ({
    grid: readColour(root, "--rv-line"),
    text: readColour(root, "--rv-ink-2"),
    font: `12.5px ${readColour(root, "--rv-font")}`,
  });

  function span(): [number, number] {
    const at = originShown();
    const last = Math.max(scene.steps - 1, at + scene.horizon);
    if (!near) return [0, last];
    const back = 2 * Math.max(scene.window, scene.horizon);
    return [at - back, at + Math.round(1.3 * scene.horizon) + 2];
  }

  function ticksOf(range: [number, number], wide: number): Tick[] {
    const count = Math.max(2, Math.floor(wide / 80));
    return scene.dates.length ? dateTicks(scene.dates, range, count) : linearTicks(range, count, true);
  }

  function paintSeries(): void {
    const context = clearCanvas(canvas, width, height());
    const box = frameOf(width, height());
    const x: Axis = { range: span(), log: false };
    const y: Axis = { range: room, log: false };
    const { grid, text, font } = ink();
    const sight = shown();
    const at = originShown();
    context.font = font;

    // Which part a step belongs to, and the window that the forecast starts from.
    const ends = [0, ...scene.edges, scene.steps - 0.5];
    const done = clip(context, box);
    ["training", "validation", "test"].forEach((_, part) => {
      if (part === 0) return;
      const [from, to] = [toX(ends[part] - 0.5, x, box), toX(ends[part + 1], x, box)];
      context.fillStyle = readColour(root, part === 1 ? "--rv-note-bg" : "--rv-surface");
      context.fillRect(from, box.top, to - from, box.height);
    });
    const [seen, now] = [toX(at - scene.window + 1 - 0.5, x, box), toX(at, x, box)];
    context.globalAlpha = 0.16;
    context.fillStyle = readColour(root, "--rv-accent");
    context.fillRect(seen, box.top, now - seen, box.height);
    context.globalAlpha = 1;
    done();
    drawAxes(
      context,
      box,
      { x, y, xTicks: ticksOf(x.range, box.width), yTicks: linearTicks(y.range, 5) },
      { grid, text, font },
    );
    context.fillStyle = text;
    context.textBaseline = "bottom";
    context.textAlign = "left";
    ["training", "validation", "test"].forEach((name, part) => {
      const [from, to] = [
        toX(Math.max(ends[part], x.range[0]), x, box),
        toX(Math.min(ends[part + 1], x.range[1]), x, box),
      ];
      if (to - from > context.measureText(name).width + 6) context.fillText(name, from + 3, box.top - 5);
    });

    const drawn = clip(context, box);
    drawCurve(context, truth, 0, x, y, box, { colour: text, width: 1.5 });
    if (sight) {
      for (const { name } of visible(sight))
        drawCurve(context, sight.oneStep.get(name)!, 0, x, y, box, {
          colour: colourOf(name),
          width: 1,
          alpha: 0.85,
        });
      if (showBaselines)
        for (const [index, { name }] of sight.baselines.entries())
          drawCurve(context, joined(sight, name), sight.origin, x, y, box, {
            colour: text,
            width: 1.5,
            dash: curveDash(index + 1),
          });
      for (const { name } of visible(sight))
        drawCurve(context, joined(sight, name), sight.origin, x, y, box, {
          colour: colourOf(name),
          width: 3,
          dash: dashOf(name),
        });
    }
    drawn();
    const line = Math.round(now) + 0.5;
    if (now >= box.left - 1 && now <= box.left + box.width + 1) {
      context.strokeStyle = readColour(root, "--rv-ink");
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(line, box.top - 2);
      context.lineTo(line, box.top + box.height);
      context.stroke();
      context.fillStyle = readColour(root, "--rv-ink");
      context.beginPath();
      context.arc(line, toY(truth[at], y, box), 4, 0, 2 * Math.PI);
      context.fill();
    }
  }

  /** A forecast that begins at the last value known, so that no gap stands between them. */
  function joined(sight: Sight, name: string): Float32Array {
    const forecast = sight.forecast.get(name)!;
    const whole = new Float32Array(forecast.length + 1);
    whole[0] = truth[sight.origin];
    whole.set(forecast, 1);
    return whole;
  }

  // ---- the errors
  let lossWidth = 0;
  const LOSS_HEIGHT = 210;

  function paintLosses(): void {
    if (lossWidth === 0) return;
    const context = clearCanvas(lossCanvas, lossWidth, LOSS_HEIGHT);
    const below = margin.bottom + 18; // the numbers, and below them what they count
    const box = { ...frameOf(lossWidth, LOSS_HEIGHT), top: 8, height: LOSS_HEIGHT - 8 - below };
    const items = losses.items;
    const last = Math.max(10, items.at(-1)?.step ?? 0);
    const sight = frames.items.at(-1);
    const best = sight ? bestLoss(sight.baselines) : null;
    const values = items.flatMap((item) =>
      item.models.flatMap((one) => [one.validation_loss ?? 0, one.train_loss ?? 0]),
    );
    const y: Axis = { range: fitRange(best === null ? values : [...values, best], true), log: true };
    const x: Axis = { range: [0, last], log: false };
    const look = ink();
    drawAxes(
      context,
      box,
      { x, y, xTicks: linearTicks(x.range, Math.max(2, box.width / 70), true), yTicks: logTicks(y.range, 5) },
      look,
    );
    context.fillStyle = look.text;
    context.font = look.font;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    context.fillText("updates", box.left + box.width / 2, LOSS_HEIGHT - 3);
    const done = clip(context, box);
    if (best !== null && showBaselines) {
      const level = toY(best, y, box);
      context.strokeStyle = look.text;
      context.setLineDash([6, 3]);
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(box.left, level);
      context.lineTo(box.left + box.width, level);
      context.stroke();
      context.setLineDash([]);
    }
    for (const [index, name] of scene.models.entries()) {
      if (hidden.has(name)) continue;
      for (const [part, pen] of [
        ["train_loss", { width: 1, alpha: 0.7 }],
        ["validation_loss", { width: 2, dash: dashOf(name) }],
      ] as const) {
        context.save();
        Object.assign(context, {
          strokeStyle: colourOf(name),
          lineWidth: pen.width,
          globalAlpha: "alpha" in pen ? pen.alpha : 1,
        });
        context.setLineDash("dash" in pen ? pen.dash : []);
        context.beginPath();
        for (const item of items) {
          const value = item.models[index]?.[part];
          if (value) context.lineTo(toX(item.step, x, box), toY(value, y, box));
        }
        context.stroke();
        context.restore();
      }
    }
    if (looking !== null) {
      const at = toX(shown()?.step ?? 0, x, box);
      context.strokeStyle = readColour(root, "--rv-ink");
      context.beginPath();
      context.moveTo(at, box.top);
      context.lineTo(at, box.top + box.height);
      context.stroke();
    }
    if (best !== null && showBaselines) nameBaseline(context, box, toY(best, y, box));
    done();
    lossPlot.dataset.last = String(last);
  }

  /** The name of the dashed line, over the curves and with a rim, so that no curve runs through its letters. */
  function nameBaseline(context: CanvasRenderingContext2D, box: Frame, level: number): void {
    const { text, font } = ink();
    Object.assign(context, { font, textAlign: "left", lineWidth: 5, lineJoin: "round" });
    const isLow = level > box.top + box.height - 22;
    context.textBaseline = isLow ? "bottom" : "top";
    const height = isLow ? level - 4 : level + 4;
    context.strokeStyle = readColour(root, "--rv-bg");
    context.strokeText("best baseline", box.left + 5, height);
    context.fillStyle = text;
    context.fillText("best baseline", box.left + 5, height);
  }

  const bestLoss = (baselines: Numbers[]): number | null => {
    const found = baselines.flatMap((one) => one.validation_loss ?? []);
    return found.length ? Math.min(...found) : null;
  };

  // ---- the table
  const rows = new Map<string, { row: HTMLElement; cells: HTMLElement[]; chip: HTMLButtonElement | null }>();

  function showRace(sight: Sight): void {
    const names = [...sight.models, ...sight.baselines].map((one) => one.name);
    if (names.join("\n") !== [...rows.keys()].join("\n")) buildTable(sight);
    for (const one of [...sight.models, ...sight.baselines]) {
      const { cells } = rows.get(one.name)!;
      cells[0].textContent = sayError(one.one_step_error);
      cells[1].textContent = sayError(one.many_step_error);
    }
    const [winner] = rank([...sight.models, ...sight.baselines]);
    for (const [name, { row }] of rows) row.classList.toggle("rv-leads", name === winner.name);
  }

  function buildTable(sight: Sight): void {
    rows.clear();
    const line = (one: Numbers, isModel: boolean) => {
      const cells = [h("td"), h("td")];
      const chip = isModel ? makeChip(one.name) : null;
      const row = h(
        "tr",
        isModel ? {} : { class: "rv-baseline" },
        h(
          "th",
          { scope: "row" },
          ...(chip
            ? [chip]
            : [swatch("--rv-ink-2", curveDash(sight.baselines.indexOf(one) + 1)), " ", one.name]),
        ),
        ...cells,
      );
      rows.set(one.name, { row, cells, chip });
      return row;
    };
    const unit = scene.unit ? ` (${scene.unit})` : "";
    table.replaceChildren(
      h("caption", { class: "rv-hidden" }, `Typical errors on the validation part${unit}`),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "typical error", h("span", { class: "rv-note" }, unit)),
          h("th", { scope: "col" }, "1 step"),
          h("th", { scope: "col" }, plural(scene.horizon, "step")),
        ),
      ),
      h(
        "tbody",
        {},
        ...sight.models.map((one) => line(one, true)),
        ...sight.baselines.map((one) => line(one, false)),
      ),
    );
  }

  function makeChip(name: string): HTMLButtonElement {
    const chip = h(
      "button",
      {
        class: "rv-chip",
        type: "button",
        "aria-pressed": String(!hidden.has(name)),
        title: `Show or hide ${name}`,
      },
      swatch(property(name), dashOf(name)),
      name,
    );
    chip.addEventListener("click", () => {
      if (!hidden.delete(name)) hidden.add(name);
      chip.setAttribute("aria-pressed", String(!hidden.has(name)));
      repaint();
    });
    return chip;
  }

  // ---- painting, at most once a frame
  const repaint = oncePerFrame(() => {
    if (width === 0) return;
    paintSeries();
    paintLosses();
    const sight = shown();
    if (sight) showRace(sight);
    showStatus();
    showScrubber();
    const at = originShown();
    plot.setAttribute("aria-valuemin", String(scene.window - 1));
    plot.setAttribute("aria-valuemax", String(scene.steps - 1));
    plot.setAttribute("aria-valuenow", String(at));
    plot.setAttribute("aria-valuetext", `${nameStep(scene, at)}, ${sayError(truth[at], scene.unit)}`);
  }, signal);

  function showStatus(): void {
    const step = frames.items.at(-1)?.step ?? 0;
    const said = {
      running: "learning",
      ready: "not trained yet",
      paused: "paused",
      failed: "stopped by an error",
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
      lossPlot.setAttribute("aria-label", `Curves of the squared error while learning. ${text}`);
    }, wait);
  }

  /** Writes the scene into the controls; also takes back what Python refused. */
  function showScene(): void {
    Object.assign(wanted, { window: scene.window, horizon: scene.horizon, target: scene.target });
    title.textContent = `Forecasting ${scene.name}`;
    notes.textContent = [...scene.notes.map(sayForBox), scene.source && `Source: ${scene.source}.`]
      .filter(Boolean)
      .join(" ");
    seriesPicker.replaceChildren(...scene.choices.map((name) => h("option", { value: name }, name)));
    seriesPicker.value = scene.name;
    targetPicker.replaceChildren(...scene.features.map((name) => h("option", { value: name }, name)));
    targetPicker.value = scene.target;
    targetPicker.hidden = scene.features.length < 2;
    windowField.show(scene.window, 2, scene.longest_window);
    horizonField.show(scene.horizon, 1, scene.longest_horizon);
    rows.clear();
  }

  // ---- controls
  function makeSlider(name: "window" | "horizon", say: (value: number) => string) {
    const output = h("output");
    const input = h("input", { type: "range", min: 1, max: 2, value: 1, "aria-label": name });
    const write = () => {
      output.textContent = say(Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => {
      write();
      wanted[name] = Number(input.value);
      // A horizon is a matter of milliseconds; a window means new models, so the slider is let go first.
      if (name === "horizon") ask();
    });
    input.addEventListener("change", ask);
    return {
      element: h("label", { class: "rv-field" }, h("span", {}, name), input, output),
      show(value: number, low: number, high: number) {
        Object.assign(input, { min: String(low), max: String(high), value: String(value) });
        write();
      },
    };
  }

  function makeRate() {
    const output = h("output");
    const input = h("input", {
      type: "range",
      min: -4,
      max: -1,
      step: 0.1,
      "aria-label": "learning rate",
      value: Math.log10(scene.learning_rate),
    });
    const write = () => {
      output.textContent = (10 ** Number(input.value)).toPrecision(1);
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => {
      write();
      wanted.learning_rate = 10 ** Number(input.value);
      ask();
    });
    write();
    return { element: h("label", { class: "rv-field" }, h("span", {}, "learning rate"), input, output) };
  }

  function makeUpload(): HTMLElement {
    const input = h("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv", class: "rv-hidden" });
    const fill = h(
      "select",
      { "aria-label": "Gaps in your file" },
      h("option", { value: "" }, "gaps: refuse"),
      h("option", { value: "linear" }, "gaps: straight line"),
      h("option", { value: "previous" }, "gaps: repeat the last"),
      h("option", { value: "drop" }, "gaps: leave out"),
    );
    let file: File | null = null;
    const read = async () => {
      if (!file) return;
      try {
        if (file.size > 20_000_000)
          throw new Error("This file has more than 20 MB. Keep only the columns needed.");
        const content = await file.arrayBuffer();
        say(null);
        stream.send({ kind: "file", name: file.name.replace(/\.\w+$/, ""), fill: fill.value }, [content]);
      } catch (error) {
        say(`The file could not be read. ${messageOf(error)}`);
      }
    };
    const take = (given: File | undefined) => {
      if (!given) return;
      file = given;
      fill.hidden = false;
      void read();
    };
    fill.hidden = true;
    input.addEventListener("change", () => {
      take(input.files?.[0]);
      input.value = ""; // so that the same file, corrected, can be chosen again
    });
    fill.addEventListener("change", () => void read());
    root.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      root.classList.add("rv-dropping");
    });
    for (const name of ["dragleave", "drop"])
      root.addEventListener(name, () => root.classList.remove("rv-dropping"));
    root.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      take(event.dataTransfer.files[0]);
    });
    return h(
      "span",
      { class: "rv-upload" },
      h("label", { class: "rv-button" }, input, "Your own CSV …"),
      fill,
    );
  }

  function saveForecast(): void {
    const sight = shown();
    if (!sight) return;
    const name = `forecast-${scene.name.replace(/[^\w-]+/g, "-").replace(/^-|-$/g, "") || "series"}.csv`;
    saveFile(name, new Blob([writeForecast(scene, truth, sight)], { type: "text/csv" }));
  }

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
    showBaselines = baselineBox.checked;
    repaint();
  });
  scrubber.addEventListener("input", () => lookAt(Number(scrubber.value)));
  const lookBack = (event: PointerEvent) => {
    const box = frameOf(lossWidth, LOSS_HEIGHT);
    const pixel = event.clientX - lossPlot.getBoundingClientRect().left;
    const step = fromX(pixel, { range: [0, Number(lossPlot.dataset.last ?? 10)], log: false }, box);
    lookAt(frames.indexAt(step));
  };
  lossPlot.addEventListener("pointerdown", (event) => {
    lossPlot.setPointerCapture(event.pointerId);
    lookBack(event);
  });
  lossPlot.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) lookBack(event);
  });

  // ---- where the forecast starts
  const clamp = (step: number) => Math.max(scene.window - 1, Math.min(scene.steps - 1, Math.round(step)));
  const stepUnder = (event: PointerEvent) => {
    const pixel = event.clientX - plot.getBoundingClientRect().left;
    return Math.round(fromX(pixel, { range: held ?? span(), log: false }, frameOf(width, height())));
  };
  /** The part shown when a drag began: it must not run away under the pointer. */
  let held: [number, number] | null = null;
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
      ? visible(sight)
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
    plot.style.height = `${height()}px`;
    repaint();
  });
  onWidth(lossPlot, signal, (now) => {
    lossWidth = now;
    lossPlot.style.height = `${LOSS_HEIGHT}px`;
    repaint();
  });
  onTheme(signal, repaint);
  const stream = connectStream<FrameHeader>(model, signal, {
    frame: (header, buffers) => takeFrame(header, copyFloats(buffers[0])),
    state: setState,
    problem: tell,
  });
});
