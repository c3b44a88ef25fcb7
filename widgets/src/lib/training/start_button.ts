// The button that starts a training, and pauses it while it runs.

import { icon } from "../controls/transport";
import { h } from "../page/dom";

export interface StartButton {
  element: HTMLButtonElement;
  /** Follows the state of the training; one that has failed or ended cannot be started unless that is said. */
  show(state: string, disabled?: boolean): void;
}

export function makeStartButton(
  press: (running: boolean) => void,
  { start = "Train", pause = "Pause" } = {},
): StartButton {
  let running = false;
  let shown = "";
  const element = h("button", { type: "button", class: "rv-primary rv-start" });
  element.addEventListener("click", () => press(running));
  return {
    element,
    show(state, disabled = state === "failed" || state === "stopped") {
      running = state === "running";
      element.disabled = disabled;
      const name = running ? pause : start;
      if (name === shown) return;
      shown = name;
      element.replaceChildren(icon(running ? "pause" : "play"), name);
    },
  };
}
