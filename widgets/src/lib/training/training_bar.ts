// The buttons of a training that runs in Python, how far it is, and what went wrong.
import type { AnyModel } from "@anywidget/types";
import { h } from "../page/dom";
import { connectStream } from "../page/stream";
import { copyFloats } from "../trace/floats";
import { plural } from "../words/format";
import { makePace } from "./pace";
import { makeStartButton } from "./start_button";

export interface Progress {
  step: number;
  /** Null before the first update. */
  loss: number | null;
}

/** `show` gets what comes with each frame. */
export function makeTrainingBar(
  model: AnyModel,
  signal: AbortSignal,
  show: (progress: Progress, data: Float32Array[]) => void,
): HTMLElement {
  let state = "ready";
  let progress = model.get("frame") as Progress;
  const pace = makePace();
  const start = makeStartButton((running) => stream.order(running ? "pause" : "start"));
  const step = h("button", { type: "button", onclick: () => stream.order("step") }, "Step");
  const reset = h("button", { type: "button", onclick: () => stream.order("reset") }, "Reset");
  const status = h("span", { class: "rv-note rv-status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const element = h(
    "div",
    {},
    h(
      "div",
      { class: "rv-controls rv-running", role: "group", "aria-label": "Training" },
      start.element,
      step,
      reset,
      status,
    ),
    problem,
  );

  function showState(): void {
    const running = state === "running";
    start.show(state);
    step.disabled = running || start.element.disabled;
    status.textContent = [
      plural(progress.step, "update"),
      progress.loss !== null && `loss ${progress.loss.toFixed(2)}`,
      running && pace.speed() > 0 && `${Math.round(pace.speed())} a second`,
      state === "finished" && "done",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  const stream = connectStream<Progress>(model, signal, {
    frame(next, buffers) {
      progress = next;
      pace.note(next.step);
      show(next, buffers.map(copyFloats));
      showState();
    },
    state(next) {
      if (next !== state) pace.restart();
      state = next;
      showState();
    },
    problem(message) {
      problem.hidden = !message;
      problem.textContent = message ?? "";
    },
  });
  showState();
  return element;
}
