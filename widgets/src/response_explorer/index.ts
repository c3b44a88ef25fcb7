// An impulse, three models that hear it, and what becomes of it: one time axis, the impulse above, its echoes below.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { readColour } from "../lib/draw/colours";
import type { Axis, Frame } from "../lib/draw/plot";
import {
  clearCanvas,
  clip,
  drawAxes,
  drawCurve,
  fitRange,
  fromX,
  linearTicks,
  logTicks,
  toX,
  toY,
} from "../lib/draw/plot";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { formatNumber } from "../lib/words/format";
import type { ModelName, Response, Settings } from "./responses";
import { countCosts, MODELS, PRESETS, respond, sayVerdict, writeResponses } from "./responses";

const TITLES: Record<ModelName, string> = {
  window: "Looks back: a window",
  feedback: "Hears its own output",
  state: "Keeps a state",
};
const FORMULAS: Record<ModelName, string> = {
  window: "yₜ = f(xₜ, xₜ₋₁ … xₜ₋N)",
  feedback: "yₜ = f(xₜ, yₜ₋₁)",
  state: "hₜ = f(xₜ, hₜ₋₁), yₜ = g(hₜ)",
};
const MARGIN = { left: 52, right: 12, top: 10, bottom: 8 };
/** The lowest plot also holds the numbers of the steps. */
const NUMBERS = 22;
const INPUT_HEIGHT = 92;
const HEIGHT = 122;
const NAMES = [
  "history",
  "window_weight",
  "feedback",
  "radius",
  "angle",
  "activation",
  "at",
  "size",
] as const;

