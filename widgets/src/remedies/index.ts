// Remedies as switches: the gradient of the untrained network at once, its learning when asked for.
import { askInTurn } from "../lib/page/requests";
import { connectStream } from "../lib/page/stream";
import { defineWidget } from "../lib/page/widget";
import { RemediesState, type Run } from "./state";
import { makeView } from "./view";

/** How long the hand must rest before the outcome is said, in milliseconds. */
const REST = 250;

export default defineWidget("remedies", ({ model, root, signal }) => {
  const state = new RemediesState(model.get("scene"), { ...model.get("switches") });
  const read = () => {
    state.scene = model.get("scene");
    state.curve = model.get("curve");
    state.left = model.get("left");
  };
  read();
  const view = makeView(root, signal, state, {
    ask: () => asks.ask({ ...state.switches }),
    train(running) {
      if (running) stream.order("pause");
      else stream.send({ kind: "train", settings: { ...state.switches } });
    },
  });
  const asks = askInTurn(model, signal, view.say);
  const stream = connectStream<Run>(model, signal, {
    frame(run) {
      state.takeRun(run);
      view.repaint();
      if (state.training !== "running") view.tell();
    },
    state(next) {
      state.training = next;
      view.repaint();
      if (next !== "running") view.tell();
    },
    problem: view.say,
  });

  let telling = 0;
  const curveChanged = () => {
    read();
    view.repaint();
    clearTimeout(telling);
    telling = window.setTimeout(view.tell, REST);
  };
  const switchesChanged = () => {
    if (asks.busy()) return;
    state.switches = { ...model.get("switches") };
    view.showSwitches();
  };
  model.on("change:curve", curveChanged);
  model.on("change:scene", curveChanged);
  model.on("change:switches", switchesChanged);
  signal.addEventListener("abort", () => {
    clearTimeout(telling);
    model.off("change:curve", curveChanged);
    model.off("change:scene", curveChanged);
    model.off("change:switches", switchesChanged);
  });
  const kept = model.get("frame") as Run;
  if (kept.run) state.takeRun(kept);
  view.showSwitches();
  view.repaint();
  view.tell();
});
