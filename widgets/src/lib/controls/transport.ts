// Play, pause, step, scrub, speed: one transport, the same keys in every widget.
import { visible } from "../draw/text_layout";
import { h, s } from "../page/dom";
import { prefersReducedMotion } from "../page/widget";

const ICONS = {
  start: "M3 2h2v12H3zM14 2v12L6 8z",
  back: "M11 2v12L3 8z",
  play: "M4 2l10 6-10 6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  next: "M5 2l8 6-8 6z",
  end: "M11 2h2v12h-2zM2 2l8 6-8 6z",
};
const SPEEDS = [0.5, 1, 2, 4, 8];
/** Steps a second at speed 1. */
const PACE = 2;

export interface Transport {
  element: HTMLElement;
  /** Shows this step; called after every move of the cursor. */
  show(step: number): void;
  /** How many steps there are now. */
  resize(steps: number): void;
  play(): void;
  pause(): void;
}

interface Options {
  steps: number;
  signal: AbortSignal;
  /** The element whose key presses drive the transport. */
  keys: HTMLElement;
  move: (step: number) => void;
  /** What stands beside the slider, "step 3 of 12" unless given. */
  where?: (step: number, steps: number) => string;
  /** Whether it plays from the last step to the first; asked whenever it starts. */
  backwards?: () => boolean;
  /** Called when it has played to the end, and not when the reader stops it. */
  ended?: () => void;
}

export function icon(name: keyof typeof ICONS): SVGElement {
  return s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));
}

export function makeTransport({ steps, signal, keys, move, where, backwards, ended }: Options): Transport {
  let count = steps;
  let current = 0;
  let playing = 0;
  let speed = 1;

  const button = (name: keyof typeof ICONS, label: string, act: () => void) =>
    h(
      "button",
      { class: "rv-icon", type: "button", "aria-label": label, title: label, onclick: act },
      icon(name),
    );
  const clamp = (step: number) => Math.max(0, Math.min(count - 1, step));
  const go = (step: number) => {
    // At once, not when the page is next painted: several key presses may fall into one frame.
    current = clamp(step);
    slider.value = String(current);
    move(current);
  };

  const play = button("play", "Play", () => toggle());
  const slider = h("input", { type: "range", min: 0, max: count - 1, value: 0, "aria-label": "Step" });
  const caption = h("span", { class: "rv-where" });
  const pace = h("select", { "aria-label": "Speed" });
  for (const factor of SPEEDS)
    pace.append(h("option", { value: factor, selected: factor === 1 }, `${factor}×`));

  const element = h(
    "div",
    { class: "rv-transport", role: "group", "aria-label": "Move through time" },
    button("start", "First step", () => jump(0)),
    button("back", "Step back", () => jump(current - 1)),
    play,
    button("next", "Step forward", () => jump(current + 1)),
    button("end", "Last step", () => jump(count - 1)),
    slider,
    caption,
    pace,
  );

  slider.addEventListener("input", () => jump(Number(slider.value)));
  pace.addEventListener("change", () => {
    speed = Number(pace.value);
    if (playing) {
      pause();
      start();
    }
  });
  keys.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target, slider)) return;
    const act = {
      ArrowRight: () => jump(current + 1),
      ArrowLeft: () => jump(current - 1),
      Home: () => jump(0),
      End: () => jump(count - 1),
      " ": () => toggle(),
    }[event.key];
    // A focused button answers the space bar itself.
    if (!act || event.defaultPrevented || (event.key === " " && event.target instanceof HTMLButtonElement))
      return;
    event.preventDefault();
    // JupyterLab has shortcuts on the same keys.
    event.stopPropagation();
    act();
  });
  signal.addEventListener("abort", pause);

  function jump(step: number) {
    pause();
    go(step);
  }
  function toggle() {
    if (playing) pause();
    else start();
  }
  function start() {
    const [first, by] = backwards?.() ? [count - 1, -1] : [0, 1];
    const last = count - 1 - first;
    if (current === last) go(first);
    playing = window.setInterval(
      () => {
        if (current !== last) return go(current + by);
        pause();
        ended?.();
      },
      1000 / (PACE * speed),
    );
    setPlay("pause", "Pause");
  }
  function pause() {
    if (!playing) return;
    clearInterval(playing);
    playing = 0;
    setPlay("play", "Play");
  }
  function setPlay(name: "play" | "pause", label: string) {
    play.replaceChildren(icon(name));
    play.setAttribute("aria-label", label);
    play.title = label;
  }
  function show(step: number) {
    current = clamp(step);
    slider.value = String(current);
    const text = where?.(current, count) ?? `step ${current + 1} of ${count}`;
    slider.setAttribute("aria-valuetext", text);
    caption.textContent = text;
  }
  function resize(next: number) {
    count = Math.max(1, next);
    slider.max = String(count - 1);
    show(current);
  }

  show(0);
  return { element, show, resize, play: () => void (playing || start()), pause };
}

/** Where one is, by the sequence's own symbol, or by the number of steps where it has none. */
export const whereAmong =
  (labels: () => string[] | undefined) =>
  (step: number, steps: number): string => {
    const label = labels()?.[step];
    return `t = ${step} · ${label === undefined ? `step ${step + 1} of ${steps}` : visible(label)}`;
  };

/** Whether a key press belongs to a field that takes text, numbers or arrow keys itself: any but the step's slider. */
function isTyping(target: EventTarget | null, slider: HTMLInputElement): boolean {
  if (target === slider) return false;
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && target.type !== "checkbox";
}

/** A tween from 0 to 1 over `milliseconds`, at once where the reader asked for less motion. */
export function animate(
  milliseconds: number,
  signal: AbortSignal,
  frame: (progress: number) => void,
): () => void {
  if (prefersReducedMotion() || milliseconds <= 0) {
    frame(1);
    return () => {};
  }
  const begin = performance.now();
  let asked = requestAnimationFrame(function tick(now) {
    const progress = Math.min(1, Math.max(0, (now - begin) / milliseconds));
    frame(progress < 0.5 ? 4 * progress ** 3 : 1 - (2 - 2 * progress) ** 3 / 2);
    if (progress < 1) asked = requestAnimationFrame(tick);
  });
  const stop = () => cancelAnimationFrame(asked);
  signal.addEventListener("abort", stop);
  return stop;
}