export default defineWidget("response-explorer", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const steps = () => model.get("steps") as number;
  const settings = (): Settings & { at: number; size: number } => ({
    ...(Object.fromEntries(NAMES.map((name) => [name, model.get(name)])) as unknown as Settings),
    at: Math.min(model.get("at"), steps() - 1),
    size: model.get("size"),
  });
  let log = model.get("scale") === "log";
  let drawing = false;
  let inputs = new Float64Array(0);
  const responses = {} as Record<ModelName, Response>;
  let width = 0;

  /** Sets here and now; Python, which needs it only when asked, hears of it when the hand comes to rest. */
  let rest = 0;
  function choose(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    clearTimeout(rest);
    rest = window.setTimeout(() => model.save_changes(), 400);
    change();
  }

  // ---- controls
  const followers: (() => void)[] = [];
  const slider = (
    name: (typeof NAMES)[number],
    text: string,
    [low, high, step]: [number, number, number],
    say: (value: number) => string,
  ) => {
    const output = h("output");
    const input = h("input", { type: "range", min: low, max: high, step, "aria-label": text });
    input.addEventListener("input", () => choose({ [name]: Number(input.value) }));
    followers.push(() => {
      const value = model.get(name) as number;
      // What Python has set may lie beyond the slider's ends.
      if (value < Number(input.min)) input.min = String(value);
      if (value > Number(input.max)) input.max = String(value);
      if (Number(input.value) !== value) input.value = String(value);
      output.textContent = say(value);
      input.setAttribute("aria-valuetext", say(value));
    });
    return h("label", { class: "rv-field" }, h("span", {}, text), input, output);
  };
  const two = (value: number) => value.toFixed(2).replace("-", "−");
  const atSlider = slider("at", "impulse at t", [0, Math.max(1, steps() - 1), 1], String);
  const activation = h(
    "select",
    { "aria-label": "Activation f" },
    ...["linear", "tanh", "relu"].map((value) =>
      h("option", { value }, value === "linear" ? "none (linear)" : value),
    ),
  );
  activation.addEventListener("change", () => choose({ activation: activation.value }));
  followers.push(() => {
    activation.value = model.get("activation");
  });
  const controls: Record<ModelName, HTMLElement[]> = {
    window: [
      slider("history", "N, steps back", [0, 40, 1], String),
      slider("window_weight", "weights qᵏ: q", [-1.2, 1.2, 0.01], two),
    ],
    feedback: [slider("feedback", "weight of yₜ₋₁", [-1.5, 1.5, 0.01], two)],
    state: [
      slider("radius", "radius", [0, 1.3, 0.01], two),
      slider("angle", "angle a step", [0, 180, 5], (value) => `${formatNumber(value, 0)}°`),
    ],
  };
  const scalePicker = h(
    "select",
    { "aria-label": "Vertical axis" },
    h("option", { value: "linear" }, "linear axis"),
    h("option", { value: "log" }, "logarithmic axis"),
  );
  scalePicker.value = log ? "log" : "linear";
  scalePicker.addEventListener("change", () => {
    log = scalePicker.value === "log";
    change();
  });
  const draw = h("button", { type: "button", "aria-pressed": "false" }, "Draw an input");
  const clear = h("button", { type: "button", onclick: () => choose({ inputs: [] }) }, "Clear");
  draw.addEventListener("click", () => {
    drawing = !drawing;
    draw.setAttribute("aria-pressed", String(drawing));
    change();
  });
  const presets = h(
    "div",
    { class: "rv-controls rv-presets", role: "group", "aria-label": "Examples" },
    ...PRESETS.map(({ name, settings }) =>
      h("button", { type: "button", onclick: () => choose(settings as Record<string, unknown>) }, name),
    ),
  );

  // ---- the card
  const inputCanvas = h("canvas", { "aria-hidden": "true" });
  const strip = h(
    "div",
    { class: "rv-impulse", tabindex: 0, role: "slider", "aria-orientation": "vertical" },
    inputCanvas,
  );
  const hint = h("p", { class: "rv-note" });
  const inputRow = h(
    "div",
    { class: "rv-response rv-response-input" },
    h("div", {}, h("strong", {}, "Input x"), hint),
    strip,
  );
  const rows = {} as Record<
    ModelName,
    { canvas: HTMLCanvasElement; verdict: HTMLElement; reading: HTMLElement }
  >;
  const rowElements = MODELS.map((name) => {
    const canvas = h("canvas", { role: "img" });
    const verdict = h("p", { class: "rv-response-verdict" });
    const reading = h("span", { class: "rv-reading" });
    rows[name] = { canvas, verdict, reading };
    return h(
      "div",
      { class: "rv-response" },
      h(
        "div",
        {},
        h("strong", {}, TITLES[name]),
        h("div", { class: "rv-formula-line" }, h("span", {}, FORMULAS[name]), reading),
        h("div", { class: "rv-sliders" }, ...controls[name]),
        verdict,
      ),
      canvas,
    );
  });
  const board = h("div", { class: "rv-responses" }, inputRow, ...rowElements);
  const transport = makeTransport({
    steps: steps(),
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, count) => `t = ${step} of ${count - 1}`,
  });
  const common = h(
    "div",
    { class: "rv-settings" },
    atSlider,
    slider("size", "its height", [0.1, 3, 0.1], (value) => formatNumber(value, 1)),
    h("label", { class: "rv-field" }, h("span", {}, "activation f"), activation),
  );
  const spoken = h("p", { class: "rv-hidden", "aria-live": "polite" });
  const legend = h("p", { class: "rv-caption" });
  const costs = h("table", { class: "rv-costs" });
  const costCanvas = h("canvas", { role: "img" });
  const costPart = h(
    "div",
    { class: "rv-cost" },
    costs,
    h("div", {}, h("strong", {}, "Weights, as N grows"), costCanvas),
  );
  // An arrow key on a setting is the setting's, not the transport's.
  for (const element of [common, ...board.querySelectorAll(".rv-sliders")])
    element.addEventListener("keydown", (event) => event.stopPropagation());
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "What becomes of an impulse"),
      h(
        "div",
        { class: "rv-controls" },
        draw,
        clear,
        scalePicker,
        makeSaveMenu({ name: "impulse-response", root, table, code }),
      ),
    ),
    presets,
    common,
    board,
    transport.element,
    legend,
    costPart,
    spoken,
  );

  // ---- computing
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), steps() - 1));
  const drawn = () => inputs.some((value) => value !== 0);

  let stepsShown = 0;
  function change(): void {
    const count = steps();
    const given = model.get("inputs") as number[];
    inputs = Float64Array.from({ length: count }, (_, t) => given[t] ?? 0);
    const now = settings();
    for (const name of MODELS) responses[name] = respond(name, inputs, now.at, now.size, now);
    for (const follow of followers) follow();
    if (count !== stepsShown) {
      stepsShown = count;
      transport.resize(count);
    }
    clear.hidden = !drawn();
    hint.textContent = drawing
      ? "Draw with the pointer, or set the value at the cursor with ↑ and ↓."
      : "Drag the impulse to another time.";
    strip.classList.toggle("rv-impulse-draw", drawing);
    legend.textContent = drawn()
      ? "Bars: what the impulse adds to the output. Grey line: the whole output."
      : "Bars: what the impulse adds to the output.";
    if (log)
      legend.textContent +=
        " Hollow bars are below zero; this axis shows sizes. ▽: exactly zero, which has no place on it.";
    for (const name of MODELS) rows[name].verdict.textContent = sayVerdict(responses[name].verdict);
    showCosts(now.history);
    repaint();
    clearTimeout(telling);
    telling = window.setTimeout(tell, 500);
  }

  let telling = 0;
  const story = () =>
    MODELS.map((name) => `${TITLES[name]}. ${sayVerdict(responses[name].verdict)}`).join(" ");
  function tell(): void {
    if (spoken.textContent !== story()) spoken.textContent = story();
  }

  // ---- drawing
  const frameOf = (height: number, last: boolean): Frame => ({
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(10, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.top - MARGIN.bottom - (last ? NUMBERS : 0),
  });
  /** Half a step more at both ends, so that the first and last bars have room. */
  const axisX = (): Axis => ({ range: [-0.5, steps() - 0.5], log: false });
  const ink = () => ({
    grid: readColour(root, "--rv-line"),
    text: readColour(root, "--rv-ink-2"),
    font: `12px ${readColour(root, "--rv-font")}`,
  });

  function axisY(values: Iterable<number>, onLog: boolean): Axis {
    if (onLog) {
      const [low, high] = fitRange(Array.from(values, Math.abs), true);
      // Nine decades down is as good as nothing.
      return { range: [Math.max(low, high - 9), high], log: true };
    }
    let [low, high] = [0, settings().size];
    for (const value of values)
      if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    const room = (high - low || 1) * 0.06;
    return { range: [low < 0 ? low - room : 0, high + room], log: false };
  }

  function paintBars(
    context: CanvasRenderingContext2D,
    values: ArrayLike<number>,
    y: Axis,
    frame: Frame,
    colour: string,
  ): void {
    const x = axisX();
    const gap = frame.width / steps();
    const thick = Math.max(1, Math.min(9, gap * 0.62));
    const floor = frame.top + frame.height;
    const zero = y.log ? floor : toY(0, y, frame);
    context.fillStyle = context.strokeStyle = colour;
    context.lineWidth = 1.25;
    // Of bars that fall on one pixel, the tallest stands for all.
    const bunch = Math.max(1, Math.floor(1 / gap));
    for (let first = 0; first < values.length; first += bunch) {
      let t = first;
      for (let k = first; k < Math.min(values.length, first + bunch); k++)
        if (!(Math.abs(values[k]) <= Math.abs(values[t]))) t = k;
      const value = values[t];
      const across = toX(t, x, frame);
      if (!Number.isFinite(value)) {
        markFault(context, across, frame.top + 1, gap);
        continue;
      }
      if (value === 0) {
        if (y.log && gap > 5) markNothing(context, across, floor);
        continue;
      }
      const end = Math.max(-1e4, Math.min(1e4, toY(y.log ? Math.abs(value) : value, y, frame)));
      const top = Math.min(end, zero);
      const tall = Math.max(1, Math.abs(end - zero));
      if (y.log && value < 0 && thick >= 3)
        context.strokeRect(across - thick / 2 + 0.6, top + 0.6, thick - 1.2, Math.max(0.5, tall - 0.6));
      else context.fillRect(across - thick / 2, top, thick, tall);
    }
  }

  const markNothing = (context: CanvasRenderingContext2D, x: number, floor: number) => {
    context.beginPath();
    context.moveTo(x - 2.5, floor - 6);
    context.lineTo(x + 2.5, floor - 6);
    context.lineTo(x, floor - 1);
    context.closePath();
    context.stroke();
  };
  const markFault = (context: CanvasRenderingContext2D, x: number, top: number, gap: number) => {
    const arm = Math.min(3, gap / 2);
    context.beginPath();
    context.moveTo(x - arm, top + 6);
    context.lineTo(x, top);
    context.lineTo(x + arm, top + 6);
    context.stroke();
  };

  function paintCursor(context: CanvasRenderingContext2D, frame: Frame): void {
    context.fillStyle = readColour(root, "--rv-ink-2");
    context.fillRect(Math.round(toX(stepNow(), axisX(), frame)) - 0.5, frame.top, 1, frame.height);
  }

  function paint(): void {
    if (width === 0) return;
    const now = settings();
    const colours = { x: readColour(root, "--rv-input"), y: readColour(root, "--rv-output") };
    const style = ink();
    const x = axisX();
    paintInput(now, colours.x, style);
    for (const [k, name] of MODELS.entries()) {
      const last = k === MODELS.length - 1;
      const height = HEIGHT + (last ? NUMBERS : 0);
      const frame = frameOf(height, last);
      const { canvas, reading } = rows[name];
      const { influence, output, verdict } = responses[name];
      const context = clearCanvas(canvas, width, height);
      const whole = drawn() && !log;
      const y = axisY(whole ? [...influence, ...output] : influence, log);
      if (name === "window") {
        const [from, to] = [toX(now.at - 0.5, x, frame), toX(now.at + now.history + 0.5, x, frame)];
        context.fillStyle = readColour(root, "--rv-surface");
        context.fillRect(from, frame.top, Math.min(to, frame.left + frame.width) - from, frame.height);
      }
      drawAxes(
        context,
        frame,
        {
          x,
          y,
          xTicks: last ? linearTicks([0, steps() - 1], Math.max(2, frame.width / 70), true) : [],
          yTicks: log ? logTicks(y.range, 4) : linearTicks(y.range, 4),
        },
        style,
      );
      if (last) {
        context.fillStyle = style.text;
        context.font = style.font;
        context.textAlign = "right";
        context.textBaseline = "top";
        context.fillText("step t", frame.left - 8, frame.top + frame.height + 8);
      }
      const done = clip(context, frame);
      if (whole) drawCurve(context, output, 0, x, y, frame, { colour: style.text, width: 1.25 });
      paintBars(context, influence, y, frame, colours.y);
      done();
      paintCursor(context, frame);
      reading.textContent = `t = ${stepNow()}: ${formatNumber(influence[stepNow()])}`;
      canvas.setAttribute("aria-label", `${TITLES[name]}, ${FORMULAS[name]}. ${sayVerdict(verdict)}`);
    }
    const value = inputs[stepNow()];
    strip.setAttribute("aria-label", drawing ? "Input at the cursor" : "Step of the impulse");
    strip.setAttribute("aria-valuenow", drawing ? value.toFixed(2) : String(now.at));
    strip.setAttribute("aria-valuemin", drawing ? "-3" : "0");
    strip.setAttribute("aria-valuemax", drawing ? "3" : String(steps() - 1));
    strip.setAttribute(
      "aria-valuetext",
      drawing ? `x is ${formatNumber(value, 2)} at t = ${stepNow()}` : `t = ${now.at}`,
    );
    transport.show(stepNow());
  }

  const inputRange = (size: number): Axis => {
    let most = Math.max(1, Math.abs(size));
    for (const value of inputs) most = Math.max(most, Math.abs(value) + Math.abs(size));
    const negative = drawing || size < 0 || inputs.some((value) => value < 0);
    return { range: [negative ? -1.1 * most : 0, 1.1 * most], log: false };
  };

  function paintInput(now: ReturnType<typeof settings>, colour: string, style: ReturnType<typeof ink>): void {
    const frame = frameOf(INPUT_HEIGHT, false);
    const context = clearCanvas(inputCanvas, width, INPUT_HEIGHT);
    const x = axisX();
    const y = inputRange(now.size);
    drawAxes(context, frame, { x, y, xTicks: [], yTicks: linearTicks(y.range, 3) }, style);
    paintBars(context, inputs, y, frame, readColour(root, "--rv-line-2"));
    // The impulse stands on top of what is there already.
    const [from, to] = [inputs[now.at], inputs[now.at] + now.size].map((value) => toY(value, y, frame));
    const across = toX(now.at, x, frame);
    context.fillStyle = colour;
    const thick = Math.max(3, Math.min(9, (frame.width / steps()) * 0.62));
    context.fillRect(across - thick / 2, Math.min(from, to), thick, Math.max(1, Math.abs(to - from)));
    context.beginPath();
    context.arc(across, to, 6, 0, 2 * Math.PI);
    context.fill();
    paintCursor(context, frame);
  }

  const repaint = oncePerFrame(paint, signal);

  // ---- costs
  let costsOf = -1;
  function showCosts(history: number): void {
    if (costsOf === history) return;
    costsOf = history;
    const found = countCosts(history);
    const row = (cells: (string | number)[], tag: "th" | "td" = "td") =>
      h(
        "tr",
        {},
        h("th", { scope: tag === "th" ? "col" : "row" }, cells[0]),
        ...cells.slice(1).map((cell) => (tag === "th" ? h("th", { scope: "col" }, cell) : h("td", {}, cell))),
      );
    costs.replaceChildren(
      h("caption", { class: "rv-hidden" }, "What each model costs"),
      h("thead", {}, row(["model", "weights", "products a step", "numbers kept"], "th")),
      h(
        "tbody",
        {},
        ...MODELS.map((name) =>
          row([name, found[name].parameters, found[name].products, found[name].memory]),
        ),
      ),
    );
    costCanvas.setAttribute(
      "aria-label",
      `Weights against N. The window has N + 1: ${history + 1} now. The feedback model has 2 and the state-space model 8, whatever N is.`,
    );
    paintCosts(history);
  }

  const DASHES: Record<ModelName, number[]> = { window: [], feedback: [2, 3], state: [7, 4] };
  function paintCosts(history: number): void {
    const across = Math.min(costCanvas.parentElement!.clientWidth, 420);
    if (across === 0) return;
    const context = clearCanvas(costCanvas, across, 132);
    const frame: Frame = { left: 30, top: 8, width: across - 104, height: 94 };
    const end = Math.max(40, history);
    const [x, y]: [Axis, Axis] = [
      { range: [0, end], log: false },
      { range: [0, 1.08 * (end + 1)], log: false },
    ];
    drawAxes(
      context,
      frame,
      { x, y, xTicks: linearTicks(x.range, 5, true), yTicks: linearTicks(y.range, 3, true) },
      ink(),
    );
    const colour = (name: ModelName) =>
      readColour(root, { window: "--rv-curve-1", feedback: "--rv-curve-2", state: "--rv-curve-4" }[name]);
    for (const name of MODELS) {
      const values = Float64Array.from({ length: end + 1 }, (_, n) => countCosts(n)[name].parameters);
      drawCurve(context, values, 0, x, y, frame, { colour: colour(name), dash: DASHES[name] });
      context.fillStyle = colour(name);
      context.beginPath();
      context.arc(toX(history, x, frame), toY(values[history], y, frame), 4.5, 0, 2 * Math.PI);
      context.fill();
      context.font = ink().font;
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.fillText(name, frame.left + frame.width + 8, toY(values[end], y, frame));
    }
  }

  // ---- what the reader does
  const stepUnder = (event: PointerEvent, element: Element, height: number, last: boolean): number => {
    const pixel = event.clientX - element.getBoundingClientRect().left;
    return Math.max(0, Math.min(steps() - 1, Math.round(fromX(pixel, axisX(), frameOf(height, last)))));
  };
  let lastDrawn = -1;
  function drag(event: PointerEvent): void {
    const step = stepUnder(event, strip, INPUT_HEIGHT, false);
    transport.pause();
    cursor.move({ step });
    if (!drawing) {
      choose({ at: step });
      return;
    }
    const frame = frameOf(INPUT_HEIGHT, false);
    const { range } = inputRange(settings().size);
    const share = 1 - (event.clientY - strip.getBoundingClientRect().top - frame.top) / frame.height;
    const value = Math.max(-3, Math.min(3, range[0] + share * (range[1] - range[0])));
    const next = Array.from(inputs);
    // A fast hand skips steps; they are filled in.
    const from = lastDrawn < 0 ? step : lastDrawn;
    for (let t = Math.min(from, step); t <= Math.max(from, step); t++)
      if (t !== from || from === step) next[t] = Math.abs(value) < 0.08 ? 0 : value;
    lastDrawn = step;
    choose({ inputs: next });
  }
  strip.addEventListener("pointerdown", (event) => {
    strip.setPointerCapture(event.pointerId);
    lastDrawn = -1;
    drag(event);
  });
  strip.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) drag(event);
  });
  strip.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (drawing && way) {
      const next = Array.from(inputs);
      next[stepNow()] = Math.round(4 * Math.max(-3, Math.min(3, next[stepNow()] + way / 4))) / 4;
      choose({ inputs: next });
    } else if (!drawing && (way || event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const move = way ?? (event.key === "ArrowRight" ? 1 : -1);
      const at = Math.max(0, Math.min(steps() - 1, settings().at + move));
      choose({ at });
      cursor.move({ step: at });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  for (const [k, name] of MODELS.entries()) {
    const { canvas } = rows[name];
    const last = k === MODELS.length - 1;
    const follow = (event: PointerEvent) => {
      transport.pause();
      cursor.move({ step: stepUnder(event, canvas, HEIGHT + (last ? NUMBERS : 0), last) });
    };
    canvas.addEventListener("pointerdown", follow);
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch" || event.buttons & 1) follow(event);
    });
  }

  // ---- what can be taken away
  function table(): string {
    const lines = [
      ["step", "input", ...MODELS.flatMap((name) => [`${name} output`, `${name} influence`])].join(","),
    ];
    const { at, size } = settings();
    for (let t = 0; t < steps(); t++)
      lines.push(
        [
          t,
          inputs[t] + (t === at ? size : 0),
          ...MODELS.flatMap((name) => [responses[name].output[t], responses[name].influence[t]]),
        ].join(","),
      );
    return `${lines.join("\n")}\n`;
  }
  function code(): string {
    const now = settings();
    return writeResponses(now, steps(), now.at, now.size, drawn() ? Array.from(inputs) : []);
  }

  cursor.on(repaint);
  for (const name of [...NAMES, "inputs", "steps"]) model.on(`change:${name}`, hear);
  signal.addEventListener("abort", () => {
    clearTimeout(rest);
    clearTimeout(telling);
    for (const name of [...NAMES, "inputs", "steps"]) model.off(`change:${name}`, hear);
  });
  /** Python has set something, or another view of this very widget. */
  function hear(): void {
    if (heard) return;
    heard = true;
    queueMicrotask(() => {
      heard = false;
      change();
    });
  }
  let heard = false;
  onTheme(signal, () => {
    repaint();
    paintCosts(settings().history);
  });
  onWidth(strip, signal, (now) => {
    width = now;
    change();
    paint();
  });
  onWidth(costPart, signal, () => paintCosts(settings().history));
  change();
  tell();
});
