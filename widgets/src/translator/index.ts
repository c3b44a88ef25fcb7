// A translator to watch: the encoder fills up word by word, the decoder chooses word by word; any word can be forced.
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { TranslatorState } from "./state";
import { makeView } from "./view";

export default defineWidget("translator", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  makeView(root, signal, cursor, new TranslatorState(model, cursor), model.get("sentence"));
});
