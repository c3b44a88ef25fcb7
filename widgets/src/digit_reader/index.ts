// Draw a digit and watch a recurrent network read it: rows go in one at a time, and its mind moves with them.
import { readColour } from "../lib/draw/colours";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget } from "../lib/page/widget";
import { readReader } from "./reader";
import { ReaderState, readExamples } from "./state";
import { makeView } from "./view";

export default defineWidget("digit-reader", async ({ model, host, root, signal }) => {
  await whenStyled(root);
  const [rows, columns]: number[] = [model.get("rows"), model.get("columns")];
  const examples = readExamples(model, rows * columns);
  const cursor = await connectCursor(model, host, signal);
  const reader = readReader(model, rows);
  const state = new ReaderState(reader, rows, columns, model.get("placement"), examples);
  // The whole digit is read at first; where the cursor is shared, it stays where the others have it.
  if (!model.get("cursor")) cursor.move({ step: rows - 1 });
  const view = makeView(root, signal, cursor, state);
  const update = () => {
    if ((model.get("data") as DataView).byteLength === 0) return;
    state.takeReader(readReader(model, rows));
    view.build();
  };
  model.on("change:data", update);
  signal.addEventListener("abort", () => model.off("change:data", update));
});

/** The first of a page's widgets may be drawn before the style sheet with its colours is there. */
async function whenStyled(root: HTMLElement): Promise<void> {
  for (let frames = 0; frames < 300 && readColour(root, "--rv-ink") === ""; frames++)
    await new Promise((done) => requestAnimationFrame(done));
}
