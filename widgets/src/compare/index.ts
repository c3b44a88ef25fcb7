// Two or three traces side by side under one cursor: the same array of each, and their curves in one plot.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { readTrace } from "../lib/trace/trace";
import { CompareState } from "./state";
import { makeView } from "./view";

export default defineWidget("compare", async ({ model, host, root, signal }) => {
  const references = ["first", "second", "third"].map((key) => model.get(key)).filter(Boolean);
  const traces = await Promise.all(references.map(async (one) => readTrace(await host.getModel(one))));
  const cursor = await connectCursor(model, host, signal);
  const state = new CompareState(traces, model.get("names"), model.get("layers"), model.get("array"));
  state.sequence = cursor.get("sequence");
  makeView(root, signal, cursor, state);
});
