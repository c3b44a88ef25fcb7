// Draws the chart: axes, one line and its points for each measure, and where the slider is.
import { s } from "../lib/page/dom";
import { shortNumber } from "../lib/words/prediction";
import { layChart } from "./chart";
import type { ExperimentState } from "./state";

export const HUES = ["--rv-state", "--rv-output", "--rv-input", "--rv-gate-candidate"];
export const DASHES = [[], [6, 4], [2, 3], [9, 3, 2, 3]];

export function drawChart(chart: SVGSVGElement, state: ExperimentState, width: number): void {
  const frame = { width, height: 252, left: 62, right: 22, top: 26, bottom: 46 };
  const { x, y, points, lines, xTicks, yTicks } = layChart(state.rows, state.low, state.high, frame);
  const floor = frame.height - frame.bottom;
  const text = (at: number, down: number, anchor: string, words: string) =>
    s("text", { class: "rv-axis", x: at, y: down, "text-anchor": anchor }, words);
  const line = (look: string, ends: Record<string, number>) => s("line", { class: look, ...ends });
  chart.setAttribute("viewBox", `0 0 ${width} ${frame.height}`);
  chart.replaceChildren(
    text(frame.left, 14, "start", state.axis),
    ...yTicks.flatMap((tick) => [
      line("rv-grid", { x1: frame.left, x2: width - frame.right, y1: y(tick), y2: y(tick) }),
      text(frame.left - 8, y(tick) + 4, "end", shortNumber(tick)),
    ]),
    ...xTicks.map((tick) => text(x(tick), floor + 20, "middle", shortNumber(tick))),
    text((frame.left + width - frame.right) / 2, frame.height - 6, "middle", state.across),
    line("rv-now", { x1: x(state.place), x2: x(state.place), y1: frame.top, y2: floor }),
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
      series.map(([cx, cy]) => s("circle", { cx, cy, r: 3.5, fill: `var(${HUES[at]})`, class: "rv-point" })),
    ),
  );
  chart.setAttribute("aria-label", state.sayChart());
}
