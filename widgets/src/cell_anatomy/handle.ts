// A gate is a slider: drag it up and down, or use the arrow keys; a double click or Escape lets go of it.
import { set } from "../lib/page/dom";
import { sayArray } from "../lib/words/sayings";
import { type CellState, rangeOf } from "./state";

const STEPS: Record<string, number> = { ArrowUp: 0.05, ArrowDown: -0.05, PageUp: 0.25, PageDown: -0.25 };

export function makeHandle(state: CellState, group: SVGGElement, gate: string, changed: () => void): void {
  if (!state.isEditable) return;
  const [low, high] = rangeOf(gate);
  set(group, {
    role: "slider",
    tabindex: 0,
    "aria-orientation": "vertical",
    "aria-label": sayArray(gate),
    "aria-valuemin": low,
    "aria-valuemax": high,
  });
  const hold = (value: number) => {
    state.hold(gate, value);
    changed();
  };
  const letGo = () => {
    state.letGo(gate);
    changed();
  };
  const valueUnder = (event: PointerEvent) => {
    const box = group.querySelector(".rv-gate")!.getBoundingClientRect();
    return low + (high - low) * (1 - (event.clientY - box.top) / box.height);
  };
  let dragging = false;
  group.addEventListener("pointerdown", (event) => {
    dragging = true;
    group.setPointerCapture(event.pointerId);
    group.focus();
    event.preventDefault();
  });
  group.addEventListener("pointermove", (event) => {
    if (dragging) hold(valueUnder(event));
  });
  group.addEventListener("pointerup", (event) => {
    if (dragging) hold(valueUnder(event));
    dragging = false;
  });
  group.addEventListener("pointercancel", () => (dragging = false));
  group.addEventListener("dblclick", letGo);
  group.addEventListener("keydown", (event) => {
    const by = STEPS[event.key];
    if (by === undefined && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (by === undefined) letGo();
    // With Shift as fine as on every other slider.
    else hold(state.valueOf(gate) + by * (event.shiftKey ? 0.1 : 1));
  });
}
