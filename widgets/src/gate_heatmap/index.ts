// Every gate and state of a layer as a map: units down, time across, under the input's own symbols.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { readTrace } from "../lib/trace/trace";
import { MapsState } from "./state";
import { makeView } from "./view";

export default defineWidget("gate-heatmap", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const state = new MapsState(
    trace,
    model.get("layer"),
    model.get("arrays"),
    model.get("sort"),
    model.get("colours"),
  );
  makeView(model, root, signal, cursor, state);
});
