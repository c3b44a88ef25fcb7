// anywidget gives a model up whose script has not run within two seconds. A lesson that has just opened keeps a small
// machine busy for longer than that, and a widget that comes late is better than none. The first widget of a page
// carries this; our dashboards, whose pages we make, do the same before any widget loads.

/** anywidget's own limit, so that no other code's timeout is touched. */
const ANYWIDGET_MS = 2000;
const OURS_MS = 120_000;

declare global {
  interface Window {
    rnnvizPatience?: boolean;
  }
}

if (typeof window !== "undefined" && !window.rnnvizPatience) {
  window.rnnvizPatience = true;
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (milliseconds) => timeout(milliseconds === ANYWIDGET_MS ? OURS_MS : milliseconds);
}

export {};
