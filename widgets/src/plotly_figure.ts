// A plotly figure whose script is loaded once a page, in the course's look.
import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { h } from "./lib/dom";
import type { PlotlyModule } from "./lib/plotly";
import { loadPlotly } from "./lib/plotly";
import { messageOf, onWidth } from "./lib/widget";

/** How plotly's Python side tells the page of a change: each is set, then set back to null. */
const CHANGES = [
  "addTraces",
  "deleteTraces",
  "moveTraces",
  "restyle",
  "relayout",
  "update",
  "animate",
  "removeLayoutProps",
  "removeTraceProps",
].map((name) => `_py2js_${name}`);

export default () => {
  let widget: ReturnType<PlotlyModule["makeWidget"]> | undefined;
  let replay = () => {};

  /** Plotly's own model, made as soon as the script is there; what happened before is told again. */
  async function ready(context: RenderProps): Promise<PlotlyModule> {
    const plotly = await loadPlotly(context.model, context.signal);
    if (!widget) {
      widget = plotly.makeWidget();
      widget.initialize(context);
      replay();
    }
    return plotly;
  }

  return {
    // anywidget gives up on a widget that takes two seconds to initialise, so the script is awaited in `render`.
    initialize({ model, signal }: InitializeProps) {
      replay = rememberChanges(model, signal);
    },

    async render(context: RenderProps) {
      const root = h("section", { class: "rnnviz rnnviz-plotly", "data-lm-suppress-shortcuts": "true" });
      const waiting = h("p", { class: "rv-note", role: "status" }, "Loading the plot …");
      root.append(waiting);
      context.el.append(root);
      try {
        const { Plotly } = await ready(context);
        if (context.signal.aborted) return;
        const figure = h("div");
        root.replaceChildren(figure);
        const purge = widget!.render({ el: figure });
        context.signal.addEventListener("abort", purge);
        // Plotly listens to the window only; a card also changes its width with a side bar.
        onWidth(root, context.signal, () => {
          if (figure.classList.contains("js-plotly-plot") && figure.offsetParent) Plotly.Plots.resize(figure);
        });
      } catch (error) {
        root.replaceChildren(h("p", { class: "rv-error", role: "alert" }, messageOf(error)));
      }
    },
  };
};

/** Notes what Python changes while the script is on its way, and returns a function that makes it happen. */
function rememberChanges(model: AnyModel, signal: AbortSignal): () => void {
  const missed: [string, unknown][] = [];
  const listeners = CHANGES.map((name): [string, () => void] => [
    `change:${name}`,
    () => {
      const change: unknown = model.get(name);
      if (change !== null) missed.push([name, change]);
    },
  ]);
  const stop = () => {
    for (const [event, listen] of listeners) model.off(event, listen);
  };
  for (const [event, listen] of listeners) model.on(event, listen);
  signal.addEventListener("abort", stop);
  return () => {
    stop();
    for (const [name, change] of missed) {
      model.set(name, change);
      model.set(name, null);
    }
  };
}
