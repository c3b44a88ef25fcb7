// The gradient of a weight matrix as a sum over time steps: it adds up as the cursor goes back, and can be cut short.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { WeightState } from "./state";
import { makeView } from "./view";

export default defineWidget("weight-gradient", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  makeView(root, signal, model, cursor, new WeightState(model, cursor));
});
