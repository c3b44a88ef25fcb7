// The map and its hand: words are picked, the plane is moved and zoomed, by pointer, wheel and keys.
import { h } from "../lib/page/dom";
import { oncePerFrame, onTheme, onWidth, prefersReducedMotion } from "../lib/page/widget";
import { Camera } from "./camera";
import { Painter } from "./painter";
import type { WordsState } from "./state";
import { wordTowards } from "./word_space";

const WAYS: Record<string, [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export interface WordMap {
  element: HTMLElement;
  repaint(): void;
  /** Labels may stand anywhere again, as when a training begins anew. */
  forgetSides(): void;
}

export function makeMap(
  root: HTMLElement,
  signal: AbortSignal,
  state: WordsState,
  choose: (word: number) => void,
): WordMap {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const map = h(
    "div",
    {
      class: "rv-word-map",
      tabindex: 0,
      role: "group",
      "aria-label":
        "Map of the words. Arrows go to the next word in their direction; plus and minus zoom, 0 shows all; Escape lets the word go.",
    },
    canvas,
  );
  const camera = new Camera(state.places);
  const painter = new Painter(root, canvas, state, camera);
  let hovered = -1;
  const repaint = oncePerFrame(() => {
    const moving = camera.ease(state.places, prefersReducedMotion());
    map.dataset.labels = String(painter.paint(hovered));
    if (moving) repaint();
  }, signal);
  const zoomBy = (factor: number, x?: number, y?: number) => {
    camera.zoomBy(factor, x, y);
    repaint();
  };
  const showAll = () => {
    camera.held = false;
    repaint();
  };

  map.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[event.key];
    if (way) {
      const { picked, words } = state;
      const next =
        picked < 0
          ? camera.nearestTo(camera.width / 2, camera.height / 2)
          : wordTowards(picked, ...way, words.length, camera.screen);
      if (next >= 0) choose(next);
    } else if (event.key === "+" || event.key === "=") zoomBy(1.4);
    else if (event.key === "-") zoomBy(1 / 1.4);
    else if (event.key === "0") showAll();
    else if (event.key === "Escape") choose(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  followPointer(map, camera, {
    hover(word) {
      hovered = word;
      repaint();
    },
    choose,
    zoomBy,
  });
  onWidth(map, signal, (room) => {
    camera.resize(room, Math.round(Math.max(280, Math.min(620, 0.72 * room))));
    map.style.height = `${camera.height + 2}px`;
    repaint();
  });
  onTheme(signal, repaint);

  const zoomButton = (label: string, text: string, act: () => void) =>
    h("button", { type: "button", class: "rv-icon", "aria-label": label, title: label, onclick: act }, text);
  const zoom = h(
    "div",
    { class: "rv-zoom", role: "group", "aria-label": "Part of the map" },
    zoomButton("Nearer", "+", () => zoomBy(1.4)),
    zoomButton("Farther", "−", () => zoomBy(1 / 1.4)),
    zoomButton("All words", "⤢", showAll),
  );
  return {
    element: h("div", { class: "rv-word-frame" }, map, zoom),
    repaint,
    forgetSides: () => painter.sides.clear(),
  };
}

interface Hand {
  hover(word: number): void;
  choose(word: number): void;
  zoomBy(factor: number, x: number, y: number): void;
}

function followPointer(map: HTMLElement, camera: Camera, hand: Hand): void {
  let grip: { x: number; y: number; moved: boolean } | null = null;
  const inside = (event: PointerEvent | WheelEvent) => {
    const box = map.getBoundingClientRect();
    return { x: event.clientX - box.left - 1, y: event.clientY - box.top - 1 };
  };
  map.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    map.setPointerCapture(event.pointerId);
    map.focus({ preventScroll: true });
    grip = { ...inside(event), moved: false };
  });
  map.addEventListener("pointermove", (event) => {
    const { x, y } = inside(event);
    if (grip) {
      const [dx, dy] = [x - grip.x, y - grip.y];
      if (!grip.moved && Math.hypot(dx, dy) < 4) return;
      // A finger scrolls the page; two are not needed, the buttons zoom.
      if (event.pointerType === "touch" && !camera.held) return;
      camera.moveBy(dx, dy);
      grip = { x, y, moved: true };
    }
    hand.hover(camera.nearestTo(x, y, 24));
  });
  map.addEventListener("pointerup", (event) => {
    const { x, y } = inside(event);
    if (grip && !grip.moved) hand.choose(camera.nearestTo(x, y, 40));
    grip = null;
  });
  map.addEventListener("pointercancel", () => {
    grip = null;
  });
  map.addEventListener("pointerleave", () => hand.hover(-1));
  map.addEventListener(
    "wheel",
    (event) => {
      // The page scrolls, unless the map is in use.
      if (document.activeElement !== map && !event.ctrlKey) return;
      event.preventDefault();
      const { x, y } = inside(event);
      hand.zoomBy(Math.exp(-event.deltaY / 400), x, y);
    },
    { passive: false },
  );
}
