// Asks Python for one thing at a time, always with the latest settings, so that a held slider never lags behind.
import type { AnyModel } from "@anywidget/types";
import { knowsKernel } from "./kernel";

/** How long Python may take before the reader is told that it does not answer. */
const PATIENCE = 6000;

export interface Requests {
  ask(settings: Record<string, unknown>): void;
  /** Whether an answer is still to come. */
  busy(): boolean;
}

/**
 * Sends `{kind: "compute", number, settings}`; the answer is the model's trait `answered` set to that number, or a
 * message `{kind: "error", number, message}`. `tell` shows the reader what went wrong, null when all is well.
 */
export function askInTurn(
  model: AnyModel,
  signal: AbortSignal,
  tell: (message: string | null) => void,
): Requests {
  let number = model.get("answered") as number;
  let waiting: Record<string, unknown> | null = null;
  let flying = 0;
  let alarm = 0;

  function send(settings: Record<string, unknown>): void {
    flying = ++number;
    // Where there is no Python yet, or none at all, the card says so itself, and nothing is late.
    if (!knowsKernel(model) || model.kernel === "live") {
      alarm = window.setTimeout(() => {
        flying = 0;
        tell(
          "Python does not answer, so this shows its last answer. It may be busy, or its kernel may have ended.",
        );
      }, PATIENCE);
    }
    model.send({ kind: "compute", number, settings });
  }

  function land(which: number, message: string | null): void {
    if (which < flying || flying === 0) {
      if (flying === 0 && message === null) tell(null); // late, but it came
      return;
    }
    clearTimeout(alarm);
    flying = 0;
    tell(message);
    if (waiting) {
      const settings = waiting;
      waiting = null;
      send(settings);
    }
  }

  const answered = () => land(model.get("answered"), null);
  const received = (content: { kind?: string; number?: number; message?: string }) => {
    if (content.kind === "error")
      land(content.number ?? number, content.message ?? "Python reported an error.");
  };
  model.on("change:answered", answered);
  model.on("msg:custom", received);
  signal.addEventListener("abort", () => {
    clearTimeout(alarm);
    model.off("change:answered", answered);
    model.off("msg:custom", received);
  });

  return {
    ask(settings) {
      if (flying) waiting = settings;
      else send(settings);
    },
    busy: () => flying !== 0 || waiting !== null,
  };
}
