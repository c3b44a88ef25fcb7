// Rows of cells, the padding hatched: sequences of different lengths in batches, and what that costs.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { binWidth } from "./padding";
import { PaddingState, type Settings } from "./state";
import { makeView } from "./view";

const TRAITS = ["lengths", "method", "batch", "buckets", "seed"] as const;
/** How long the hand must rest before Python is told, in milliseconds. */
const REST = 400;

export default defineWidget("padding-explorer", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const read = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)])) as unknown as Settings;
  const state = new PaddingState(read());
  const change = () => {
    state.take(read());
    view.show();
  };
  let rest = 0;
  const view = makeView(root, signal, cursor, state, (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    clearTimeout(rest);
    rest = window.setTimeout(() => model.save_changes(), REST);
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
    clearTimeout(rest);
    for (const name of TRAITS) model.off(`change:${name}`, hear);
  });
  view.show();
});
