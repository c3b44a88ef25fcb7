// A step in slow motion: quarter by quarter, with dashes that run along the wires that are alive.
import { animate } from "../lib/controls/transport";
import { type CellState, WHOLE } from "./state";

const SLOW_MS = 6000;

/** Returns what starts it. */
export function makeSlowMotion(
  state: CellState,
  picture: SVGSVGElement,
  signal: AbortSignal,
  paint: () => void,
): () => void {
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    state.phase = WHOLE;
    paint();
  };
  signal.addEventListener("abort", () => clearInterval(timer));
  return () => {
    clearInterval(timer);
    state.phase = 0;
    const begin = performance.now();
    timer = window.setInterval(() => {
      const gone = performance.now() - begin;
      state.phase = Math.min(WHOLE, Math.floor((WHOLE * gone) / SLOW_MS) + 1);
      paint();
      if (gone > SLOW_MS) stop();
    }, 60);
    animate(SLOW_MS, signal, (progress) => {
      picture.style.setProperty("--rv-flow", String(-240 * progress));
    });
    paint();
  };
}
