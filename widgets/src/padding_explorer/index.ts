// Rows of cells, the padding hatched: sequences of different lengths in batches, and what that costs.
import { saveAtRest } from "../lib/page/saving";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { binWidth } from "./padding";
import { PaddingState, type Settings } from "./state";
import { makeView } from "./view";

const TRAITS = ["lengths", "method", "batch", "buckets", "seed"] as const;

export default defineWidget("padding-explorer", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const read = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)])) as unknown as Settings;
  const state = new PaddingState(read());
  const change = () => {
    state.take(read());
    view.show();
  };
  const set = saveAtRest(model, TRAITS, signal);
  const view = makeView(root, signal, cursor, state, (values) => {
    set(values);
    change();
  });

  let heard = false;
  function hear(): void {
    if (heard) return;
    heard = true;
    // All that Python changes at once comes as one message.
    queueMicrotask(() => {
      heard = false;
      if (model.get("lengths") !== state.lengths) state.bin = binWidth(model.get("lengths"));
      change();
    });
  }
  for (const name of TRAITS) model.on(`change:${name}`, hear);
  signal.addEventListener("abort", () => {
    for (const name of TRAITS) model.off(`change:${name}`, hear);
  });
  view.show();
});
