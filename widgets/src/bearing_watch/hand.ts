// The hand in the plot: on the dashed line it drags the threshold, elsewhere it chooses a moment.
import type { Sheet } from "../lib/training/trial_plot";

/** Pixels within which a press takes the threshold's line. */
const NEAR = 14;

interface Held {
  sheet(): Sheet | null;
  threshold(): number;
  /** Powers of ten at the lower and the upper edge, and seconds at the right one. */
  span: [number, number];
  seconds: number;
  setThreshold(value: number): void;
  setMoment(seconds: number): void;
}

export function followHand(element: HTMLElement, signal: AbortSignal, plot: Held): void {
  const { span } = plot;
  let held: "threshold" | "moment" | null = null;
  const follow = (event: PointerEvent, first: boolean) => {
    const sheet = plot.sheet();
    if (!sheet || (!first && held === null)) return;
    const { box } = sheet;
    const bounds = element.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const high = (Math.log10(plot.threshold()) - span[0]) / (span[1] - span[0]);
    if (first) held = Math.abs(y - box.top - (1 - high) * box.height) < NEAR ? "threshold" : "moment";
    const level = span[0] + (1 - (y - box.top) / box.height) * (span[1] - span[0]);
    const bounded = Math.max(span[0], Math.min(span[1], level));
    if (held === "threshold") plot.setThreshold(Number((10 ** bounded).toPrecision(3)));
    else plot.setMoment(((x - box.left) / box.width) * plot.seconds);
  };
  const press = (event: PointerEvent) => {
    follow(event, true);
    element.setPointerCapture(event.pointerId);
  };
  const release = () => {
    held = null;
  };
  element.addEventListener("pointerdown", press, { signal });
  element.addEventListener("pointermove", (event) => follow(event, false), { signal });
  element.addEventListener("pointerup", release, { signal });
  element.addEventListener("pointercancel", release, { signal });
}
