// The buttons of several networks that train in turn in Python, how far they are, and what went wrong.
import type { AnyModel } from "@anywidget/types";
import { h } from "../page/dom";
import { connectStream, type Stream } from "../page/stream";
import { plural } from "../words/format";
import { makeStartButton } from "./start_button";

/** What every racer tells of itself, by name. */
export type Racers = Record<string, { updates: number; seconds: number }>;

export interface RaceOptions<Frame> {
  names: string[];
  /** Updates that each of them makes. */
  updates: number;
  start: string;
  /** How long that takes, where nothing has been trained yet. */
  takes: string;
  again: {
    label: string;
    press: (stream: Stream) => void /** Only once something was learned. */;
    late?: boolean;
  };
  /** Whether all of them have made their updates. */
  isOver: (frame: Frame) => boolean;
  repaint: () => void;
}

export interface RaceBar<Frame extends Racers> {
  element: HTMLElement;
  problem: HTMLElement;
  /** How far each is now. */
  frame(): Frame;
  show(): void;
}

export function makeRaceBar<Frame extends Racers>(
  model: AnyModel,
  signal: AbortSignal,
  {
    names,
    updates,
    start: label,
    takes,
    again: { label: once, press, late },
    isOver,
    repaint,
  }: RaceOptions<Frame>,
): RaceBar<Frame> {
  let frame: Frame = model.get("frame");
  let state = "ready";
  const start = makeStartButton((running) => stream.order(running ? "pause" : "start"), { start: label });
  const again = h("button", { type: "button", onclick: () => press(stream) }, once);
  const progress = h("span", { class: "rv-note rv-status", role: "status" });
  const problem = h("p", { class: "rv-error", role: "alert", hidden: true });
  const stream = connectStream<Frame>(model, signal, {
    frame(next) {
      frame = next;
      repaint();
    },
    state(next) {
      state = next;
      repaint();
    },
    problem(message) {
      problem.hidden = !message;
      problem.textContent = message ?? "";
    },
  });
  const changed = () => {
    frame = model.get("frame");
    repaint();
  };
  model.on("change:frame", changed);
  signal.addEventListener("abort", () => model.off("change:frame", changed));

  return {
    element: h("div", { class: "rv-controls" }, start.element, again, progress),
    problem,
    frame: () => frame,
    show() {
      const over = isOver(frame);
      const running = state === "running";
      const least = Math.min(...names.map((name) => frame[name].updates));
      const seconds = names.reduce((sum, name) => sum + frame[name].seconds, 0);
      start.show(state, over || state === "failed" || state === "stopped");
      again.disabled = running || (late === true && least === 0);
      progress.textContent =
        least === 0 && state === "ready"
          ? `Untrained. ${plural(updates, "update")} of each take ${takes}.`
          : `${over ? "done" : running ? "learning" : state}: ${least} of ${plural(updates, "update")}, ${seconds.toFixed(0)} s of computing`;
    },
  };
}
