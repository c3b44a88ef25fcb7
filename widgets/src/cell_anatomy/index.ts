// One cell as a wiring diagram: live values on every wire, gates that can be held by hand, a step in slow motion.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { readTrace } from "../lib/trace/trace";
import { CellState } from "./state";
import { makeView } from "./view";

export default defineWidget("cell-anatomy", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  makeView(model, root, signal, cursor, new CellState(trace, trace.feeds, model.get("layer")));
});
