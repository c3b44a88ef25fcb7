// An impulse, three models that hear it, and what becomes of it.
import { saveAtRest } from "../lib/page/saving";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { ResponseState, type Traits } from "./state";
import { makeView } from "./view";

const TRAITS = [
  ...["history", "window_weight", "feedback", "radius", "angle", "activation"],
  ...["at", "size", "inputs", "steps"],
];

export default defineWidget("response-explorer", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const read = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)])) as unknown as Traits;
  const state = new ResponseState(read(), model.get("scale") === "log");
  const change = () => {
    state.take(read());
    view.show();
  };
  const set = saveAtRest(model, TRAITS, signal);
  const view = makeView(root, signal, cursor, state, (values) => {
    set(values);
    change();
  });
  /** Python has set something, or another view of this very widget; all of a message at once. */
  let heard = false;
  function hear(): void {
    if (heard) return;
    heard = true;
    queueMicrotask(() => {
      heard = false;
      change();
    });
  }
  for (const name of TRAITS) model.on(`change:${name}`, hear);
  signal.addEventListener("abort", () => {
    for (const name of TRAITS) model.off(`change:${name}`, hear);
  });
});
