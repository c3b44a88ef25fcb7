// The T×T map of gradient flow or influence, and the cursor's row and column of it as curves.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { FlowState } from "./state";
import { makeView } from "./view";

export default defineWidget("gradient-flow", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  makeView(model, root, signal, cursor, new FlowState(model));
});
