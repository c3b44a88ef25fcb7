// An echo-state network to play with: spectrum, states, fading of the start, memory capacity and a forecast, as the
// sliders move. Everything is computed in the page.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { readColour, scaleOf } from "../lib/draw/colours";
import { GUTTER, makeMapPanel } from "../lib/draw/map_panel";
import { clearCanvas } from "../lib/draw/plot";
import { whole } from "../lib/draw/region";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { type Entry, readFloats } from "../lib/trace/trace";
import { formatNumber, formatShort, plural } from "../lib/words/format";
import { makeCurvePanel } from "./curve_panel";
import {
  type Forecast,
  forecastSeries,
  forgetStart,
  measureCapacity,
  runReservoir,
  type Settings,
  type Weights,
} from "./reservoir";

interface Reservoir extends Weights {
  seed: number;
  /** Eigenvalues of W, real and imaginary in turn. */
  eigenvalues: Float32Array;
}

interface Header {
  units: number;
  seed: number;
  recurrent: Entry;
  input: Entry;
  bias: Entry;
  eigenvalues: Entry;
}

/** Steps of the states that are drawn. */
const SHOWN = 200;
const JUDGED = 84;

export default defineWidget("reservoir-playground", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const take = readFloats(model);
  const reservoirs = (model.get("reservoirs") as Header[]).map(
    (header): Reservoir => ({
      units: header.units,
      seed: header.seed,
      recurrent: Float64Array.from(take(header.recurrent)),
      input: Float64Array.from(take(header.input)),
      bias: Float64Array.from(take(header.bias)),
      eigenvalues: take(header.eigenvalues),
    }),
  );
  const series = Float64Array.from(take(model.get("series")));
  const noise = Float64Array.from(take(model.get("noise")));
  const washout: number = model.get("washout");
  const fit: number = model.get("fit");
  const start = model.get("settings") as Settings & { units: number };
  const settings: Settings = { ...start };
  let reservoir = reservoirs.find(({ units }) => units === start.units) ?? reservoirs[0];
  let states: Float64Array = new Float64Array();
  let capacity: number[] | null = [];
  let forecast: Forecast | null = null;
  let distance: Float64Array = new Float64Array();

  const tooltip = makeTooltip(root);
  const controls = h(
    "div",
    { class: "rv-dials" },
    makeDial("Spectral radius ρ", "radius", 0, 1.6, 0.01, (value) => value, formatNumberAt(2)),
    makeDial("Leak a", "leak", 0.05, 1, 0.01, (value) => value, formatNumberAt(2)),
    makeDial(
      "Input scale s",
      "scale",
      -2.5,
      1,
      0.02,
      (power) => 10 ** power,
      (value) => formatNumber(value, 3),
    ),
    makeDial(
      "Ridge",
      "ridge",
      -10,
      1,
      0.1,
      (power) => 10 ** power,
      (value) => value.toExponential(0),
    ),
  );
  const sizePicker = h("select", { "aria-label": "Units" });
  for (const units of new Set(reservoirs.map((one) => one.units)))
    sizePicker.append(
      h("option", { value: units, selected: units === reservoir.units }, plural(units, "unit")),
    );
  const shapePicker = h(
    "select",
    { "aria-label": "Activation" },
    h("option", { value: "tanh", selected: settings.tanh }, "tanh"),
    h("option", { value: "linear", selected: !settings.tanh }, "linear"),
  );
  const redraw = h("button", { type: "button", onclick: anotherDraw }, "Draw other weights");
  const reset = h("button", { type: "button", onclick: startAgain }, "Reset");
  const plane = h("canvas", { role: "img" });
  const planeNote = h("span", { class: "rv-note" });
  const spectrum = h(
    "div",
    { class: "rv-curve-panel" },
    h("div", { class: "rv-map-head" }, h("strong", {}, "Spectrum"), planeNote),
    plane,
    h("p", { class: "rv-note" }, "Eigenvalues of (1 − a)·I + a·ρ·W beside the unit circle."),
  );
  const goTo = ({ row, column }: { row: number; column: number }) => cursor.move({ step: column, unit: row });
  const map = makeMapPanel({
    name: "hidden",
    title: "States of the reservoir",
    hover: ({ row, column }, event) =>
      tooltip.show(
        `unit ${row}, t = ${column}: ${formatNumber(states[column * reservoir.units + row])}`,
        event.clientX,
        event.clientY,
      ),
    leave: tooltip.hide,
    press: goTo,
    drag: goTo,
    release() {},
  });
  map.figure.tabIndex = 0;
  const fading = makeCurvePanel("Does it forget its start?", { xTitle: "step t" });
  const memory = makeCurvePanel("Memory capacity", { xTitle: "delay k" });
  const ahead = makeCurvePanel("Forecast of Mackey–Glass, from its own output", { xTitle: "step" });
  const board = h(
    "div",
    { class: "rv-reservoir" },
    spectrum,
    map.element,
    fading.element,
    memory.element,
    ahead.element,
  );
  ahead.element.classList.add("rv-wide");
  const spoken = h("p", { class: "rv-caption", "aria-live": "polite" });
  const saveMenu = makeSaveMenu({
    name: "reservoir",
    root,
    table: () =>
      `${[
        "quantity,index,value",
        ...(capacity ?? []).map((value, k) => `capacity at delay,${k + 1},${value}`),
        ...Array.from(distance, (value, t) => `distance of two starts,${t},${value}`),
        ...Array.from(forecast?.values ?? [], (value, t) => `forecast,${t},${value}`),
        ...Array.from(forecast?.values ?? [], (_, t) => `truth,${t},${series[fit + 1 + t]}`),
      ].join("\n")}\n`,
    code: () =>
      [
        "import torch",
        "from rnnviz.data import mackey_glass",
        "from rnnviz.models import EchoStateNetwork, measure_memory_capacity, normalised_error",
        "",
        `network = EchoStateNetwork(${reservoir.units}, spectral_radius=${settings.radius}, leak=${settings.leak},`,
        `                           input_scale=${settings.scale.toPrecision(3)}, nonlinearity="${settings.tanh ? "tanh" : "linear"}", seed=${reservoir.seed})`,
        `print(network.eigenvalues().abs().max())`,
        `print(measure_memory_capacity(network, ${2 * reservoir.units}, ridge=${settings.ridge.toExponential(1)}).sum())`,
        `y = torch.tanh(torch.tensor(mackey_glass(${series.length}).values) - 1)[:, None].double()`,
        `state = network.fit(y[:${fit}], y[1:${fit + 1}], ridge=${settings.ridge.toExponential(1)}, washout=${washout})`,
        `forecast = network.generate(y[${fit}], ${JUDGED}, state)`,
        `print(normalised_error(forecast, y[${fit + 1}:${fit + 1 + JUDGED}]))`,
        "",
      ].join("\n"),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Reservoir: random weights, one fitted readout"),
      h("div", { class: "rv-controls" }, saveMenu),
    ),
    controls,
    h("div", { class: "rv-controls rv-map-controls" }, sizePicker, shapePicker, redraw, reset),
    board,
    spoken,
  );

  sizePicker.addEventListener("change", () => choose(Number(sizePicker.value), reservoir.seed));
  shapePicker.addEventListener("change", () => {
    settings.tanh = shapePicker.value === "tanh";
    compute();
  });
  map.figure.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    const unit = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (step === 0 && unit === 0) return;
    event.preventDefault();
    event.stopPropagation();
    cursor.move({ step: clamp(stepNow() + step, SHOWN), unit: clamp(unitNow() + unit, reservoir.units) });
  });

  function makeDial(
    label: string,
    key: "radius" | "leak" | "scale" | "ridge",
    low: number,
    high: number,
    step: number,
    toValue: (position: number) => number,
    say: (value: number) => string,
  ): HTMLElement {
    const position = (value: number) => (toValue(1) === 1 ? value : Math.log10(value));
    const slider = h("input", { type: "range", min: low, max: high, step, value: position(settings[key]) });
    slider.dataset.dial = key;
    const output = h("output", {}, say(settings[key]));
    const show = () => {
      output.textContent = say(settings[key]);
      slider.setAttribute("aria-valuetext", say(settings[key]));
    };
    slider.addEventListener("input", () => {
      settings[key] = Number(toValue(Number(slider.value)).toPrecision(6));
      show();
      compute();
    });
    slider.addEventListener("rv-reset", () => {
      slider.value = String(position(settings[key]));
      show();
    });
    show();
    return h("label", { class: "rv-field rv-dial" }, h("span", {}, label), slider, output);
  }

  function choose(units: number, seed: number) {
    reservoir =
      reservoirs.find((one) => one.units === units && one.seed === seed) ??
      reservoirs.find((one) => one.units === units)!;
    sizePicker.value = String(reservoir.units);
    compute();
  }

  function anotherDraw() {
    const alike = reservoirs.filter(({ units }) => units === reservoir.units);
    choose(reservoir.units, alike[(alike.indexOf(reservoir) + 1) % alike.length].seed);
  }

  function startAgain() {
    Object.assign(settings, start);
    shapePicker.value = settings.tanh ? "tanh" : "linear";
    for (const slider of controls.querySelectorAll("input")) slider.dispatchEvent(new Event("rv-reset"));
    choose(start.units, reservoirs[0].seed);
  }

  const stepNow = () => clamp(cursor.get("step"), SHOWN);
  const unitNow = () => clamp(cursor.get("unit"), reservoir.units);

  // What costs little is drawn in the next frame, the readouts as soon as the sliders leave a moment for them.
  const drawFirst = oncePerFrame(() => {
    states = runReservoir(reservoir, settings, noise.subarray(0, SHOWN));
    distance = forgetStart(reservoir, settings, noise.subarray(0, SHOWN));
    drawSpectrum();
    drawStates();
    drawFading();
    mark();
  }, signal);
  const drawSecond = oncePerFrame(() => {
    capacity = measureCapacity(reservoir, settings, noise, Math.min(100, 2 * reservoir.units), washout);
    forecast = forecastSeries(reservoir, settings, series, washout, fit);
    drawMemory();
    drawForecast();
    speak();
  }, signal);
  let later = 0;
  signal.addEventListener("abort", () => clearTimeout(later));
  function compute() {
    drawFirst();
    clearTimeout(later);
    // A hundred units take three frames to fit, fifty less than one.
    later = window.setTimeout(drawSecond, reservoir.units > 50 ? 60 : 0);
  }

  function effective(): [number, number][] {
    const { eigenvalues } = reservoir;
    const factor = settings.leak * settings.radius;
    return Array.from({ length: reservoir.units }, (_, k) => [
      1 - settings.leak + factor * eigenvalues[2 * k],
      factor * eigenvalues[2 * k + 1],
    ]);
  }

  const radiusNow = () => Math.max(...effective().map(([re, im]) => Math.hypot(re, im)));

  function drawSpectrum() {
    // At first the card may have no width yet.
    const side = Math.max(60, Math.min(spectrum.clientWidth, 230));
    const context = clearCanvas(plane, side, side);
    const values = effective();
    const radius = radiusNow();
    const reach = 1.15 * Math.max(1, radius);
    const pixel = (value: number) => side / 2 + (value / reach) * (side / 2 - 6);
    const colour = (name: string) => readColour(root, name);
    context.strokeStyle = colour("--rv-line");
    context.beginPath();
    context.moveTo(0, side / 2);
    context.lineTo(side, side / 2);
    context.moveTo(side / 2, 0);
    context.lineTo(side / 2, side);
    context.stroke();
    context.strokeStyle = colour("--rv-ink-2");
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(side / 2, side / 2, pixel(1) - pixel(0), 0, 2 * Math.PI);
    context.stroke();
    for (const [re, im] of values) {
      const outside = Math.hypot(re, im) > 1;
      context.fillStyle = context.strokeStyle = colour(outside ? "--rv-bad" : "--rv-state");
      context.beginPath();
      // Filled inside, open outside: hue alone would not tell everybody.
      context.arc(pixel(re), pixel(-im), 3.5, 0, 2 * Math.PI);
      if (outside) context.stroke();
      else context.fill();
    }
    planeNote.textContent = `largest ${formatNumber(radius, 2)}`;
    const outside = values.filter(([re, im]) => Math.hypot(re, im) > 1).length;
    plane.setAttribute(
      "aria-label",
      `${plural(values.length, "eigenvalue")}, the largest ${formatNumber(radius, 2)} from the origin, ${outside} outside the unit circle.`,
    );
  }

  function drawStates() {
    const { units } = reservoir;
    let limit = settings.tanh ? 1 : 0;
    for (const value of states) if (Number.isFinite(value)) limit = Math.max(limit, Math.abs(value));
    map.paint({
      map: { rows: units, columns: SHOWN, at: (row, column) => states[column * units + row] },
      region: whole(units, SHOWN),
      scale: scaleOf(root, "hidden", limit || 1),
      height: 190,
      rowName: String,
      labels: undefined,
    });
    map.size(map.element.clientWidth - GUTTER);
    map.figure.setAttribute(
      "aria-label",
      `States of ${plural(units, "unit")} over ${SHOWN} steps of noise. Arrow keys move the cursor.`,
    );
  }

  function drawFading() {
    fading.draw({
      curves: [{ values: distance, property: "--rv-grad", name: "distance of the two states" }],
      across: [0, SHOWN - 1],
      up: [-12, Math.max(1, Math.ceil(Math.log10(Math.max(...distance.filter(Number.isFinite), 1))))],
      log: true,
      at: stepNow(),
    });
    fading.note.textContent = "two starts, one input";
    fading.canvas.setAttribute("aria-label", sayFading());
  }

  function sayFading(): string {
    const last = distance[distance.length - 1];
    const met = distance.findIndex((value) => value < 1e-6 * distance[0]);
    if (!Number.isFinite(last)) return "Its states run away: they are no numbers any more.";
    if (met >= 0) return `It forgets its start: a millionth of the difference is left after ${met} steps.`;
    if (last < 0.5 * distance[0])
      return `It forgets its start slowly: after ${SHOWN} steps ${formatNumber(last / distance[0])} of the difference is left.`;
    return `It does not forget its start: after ${SHOWN} steps ${formatNumber(last / distance[0], 2)} of the difference is left.`;
  }

  function drawMemory() {
    const delays = Math.min(100, 2 * reservoir.units);
    memory.draw({
      curves: [
        {
          values: capacity ?? [],
          start: 1,
          property: "--rv-state",
          name: "share remembered (squared correlation)",
        },
      ],
      across: [1, delays],
      up: [0, 1.05],
    });
    const sum = (capacity ?? []).reduce((total, value) => total + value, 0);
    memory.note.textContent = capacity
      ? `sum ${formatNumber(sum, 1)} of at most ${reservoir.units}`
      : "not measurable";
    memory.canvas.setAttribute(
      "aria-label",
      capacity
        ? `Memory capacity over ${delays} delays: ${formatNumber(sum, 1)} in all, of at most ${reservoir.units}; half is remembered up to delay ${lastAbove(capacity, 0.5)}.`
        : "Memory capacity cannot be measured: the states are not finite.",
    );
  }

  function drawForecast() {
    const truth = series.subarray(fit + 1);
    const shown = 80;
    ahead.draw({
      curves: [
        { values: series.subarray(fit - shown), start: -shown, property: "--rv-ink-2", name: "truth" },
        {
          values: forecast?.values ?? [],
          start: 1,
          property: "--rv-output",
          dash: [7, 4],
          name: "forecast",
        },
      ],
      across: [-shown, truth.length],
      up: [-0.8, 0.6],
      at: 0,
    });
    ahead.note.textContent = forecast ? `error over ${JUDGED} steps ${sayError(forecast)}` : "no forecast";
    ahead.canvas.setAttribute(
      "aria-label",
      forecast
        ? `Forecast of ${truth.length} steps from its own output. Root mean squared error over the first ${JUDGED} steps: ${sayError(forecast)} of the series' deviation.`
        : "No forecast: the states are not finite.",
    );
  }

  function sayError(made: Forecast): string {
    const error = made.error(JUDGED);
    return Number.isFinite(error) && error < 1000 ? formatShort(error) : "beyond all bounds";
  }

  function speak() {
    const sum = (capacity ?? []).reduce((total, value) => total + value, 0);
    spoken.textContent = `${sayFading()} ${
      capacity ? `It remembers ${formatNumber(sum, 1)} of at most ${reservoir.units} past inputs.` : ""
    } ${forecast ? `Its forecast errs by ${sayError(forecast)} of the series’ deviation; 1 is as bad as the mean.` : ""}`;
  }

  function mark() {
    const [step, unit] = [stepNow(), unitNow()];
    map.mark({ row: unit, column: step });
    map.reading.textContent = formatNumber(states[step * reservoir.units + unit]);
  }

  onWidth(board, signal, () => {
    drawFirst();
    if (forecast || capacity?.length) {
      drawMemory();
      drawForecast();
    }
  });
  onTheme(signal, compute);
  cursor.on(
    oncePerFrame(() => {
      mark();
      drawFading();
    }, signal),
  );
  compute();
});

const clamp = (value: number, end: number): number => Math.max(0, Math.min(end - 1, value));

const formatNumberAt =
  (decimals: number) =>
  (value: number): string =>
    formatNumber(value, decimals);

const lastAbove = (values: number[], level: number): number =>
  values.findIndex((value) => value < level) < 0 ? values.length : values.findIndex((value) => value < level);
