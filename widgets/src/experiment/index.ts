// A slider, and what Python measures for it, drawn point by point.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { swatch } from "../lib/draw/swatch";
import { h, s } from "../lib/page/dom";
import { watchKernel } from "../lib/page/kernel";
import { defineWidget, oncePerFrame, onWidth } from "../lib/page/widget";
import { count } from "../lib/words/format";
import { shortNumber } from "../lib/words/prediction";
import { quote, write, writeOptions } from "../lib/words/takeaway";
import { describeSeries, insertRow, layChart, nextPlace, type Row } from "./chart";

const HUES = ["--rv-state", "--rv-output", "--rv-input", "--rv-gate-candidate"];
const DASHES = [[], [6, 4], [2, 3], [9, 3, 2, 3]];

/** As it arrives: what JSON cannot hold is written out, "NaN" and "Infinity". */
type SentRow = (number | string)[];
const readRows = (sent: SentRow[]): Row[] => sent.map((row) => row.map(Number));

export default defineWidget("experiment", ({ model, root, signal }) => {
  const names: string[] = model.get("names");
  const [low, high]: [number, number] = [model.get("low"), model.get("high")];
  let rows = readRows(model.get("points"));
  let place = rows[rows.length - 1]?.[0] ?? high;
  /** What Python is measuring now: what the hand asked for, or a place of the curve that is still missing. */
  let waiting: "asked" | "filling" | null = null;
  let live = false;
  let inSight = false;
  let wanted = place;
  let touched = false;

  const id = `rv-experiment-${Math.random().toString(36).slice(2)}`;
  const output = h("output", { for: id });
  const slider = h("input", { type: "range", id, min: low, max: high, step: 1, value: place });
  const label = h("label", { class: "rv-field rv-wide", for: id }, model.get("x"), slider, output);
  const chart = s("svg", { role: "img" });
  const reading = h("p", { class: "rv-reading", role: "status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const legend = h("ul", { class: "rv-legend" });
  for (const [at, name] of names.entries()) legend.append(h("li", {}, swatch(HUES[at], DASHES[at]), name));
  legend.hidden = names.length === 1;
  const unit: string = model.get("unit");
  const withUnit = (value: number) =>
    unit && Number.isFinite(value) ? `${shortNumber(value)} ${unit}` : shortNumber(value);
  const axis = [names.length === 1 && names[0], unit].filter(Boolean).join(", ");
  const saveMenu = makeSaveMenu({
    name: "experiment",
    root,
    vectors: chart,
    table: () => {
      const head = [model.get("x"), ...names].map(quote).join(",");
      return [head, ...rows.map((row) => row.join(",")), ""].join("\n");
    },
    code: writeCode,
  });
  root.append(
    h("div", { class: "rv-head" }, label, legend, h("div", { class: "rv-controls" }, saveMenu)),
    chart,
    reading,
    problem,
  );

  let width = 600;
  const repaint = oncePerFrame(paint, signal);
  onWidth(root, signal, (now) => {
    width = Math.max(260, now - 34);
    repaint();
  });
  slider.addEventListener("input", () => {
    touched = true;
    wanted = Number(slider.value);
    output.textContent = shortNumber(wanted);
    ask();
  });
  const measured = () => {
    rows = readRows(model.get("points"));
    // A page may be drawn before it has any: the slider then begins where the last of the first points is.
    if (!touched && rows.length > 0) {
      place = wanted = rows[rows.length - 1][0];
      slider.value = String(place);
    }
    repaint();
  };
  model.on("msg:custom", hear);
  model.on("change:points", measured);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", hear);
    model.off("change:points", measured);
  });
  paint();
  watchKernel(model, signal, (kernel) => {
    live = kernel === "live";
    ask();
  });
  watchSight();

  /** Only what somebody looks at fills itself, and none of a page that is scrolled past. */
  function watchSight() {
    if (typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver((entries) => {
      inSight = entries[entries.length - 1].isIntersecting;
      ask();
    });
    observer.observe(chart);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  /** The measurements themselves, at the places that have been measured. */
  function writeCode(): string {
    const { lines, expressions } = model.get("code") as { lines: string[]; expressions: string[] };
    const measures = names.map((name, at) => `${write(name)}: ${expressions[at]}`);
    const options = { low, high, x: model.get("x"), unit: unit || null, first: rows.map(([at]) => at) };
    return [
      "import rnnviz_widgets as rw",
      ...lines,
      "",
      `rw.Experiment({${measures.join(", ")}}${writeOptions(options)})`,
      "",
    ].join("\n");
  }

  /**
   * One question at a time: a held slider asks for where it is now, not for all it has passed. While the hand rests, the
   * places are measured that are still missing.
   */
  function ask() {
    if (waiting !== null) return;
    if (wanted !== place) {
      waiting = "asked";
      model.send({ place: wanted });
      return;
    }
    const missing = live && inSight && problem.hidden ? nextPlace(rows, low, high) : null;
    if (missing === null) return;
    waiting = "filling";
    model.send({ place: missing });
  }

  function hear(answer: { row?: SentRow; error?: string }) {
    if (waiting === null) return;
    const asked = waiting === "asked";
    waiting = null;
    problem.hidden = answer.error === undefined;
    if (answer.error !== undefined) problem.textContent = `This could not be measured. ${answer.error}`;
    if (answer.row !== undefined) {
      const [row] = readRows([answer.row]);
      if (asked || row[0] === wanted) place = row[0];
      rows = insertRow(rows, row);
      repaint();
      ask();
    }
  }

  function paint() {
    const frame = { width, height: 252, left: 62, right: 22, top: 26, bottom: 46 };
    const { x, y, points, lines, xTicks, yTicks } = layChart(rows, low, high, frame);
    const floor = frame.height - frame.bottom;
    chart.setAttribute("viewBox", `0 0 ${width} ${frame.height}`);
    chart.replaceChildren(
      s("text", { class: "rv-axis", x: frame.left, y: 14, "text-anchor": "start" }, axis),
      ...yTicks.flatMap((tick) => [
        s("line", { class: "rv-grid", x1: frame.left, x2: width - frame.right, y1: y(tick), y2: y(tick) }),
        s(
          "text",
          { class: "rv-axis", x: frame.left - 8, y: y(tick) + 4, "text-anchor": "end" },
          shortNumber(tick),
        ),
      ]),
      ...xTicks.map((tick) =>
        s(
          "text",
          { class: "rv-axis", x: x(tick), y: floor + 20, "text-anchor": "middle" },
          shortNumber(tick),
        ),
      ),
      s(
        "text",
        {
          class: "rv-axis",
          x: (frame.left + width - frame.right) / 2,
          y: frame.height - 6,
          "text-anchor": "middle",
        },
        model.get("x"),
      ),
      s("line", { class: "rv-now", x1: x(place), x2: x(place), y1: frame.top, y2: floor }),
      ...lines.flatMap((pieces, at) =>
        pieces.map((piece) =>
          s("polyline", {
            class: "rv-series",
            points: piece.join(" "),
            stroke: `var(${HUES[at]})`,
            "stroke-dasharray": DASHES[at].join(" "),
          }),
        ),
      ),
      ...points.flatMap((series, at) =>
        series.map(([cx, cy]) =>
          s("circle", { cx, cy, r: 3.5, fill: `var(${HUES[at]})`, class: "rv-point" }),
        ),
      ),
    );
    const words = names.map((name, at) => describeSeries(name, rows, at + 1, withUnit));
    chart.setAttribute("aria-label", `Measured against ${model.get("x")}. ${words.join(" ")}`);
    output.textContent = shortNumber(Number(slider.value));
    const row = rows.find(([at]) => at === place);
    const here = count(place, model.get("x"), shortNumber);
    reading.textContent = row
      ? `${here}: ${names.map((name, at) => `${name} ${withUnit(row[at + 1])}`).join(", ")}.`
      : `${here}: not measured yet.`;
  }
});
