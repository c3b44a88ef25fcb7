// The bet: gradients of untrained networks, a bet on which will learn, the training, and what the gradients knew.
import { openShelf } from "../lib/page/progress";
import { connectStream } from "../lib/page/stream";
import { defineWidget } from "../lib/page/widget";
import type { Frame } from "../lib/training/bets";
import { BetState, type Kept } from "./state";
import { makeView } from "./view";

export default defineWidget("bet", ({ model, root, signal }) => {
  const state = new BetState(model.get("scene"), model.get("frame"));
  const shelf = () => openShelf<Kept>("predict", state.scene.lesson, state.scene.name);
  const view = makeView(root, signal, state, {
    place() {
      const placed = state.place();
      if (placed) shelf().keep(placed);
    },
    takeBack() {
      shelf().forget();
      // Another bet on the same weights would be a bet on what is already known.
      if (state.hasTrained) stream.send({ kind: "again" });
      state.takeBack();
    },
    train: (running) => stream.order(running ? "pause" : "start"),
    again: () => stream.send({ kind: "again" }),
  });
  const stream = connectStream<Frame>(model, signal, {
    frame(next) {
      if (state.takeFrame(next)) view.repaint();
    },
    state(next) {
      state.training = next;
      view.repaint();
    },
    problem: view.say,
  });

  const sceneChanged = () => {
    const scene = model.get("scene");
    state.take(scene, model.get("frame"), openShelf<Kept>("predict", scene.lesson, scene.name).read());
    view.build();
    view.repaint();
  };
  const frameChanged = () => {
    state.course = model.get("frame");
    view.repaint();
  };
  model.on("change:scene", sceneChanged);
  model.on("change:frame", frameChanged);
  signal.addEventListener("abort", () => {
    model.off("change:scene", sceneChanged);
    model.off("change:frame", frameChanged);
  });
  state.recall(shelf().read());
  view.build();
  view.show();
});
