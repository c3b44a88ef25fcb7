// Surgery: hold a gate or a state over some units and steps, and see the network's states and its answer change.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { readTrace } from "../lib/trace/trace";
import { SurgeryState } from "./state";
import { makeView } from "./view";

export default defineWidget("surgery", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  makeView(root, signal, model, cursor, new SurgeryState(model, trace, cursor));
});
