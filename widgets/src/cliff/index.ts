// The cliff and the clip: an error surface, and two balls that descend it, all computed in the page.
import { defineWidget } from "../lib/page/widget";
import { CliffState, type Settings } from "./state";
import { makeView } from "./view";

const TRAITS = { steps: "steps", w: "w", b: "b", rate: "learning_rate", clip: "clip" } as const;

export default defineWidget("cliff", ({ model, root, signal }) => {
  const entries = Object.entries(TRAITS).map(([key, trait]) => [key, model.get(trait)]);
  const state = new CliffState(Object.fromEntries(entries) as Settings, model.get("updates"));
  const view = makeView(root, signal, state);
  for (const [key, trait] of Object.entries(TRAITS)) {
    const follow = () => {
      state.choose({ [key]: model.get(trait) });
      view.showChange();
    };
    model.on(`change:${trait}`, follow);
    signal.addEventListener("abort", () => model.off(`change:${trait}`, follow));
  }
});
