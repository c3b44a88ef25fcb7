// The buttons of a training that runs in Python, how far it is, and what went wrong.
import type { AnyModel } from "@anywidget/types";
import { h } from "./dom";
import { plural } from "./format";
import { connectStream } from "./stream";
import { icon } from "./transport";

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
  let pace = { step: 0, time: 0, speed: 0 };
  const start = h("button", { type: "button", class: "rv-primary rv-start" });
  const step = h("button", { type: "button", onclick: () => stream.order("step") }, "Step");
  const reset = h("button", { type: "button", onclick: () => stream.order("reset") }, "Reset");
  const status = h("span", { class: "rv-note rv-status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  start.addEventListener("click", () => stream.order(state === "running" ? "pause" : "start"));
  const element = h(
    "div",
    {},
    h(
      "div",
      { class: "rv-controls rv-running", role: "group", "aria-label": "Training" },
      start,
      step,
      reset,
      status,
    ),
    problem,
  );

  function showState(): void {
    const running = state === "running";
    start.replaceChildren(icon(running ? "pause" : "play"), running ? "Pause" : "Train");
    start.disabled = state === "failed" || state === "stopped";
    step.disabled = running || start.disabled;
    status.textContent = [
      plural(progress.step, "update"),
      progress.loss !== null && `loss ${progress.loss.toFixed(2)}`,
      running && pace.speed > 0 && `${Math.round(pace.speed)} a second`,
      state === "finished" && "done",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  const stream = connectStream<Progress>(model, signal, {
    frame(next, buffers) {
      progress = next;
      const now = performance.now();
      if (next.step < pace.step || pace.time === 0) pace = { step: next.step, time: now, speed: 0 };
      else if (now - pace.time > 500)
        pace = { step: next.step, time: now, speed: (1000 * (next.step - pace.step)) / (now - pace.time) };
      show(next, buffers.map(copyFloats));
      showState();
    },
    state(next) {
      if (next !== state) pace = { step: 0, time: 0, speed: 0 };
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

/** A binary buffer as floats; a copy, because floats begin at multiples of four and a message need not. */
export function copyFloats(view: DataView): Float32Array {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
