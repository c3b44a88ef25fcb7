// Work that runs in Python while the page shows it: frames come in and are acknowledged, orders go out.
import type { AnyModel } from "@anywidget/types";
import { knowsKernel, watchKernel } from "./kernel";

/** How long Python may be silent before the reader is told. */
const PATIENCE = 8000;
const SILENT = "Python does not answer, so nothing learns now. It may be busy, or its kernel may have ended.";

export interface Stream {
  state(): string;
  order(name: "start" | "pause" | "reset" | "step"): void;
  send(content: Record<string, unknown>, buffers?: ArrayBuffer[]): void;
}

interface Listener<Frame> {
  frame(frame: Frame, buffers: DataView[]): void;
  state(state: string): void;
  /** Something went wrong, in a sentence; null when all is well again. */
  problem(message: string | null): void;
}

export function connectStream<Frame>(
  model: AnyModel,
  signal: AbortSignal,
  listener: Listener<Frame>,
): Stream {
  let state = "ready";
  let alarm = 0;
  let silent = false;
  let ended = false;
  const expect = () => {
    clearTimeout(alarm);
    // Where there is no Python yet, or none any more, the card says so itself, and nothing is late.
    if (ended || (knowsKernel(model) && model.kernel !== "live")) return;
    alarm = window.setTimeout(() => {
      silent = true;
      listener.problem(SILENT);
    }, PATIENCE);
  };
  const send = (content: Record<string, unknown>, buffers?: ArrayBuffer[]) => {
    model.send(content, undefined, buffers);
    expect();
  };
  type Message = {
    kind: string;
    number?: number;
    frame?: Frame;
    state?: string;
    error?: string | null;
    message?: string;
  };
  const receive = (message: Message, buffers: DataView[]) => {
    clearTimeout(alarm);
    if (silent) listener.problem(null);
    silent = false;
    if (message.kind === "frame") {
      model.send({ kind: "seen", number: message.number });
      if (state === "running") expect();
      listener.frame(message.frame!, buffers);
    } else if (message.kind === "state") {
      const before = state;
      state = message.state!;
      if (message.error) listener.problem(`The training has stopped. ${message.error}`);
      else if (before === "failed") listener.problem(null);
      listener.state(state);
    } else if (message.kind === "problem") listener.problem(message.message ?? "Python reported an error.");
  };
  model.on("msg:custom", receive);
  signal.addEventListener("abort", () => {
    clearTimeout(alarm);
    model.off("msg:custom", receive);
  });
  model.send({ kind: "hello" });
  watchKernel(model, signal, (kernel) => {
    if (kernel !== "ended" || ended) return;
    ended = true;
    clearTimeout(alarm);
    if (silent) listener.problem(null);
    silent = false;
    // The thread that would have told so has ended with its kernel.
    state = "stopped";
    listener.state(state);
  });
  return {
    state: () => state,
    order: (name) => send({ kind: "do", name }),
    send,
  };
}
