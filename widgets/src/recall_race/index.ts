// Recall against distance: several cells learn the same stories, and what several seeds gave is laid beside it.
import { defineWidget } from "../lib/page/widget";
import { RecallState } from "./state";
import { makeView } from "./view";

export default defineWidget("recall-race", ({ model, root, signal }) => {
  makeView(root, signal, model, new RecallState(model.get("scene")));
});
