// A ragged batch: drag where a sequence ends, and see padding, mask, final state and the packed layout follow.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { readTrace } from "../lib/trace/trace";
import { BatchState } from "./state";
import { makeView } from "./view";

export default defineWidget("lengths-explorer", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const state = new BatchState(trace, trace.feeds, model.get("lengths"));
  const view = makeView(root, signal, cursor, state, () => {
    model.set("lengths", [...state.lengths]);
    model.save_changes();
  });
  const changed = () => {
    const next: number[] = model.get("lengths");
    if (next.length !== state.sequences || next.every((length, k) => length === state.lengths[k])) return;
    state.lengths = [...next];
    view.showLengths();
  };
  model.on("change:lengths", changed);
  signal.addEventListener("abort", () => model.off("change:lengths", changed));
});
