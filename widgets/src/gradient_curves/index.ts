// How large the gradient is at each step, for several models at once.
import { loadPlotly } from "../lib/draw/plotly";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, onTheme, onWidth } from "../lib/page/widget";
import { CurvesState, countSequences } from "./state";
import { makeView } from "./view";

export default defineWidget("gradient-curves", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const state = new CurvesState(model.get("quantity"), model.get("scale") === "log");
  const change = () => {
    state.read(model.get("curves"), model.get("data"), cursor.get("sequence"));
    view.showCurves();
  };
  const view = makeView({ model, root, signal, cursor, state, changed: change });

  cursor.on(() => {
    const sequence = Math.min(cursor.get("sequence"), countSequences(model.get("curves")) - 1);
    if (sequence === state.sequence) view.repaint();
    else change();
  });
  // The headers come in the same message, and are in place when this is told.
  model.on("change:data", change);
  signal.addEventListener("abort", () => model.off("change:data", change));
  onTheme(signal, change);
  onWidth(view.plot, signal, view.resize);
  change();

  loadPlotly(model, signal).then(
    ({ Plotly }) => view.still.use(Plotly),
    (error) => {
      console.warn(error);
      view.sayNoZoom();
    },
  );
});
