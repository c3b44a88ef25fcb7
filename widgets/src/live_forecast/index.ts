// Models that learn to continue a series, redrawn while they do: truth, one-step predictions, forecasts, errors.
import { askInTurn } from "../lib/page/requests";
import { connectCursor } from "../lib/page/shared_cursor";
import { connectStream } from "../lib/page/stream";
import { defineWidget } from "../lib/page/widget";
import { copyFloats } from "../lib/trace/floats";
import { makePace } from "../lib/training/pace";
import { type FrameHeader, sayForBox } from "./forecast";
import { makeRaceSettings } from "./race_settings";
import { RaceState } from "./state";
import { makeView, type Order } from "./view";

/** The summary is spoken: rarely while the models learn, at once when they rest. */
const QUIET = 5000;

export default defineWidget("live-forecast", async ({ model, host, root, signal }) => {
  const cursor = await connectCursor(model, host, signal);
  const state = new RaceState(model.get("scene"), copyFloats(model.get("truth")));
  const pace = makePace();
  const asks = askInTurn(model, signal, tell);
  const ask = () => {
    const { wantedOrigin } = state;
    asks.ask({ ...settings.wanted, ...(wantedOrigin === null ? {} : { origin: wantedOrigin }) });
  };
  const settings = makeRaceSettings(state.scene, ask, (name) => {
    view.say(null);
    stream.send({ kind: "series", name });
  });
  const view = makeView({
    ...{ model, root, signal, state, pace, settings },
    act(order: Order) {
      if (order !== "pause") state.looking = null;
      if (order === "reset") view.say(null);
      stream.order(order);
      view.repaint();
    },
    go: (step) => cursor.move({ step }),
    look(moment) {
      state.lookAt(moment);
      view.repaint();
      view.tellSoon(400);
    },
    upload(wish, content) {
      view.say(null);
      stream.send({ kind: "file", ...wish }, [content]);
    },
  });

  /** What Python says; what it refused is taken back. */
  function tell(message: string | null): void {
    if (message) view.fileDone();
    view.say(message && sayForBox(message));
    if (message) view.showScene();
  }
  function showFrame(): void {
    pace.note(state.updates);
    view.repaint();
    view.tellSoon(state.training === "running" ? QUIET : 0);
  }
  function showTraining(now: string): void {
    state.training = now;
    pace.restart();
    view.showTraining();
    if (now !== "running") view.tellSoon(0);
  }
  const latest = () => ({ header: model.get("frame") as FrameHeader, lines: copyFloats(model.get("lines")) });
  const sceneChanged = () => {
    if (!state.takeScene(model.get("scene"), copyFloats(model.get("truth")), latest())) return;
    view.say(null);
    view.fileDone();
    view.showScene();
    showFrame();
  };
  model.on("change:scene", sceneChanged);
  signal.addEventListener("abort", () => model.off("change:scene", sceneChanged));
  cursor.on(() => {
    if (!state.moveTo(cursor.get("step"))) return;
    ask();
    view.repaint();
  });

  showTraining("ready");
  view.showScene();
  const { header, lines } = latest();
  if (state.takeFrame(header, lines)) showFrame();
  const stream = connectStream<FrameHeader>(model, signal, {
    frame(next, buffers) {
      if (state.takeFrame(next, copyFloats(buffers[0]))) showFrame();
    },
    state: showTraining,
    problem: tell,
  });
});
