// How many sequences have which length: bars that are dragged, or moved by the arrow keys.
import { h, set } from "../lib/page/dom";
import { BINS } from "./padding";
import { MOST_IN_BIN, type PaddingState } from "./state";

export interface Histogram {
  element: HTMLElement;
  axis: HTMLElement;
  show(): void;
}

export function makeHistogram(state: PaddingState, reshape: (lengths: number[]) => void): Histogram {
  const bars = Array.from({ length: BINS }, (_, k) =>
    h("div", {
      class: "rv-length-bar",
      role: "slider",
      "aria-orientation": "vertical",
      "aria-valuemin": 0,
      "aria-valuemax": MOST_IN_BIN,
      tabindex: k === 0 ? 0 : -1,
    }),
  );
  const axis = h("div", { class: "rv-length-axis", "aria-hidden": "true" });
  const element = h(
    "div",
    { class: "rv-length-bars", role: "group", "aria-label": "How many sequences have which length" },
    ...bars,
  );
  const setBar = (k: number, count: number) => reshape(state.withCount(k, count));
  /** The scale stays what it was when the hand came down: a bar must not run from it. */
  let ceiling = 0;
  const drag = (event: PointerEvent) => {
    const box = element.getBoundingClientRect();
    const k = Math.max(0, Math.min(BINS - 1, Math.floor(((event.clientX - box.left) / box.width) * BINS)));
    setBar(k, (1 - (event.clientY - box.top) / box.height) * ceiling);
  };
  element.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    ceiling = state.ceiling;
    drag(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (event.buttons & 1 && ceiling > 0) drag(event);
  });
  for (const end of ["pointerup", "pointercancel"])
    element.addEventListener(end, () => {
      ceiling = 0;
      show();
    });
  element.addEventListener("keydown", (event) => {
    const k = bars.indexOf(event.target as HTMLDivElement);
    if (k < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = state.counts[k];
    const to = { ArrowRight: k + 1, ArrowLeft: k - 1, Home: 0, End: BINS - 1 }[event.key];
    const next = {
      ArrowUp: count + 1,
      ArrowDown: count - 1,
      PageUp: count + 5,
      PageDown: count - 5,
    }[event.key];
    if (to !== undefined && bars[to]) {
      bars[k].tabIndex = -1;
      bars[to].tabIndex = 0;
      bars[to].focus();
    } else if (next !== undefined) setBar(k, next);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function show(): void {
    const { counts } = state;
    const top = ceiling || state.ceiling;
    for (const [k, bar] of bars.entries()) {
      bar.style.setProperty("--rv-share", String(Math.min(1, counts[k] / top)));
      bar.dataset.count = counts[k] ? String(counts[k]) : "";
      set(bar, { "aria-label": `Sequences of ${state.nameBin(k)}`, "aria-valuenow": counts[k] });
    }
    axis.replaceChildren(h("span", {}, "1"), h("span", {}, "length"), h("span", {}, state.bin * BINS));
  }
  return { element, axis, show };
}
