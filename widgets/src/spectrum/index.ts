// Eigenvalues of each step's Jacobian on the unit circle, singular values per step, and the running product.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { SpectrumState } from "./state";
import { makeView } from "./view";

export default defineWidget("spectrum", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  makeView(model, root, signal, cursor, new SpectrumState(model));
});
