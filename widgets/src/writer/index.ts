// A character model writes on from a prompt; temperature, dice and characters put in by hand change it at once.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { WriterState } from "./state";
import { makeView } from "./view";

export default defineWidget("writer", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const state = new WriterState(model, cursor);
  if (!model.get("cursor")) cursor.move({ unit: model.get("unit"), step: state.prompt.length });
  makeView(root, signal, model, cursor, state);
});
