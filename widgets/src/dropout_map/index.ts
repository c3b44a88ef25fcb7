// Dropout between two layers: what the lower one says, and what of it the upper one hears, dropped values crossed out.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { readTrace } from "../lib/trace/trace";
import { DropoutState } from "./state";
import { makeView } from "./view";

export default defineWidget("dropout-map", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  makeView(root, signal, cursor, new DropoutState(trace, model.get("layer"), model.get("keep"), cursor));
});
