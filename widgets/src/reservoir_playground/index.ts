// An echo-state network to play with: spectrum, states, fading of the start, memory capacity and a forecast, as the
// sliders move. Everything is computed in the page.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { ReservoirState } from "./state";
import { makeView } from "./view";

export default defineWidget("reservoir-playground", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  makeView(root, signal, cursor, new ReservoirState(model));
});
