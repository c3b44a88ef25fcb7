// A slider, and what Python measures for it, drawn point by point.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSlider } from "../lib/controls/slider";
import { swatch } from "../lib/draw/swatch";
import { h, s } from "../lib/page/dom";
import { watchKernel } from "../lib/page/kernel";
import { defineWidget, oncePerFrame, onWidth } from "../lib/page/widget";
import { DASHES, drawChart, HUES } from "./chart_view";
import { ExperimentState, type SentRow } from "./state";

export default defineWidget("experiment", ({ model, root, signal }) => {
  const state = new ExperimentState(model);
  const { names, low, high } = state;
  const slider = makeSlider({
    ...{ label: state.x, low, high, step: 1, value: state.place, unit: state.xUnit },
    choose(place) {
      state.slideTo(place);
      ask();
    },
  });
  const chart = s("svg", { role: "img" });
  const reading = h("p", { class: "rv-reading", role: "status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const legend = h("ul", { class: "rv-legend", hidden: names.length === 1 });
  for (const [at, name] of names.entries()) legend.append(h("li", {}, swatch(HUES[at], DASHES[at]), name));
  const saveMenu = makeSaveMenu({
    name: "experiment",
    root,
    vectors: chart,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h("div", { class: "rv-head" }, slider.element, legend, h("div", { class: "rv-controls" }, saveMenu)),
    chart,
    reading,
    problem,
  );

  let width = 600;
  function paint(): void {
    drawChart(chart, state, width);
    reading.textContent = state.tell();
  }
  const repaint = oncePerFrame(paint, signal);
  onWidth(root, signal, (now) => {
    width = Math.max(260, now - 34);
    repaint();
  });

  function ask(): void {
    const place = state.ask();
    if (place !== null) model.send({ place });
  }
  function hear({ row, error }: { row?: SentRow; error?: string }): void {
    if (!state.hear(row, error !== undefined)) return;
    problem.hidden = error === undefined;
    if (error !== undefined) problem.textContent = `This could not be measured. ${error}`;
    if (row === undefined) return;
    repaint();
    ask();
  }
  const measured = () => {
    state.takePoints(model.get("points"));
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
    state.live = kernel === "live";
    ask();
  });
  watchSight(chart, signal, (inSight) => {
    state.inSight = inSight;
    ask();
  });
});

/** Only what somebody looks at fills itself, and none of a page that is scrolled past. */
function watchSight(element: Element, signal: AbortSignal, changed: (inSight: boolean) => void): void {
  if (typeof IntersectionObserver === "undefined") return;
  const observer = new IntersectionObserver((entries) => changed(entries[entries.length - 1].isIntersecting));
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());
}
