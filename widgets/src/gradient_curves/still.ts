// The same picture drawn by plotly, once everything rests: it can be zoomed, compared and saved.
import { readColour } from "../lib/draw/colours";
import { logTicks } from "../lib/draw/plot";
import type { Plotly, PlotlyElement } from "../lib/draw/plotly";
import { curveDash, curveProperty } from "../lib/draw/swatch";
import type { CurvesState } from "./state";

export interface Margin {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const CONFIG = {
  displaylogo: false,
  modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
  responsive: false,
  showTips: false,
  doubleClick: "reset",
};

/** Invisible ticks keep plotly's numbers as far from the axis as the canvas's. */
const GAP = { ticks: "outside", ticklen: 6, tickcolor: "rgba(0,0,0,0)" };

export const coarse = (): boolean => window.matchMedia?.("(pointer: coarse)").matches ?? false;

export class StillPicture {
  readonly margin: Margin;
  width = 0;
  height = 340;
  private library: Plotly | undefined;
  private drawn: PlotlyElement | undefined;
  /** Counts changes; plotly's picture stands only while it shows the latest. */
  private wanted = 0;
  private plotted = -1;

  constructor(
    private root: HTMLElement,
    private figure: HTMLElement,
    private state: CurvesState,
    margin: Margin,
    private signal: AbortSignal,
    /** Called where the reader has zoomed, and when plotly has drawn. */
    private zoomed: () => void,
  ) {
    this.margin = margin;
    signal.addEventListener("abort", () => this.library?.purge(figure));
  }

  use(library: Plotly): void {
    this.library = library;
    void this.draw();
  }

  /** The curves are others, so what plotly shows is not what is wanted. */
  outdate(): void {
    this.wanted++;
  }

  get stands(): boolean {
    return this.plotted === this.wanted && this.drawn !== undefined;
  }

  async draw(): Promise<void> {
    if (!this.library || this.signal.aborted || this.width === 0) return;
    const version = this.wanted;
    const element = await this.library.react(this.figure, this.traces(), this.layout(), CONFIG);
    if (!this.drawn) {
      element.on("plotly_relayout", () => this.followZoom());
      element.on("plotly_relayouting", () => this.followZoom());
      this.drawn = element;
    }
    this.plotted = version;
    this.followZoom();
  }

  async asSvg(): Promise<string> {
    if (!this.library)
      throw new Error("Plotly is not there, which draws this file; the PNG has the same curves.");
    // Plotly takes a description of a figure as well as an element.
    const picture = { data: this.traces(), layout: this.layout(true) } as unknown as HTMLElement;
    const address = await this.library.toImage(picture, { format: "svg", width: 960, height: 480 });
    return decodeURIComponent(address.slice(address.indexOf(",") + 1));
  }

  /** Keeps the drawing on the canvas where plotly's own axes are. */
  private followZoom(): void {
    const { state, drawn, library } = this;
    const x = drawn?.layout.xaxis?.range;
    const y = drawn?.layout.yaxis?.range;
    const same =
      !x ||
      !y ||
      (near(x[0], 0) &&
        near(x[1], state.steps - 1) &&
        near(y[0], state.range[0]) &&
        near(y[1], state.range[1]));
    state.zoom = same ? null : { x: [x[0], x[1]], y: [y[0], y[1]] };
    const ticks = ticksAt(state.axes().y.range);
    const stale = String(ticks.ticktext) !== String(drawn?.layout.yaxis?.ticktext);
    if (state.log && library && drawn && this.stands && stale)
      void library.relayout(drawn, { "yaxis.tickvals": ticks.tickvals, "yaxis.ticktext": ticks.ticktext });
    this.zoomed();
  }

  private traces(): unknown[] {
    const { root, state } = this;
    return state.shown().flatMap(({ name, place, values, bound }) => {
      const dash = curveDash(place)
        .map((n) => `${n}px`)
        .join(",");
      const line = { color: readColour(root, curveProperty(place)), width: 2, dash: dash || "solid" };
      // A log axis has no place for what is not a positive, finite number.
      const lift = (value: number) => (Number.isFinite(value) && (!state.log || value > 0) ? value : null);
      const common = { type: "scatter", mode: "lines", name, legendgroup: name };
      const all: unknown[] = [{ ...common, y: Array.from(values, lift), line }];
      if (bound)
        all.push({
          ...common,
          name: `${name}, upper bound`,
          y: Array.from(bound, lift),
          line: { ...line, width: 1, dash: "2px,4px" },
          showlegend: false,
        });
      return all;
    });
  }

  private layout(saved = false) {
    const { root, state, margin } = this;
    // A saved picture shows what the reader has zoomed to; on the page plotly keeps that itself.
    const axes = state.axes();
    const { x, y } = saved ? axes : { x: { range: [0, state.steps - 1] }, y: { range: state.range } };
    return {
      width: saved ? 960 : this.width,
      height: saved ? 480 : this.height,
      margin: { l: margin.left, r: margin.right, t: saved ? 48 : margin.top, b: margin.bottom },
      font: { family: readColour(root, "--rv-font"), size: 13 },
      paper_bgcolor: saved ? "#ffffff" : "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      showlegend: saved,
      legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
      // Our own reading follows the pointer, the cursor and the keys alike.
      hovermode: false,
      dragmode: coarse() ? false : "zoom",
      // The reader's zoom is kept while the numbers change, and given up when the axis means something else.
      uirevision: `${state.quantity} ${state.log}`,
      xaxis: {
        ...GAP,
        title: { text: "step t" },
        range: x.range,
        gridcolor: "#d5dae3",
        zeroline: false,
      },
      yaxis: {
        ...GAP,
        title: { text: `‖∂L/∂${state.symbol}<sub>t</sub>‖`, standoff: 4 },
        type: state.log ? "log" : "linear",
        range: y.range,
        ...(state.log ? ticksAt(axes.y.range) : { tickmode: "auto", nticks: 6 }),
        gridcolor: "#d5dae3",
        zeroline: false,
      },
    };
  }
}

const near = (a: number, b: number) => Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

/** The same numbers on plotly's axis as on the canvas's; on a short one plotly adds tiny ones between powers of ten. */
function ticksAt(range: [number, number]): { tickmode: "array"; tickvals: number[]; ticktext: string[] } {
  const ticks = logTicks([Math.min(...range), Math.max(...range)], 8);
  return {
    tickmode: "array",
    tickvals: ticks.map(({ at }) => 10 ** at),
    ticktext: ticks.map(({ label }) => label),
  };
}
