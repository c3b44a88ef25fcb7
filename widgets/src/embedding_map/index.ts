// Words on a plane: they move while they learn, their neighbours are listed, and a − b + c is drawn as what it is.
import { defineWidget } from "../lib/page/widget";
import { readTraits, WordsState } from "./state";
import { makeView } from "./view";

export default defineWidget("embedding-map", ({ model, root, signal }) => {
  makeView(model, root, signal, new WordsState(readTraits(model)));
});
