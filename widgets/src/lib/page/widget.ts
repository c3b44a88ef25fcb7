// What every widget does alike: its root element, its look, its errors, its repainting.

import type { AnyModel, Host, RenderProps } from "@anywidget/types";
import { h } from "./dom";
import { nestHeadings } from "./headings";
import { noteKernel } from "./kernel";
import "./patience";
import { noteRoot } from "./roots";
import { giveVoice } from "./voice";

export interface Stage {
  model: AnyModel;
  host: Host;
  /** The card the widget draws itself into. */
  root: HTMLElement;
  /** Fires once, when the widget leaves the page. */
  signal: AbortSignal;
}

/** Widgets that never ask Python for anything, and so are silent when it is not there. */
const WITHOUT_PYTHON = new Set([
  "padding-explorer",
  "picture",
  "predict",
  "quiz",
  "response-explorer",
  "text-states",
  "word-lookup",
]);

/** A page of ours that may show this widget already, drawn without a kernel; see src/page_host. */
interface Page {
  expects(model: AnyModel): boolean;
  take(props: RenderProps, draw: () => Promise<void>): void;
}

/**
 * Draws a widget with `draw`, unless the page shows it already, and takes it over. Until it is drawn, its place says
 * that it is busy: to screen readers, and to whoever waits for the page to be whole.
 */
export async function handIn(props: RenderProps, draw: () => Promise<void>): Promise<void> {
  const page = (window as Window & { rnnvizPage?: Page }).rnnvizPage;
  props.el.setAttribute("aria-busy", "true");
  const finish = () => draw().finally(() => props.el.removeAttribute("aria-busy"));
  if (page?.expects(props.model)) page.take(props, finish);
  else await finish();
}

/**
 * Wraps a widget's drawing function: gives it a card, and turns any error into a sentence inside that card,
 * so that one widget's failure never leaves an empty hole in a lesson, and a line that says when Python is not there
 * (unless the widget has no use for it).
 */
export function defineWidget(name: string, draw: (stage: Stage) => void | Promise<void>) {
  async function show({ model, el, host, signal }: RenderProps): Promise<void> {
    const root = h("section", { class: `rnnviz rnnviz-${name}` });
    // JupyterLab's shortcuts (x cuts a cell, arrows leave it) match the focused element itself, so it is there that
    // they have to be told off.
    root.addEventListener("focusin", (event) => {
      if (event.target instanceof Element) event.target.setAttribute("data-lm-suppress-shortcuts", "true");
    });
    el.append(root);
    noteRoot(model, root);
    try {
      await draw({ model, host, root, signal });
    } catch (error) {
      root.append(
        h("p", { class: "rv-error", role: "alert" }, `This widget could not be drawn. ${messageOf(error)}`),
      );
      console.error(error);
    }
    nestHeadings(root);
    // In JupyterLab the page's title may come after its first widget.
    const later = setTimeout(() => nestHeadings(root), 2000);
    signal.addEventListener("abort", () => clearTimeout(later));
    if (!WITHOUT_PYTHON.has(name)) noteKernel(model, root, signal);
    giveVoice(root, signal);
    awaitStyle(root, signal);
  }
  return { render: (props: RenderProps) => handIn(props, () => show(props)) };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Calls `paint` at most once a frame, however often it is asked. */
export function oncePerFrame(paint: () => void, signal: AbortSignal): () => void {
  let asked = 0;
  signal.addEventListener("abort", () => cancelAnimationFrame(asked));
  return () => {
    if (asked !== 0 || signal.aborted) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      paint();
    });
  };
}

/** Calls `resized` now and whenever the element's width changes. */
export function onWidth(element: Element, signal: AbortSignal, resized: (width: number) => void): void {
  let last = -1;
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width === last || width === 0) return;
    last = width;
    resized(width);
  });
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());
}

/** Who wants to know when a widget's colours are others. */
const recolouring = new WeakMap<AbortSignal, (() => void)[]>();

/** A widget may be drawn before it is in the page, or before its style sheet is: then it had no colours to draw with. */
function awaitStyle(root: HTMLElement, signal: AbortSignal): void {
  const styled = () => getComputedStyle(root).getPropertyValue("--rv-bg") !== "";
  if (!recolouring.has(signal) || styled() || signal.aborted) return;
  // It gets its size together with its place, and another with its style.
  const observer = new ResizeObserver(() => {
    if (!styled()) return;
    observer.disconnect();
    for (const changed of recolouring.get(signal) ?? []) changed();
  });
  observer.observe(root);
  signal.addEventListener("abort", () => observer.disconnect());
}

/**
 * Calls `changed` when the page turns light or dark, and when the widget gets its colours only after it was drawn, so
 * that canvases, which do not follow CSS, are repainted.
 */
export function onTheme(signal: AbortSignal, changed: () => void): void {
  recolouring.set(signal, [...(recolouring.get(signal) ?? []), changed]);
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  signal.addEventListener("abort", () => observer.disconnect());
}

export const prefersReducedMotion = (): boolean =>
  window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
