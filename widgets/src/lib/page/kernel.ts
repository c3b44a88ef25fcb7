// Whether Python stands behind a widget: still starting, there, gone, or never (a page saved as a file).
import type { AnyModel } from "@anywidget/types";
import { h } from "./dom";

export type Kernel = "starting" | "live" | "lost" | "ended" | "none";

/** A model that our own page made says itself how things stand; see PageModel. */
export interface KnowsKernel {
  kernel: Kernel;
  /** Whether something was asked of Python that is still waiting. */
  asking: boolean;
  onKernel(changed: () => void, signal: AbortSignal): void;
}

/** What Jupyter's widget manager has of the kernel, of which anywidget hands on the manager only. */
interface JupyterKernel {
  status: string;
  connectionStatus?: string;
  statusChanged?: Signal;
  connectionStatusChanged?: Signal;
}
interface Signal {
  connect(slot: () => void): void;
  disconnect(slot: () => void): void;
}

const ENDED = new Set(["dead", "restarting", "autorestarting", "terminating"]);

export function knowsKernel(model: AnyModel): model is AnyModel & KnowsKernel {
  return "onKernel" in model;
}

/** Whether the page was saved without Python, so that there will never be any. */
export const isSaved = (model: AnyModel): boolean => knowsKernel(model) && model.kernel === "none";

/**
 * Calls `changed` with how things stand, now and whenever they change. A kernel that ended stays so for the widget:
 * the next one under the same name knows nothing of it.
 */
export function watchKernel(
  model: AnyModel,
  signal: AbortSignal,
  changed: (kernel: Kernel, asking: boolean) => void,
): void {
  if (knowsKernel(model)) {
    const tell = () => changed(model.kernel, model.asking);
    model.onKernel(tell, signal);
    tell();
    return;
  }
  const manager = model.widget_manager as { kernel?: JupyterKernel | null } | undefined;
  const kernel = manager?.kernel;
  let now: Kernel = "live";
  changed(now, false);
  if (!kernel) return;
  const look = () => {
    let next: Kernel = "live";
    if (now === "ended" || ENDED.has(kernel.status)) next = "ended";
    else if (kernel.connectionStatus && kernel.connectionStatus !== "connected") next = "lost";
    if (next === now) return;
    now = next;
    changed(now, false);
  };
  for (const event of [kernel.statusChanged, kernel.connectionStatusChanged]) {
    event?.connect(look);
    signal.addEventListener("abort", () => event?.disconnect(look));
  }
  look();
}

/** What a reader is told, or nothing where all is well. */
export function describeKernel(kernel: Kernel, asking: boolean, inDashboard: boolean): string {
  if (kernel === "ended") {
    const again = inDashboard ? "Reload the page" : "Run the lesson's cells again";
    return `Python has stopped. All that is drawn here still moves; what needs Python does not answer. ${again} to start it.`;
  }
  if (kernel === "lost")
    return "The connection to Python is lost. All that is drawn here still moves; what needs Python waits for it.";
  if (kernel === "starting" && asking)
    return "Waiting for Python, which is still starting. All that is drawn here moves already.";
  if (kernel === "none" && asking)
    return 'This page was saved without Python, and that needs it. To have both: pip install "rnnviz[course]", then run rnnviz.';
  return "";
}

/** Puts a line below a widget for as long as Python is not there for it. */
export function noteKernel(model: AnyModel, root: HTMLElement, signal: AbortSignal): void {
  const note = h("p", { class: "rv-kernel", role: "status" });
  watchKernel(model, signal, (kernel, asking) => {
    const words = describeKernel(kernel, asking, "voila" in document.body.dataset);
    root.dataset.kernel = kernel;
    if (note.textContent === words) return;
    note.textContent = words;
    if (words) root.append(note);
    else note.remove();
  });
}
