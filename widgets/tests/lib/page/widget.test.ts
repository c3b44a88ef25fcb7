// @vitest-environment jsdom
import type { RenderProps } from "@anywidget/types";
import { afterEach, expect, it, vi } from "vitest";
import { defineWidget, onTheme } from "../../../src/lib/page/widget";

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

it("recolours a widget that was drawn before it had a place and a style", async () => {
  const observers: (() => void)[] = [];
  vi.stubGlobal(
    "ResizeObserver",
    class {
      callback: () => void;
      constructor(callback: () => void) {
        this.callback = callback;
      }
      observe() {
        observers.push(this.callback);
      }
      disconnect() {
        observers.splice(observers.indexOf(this.callback), 1);
      }
    },
  );
  const recoloured = vi.fn();
  const widget = defineWidget("picture", ({ signal }) => onTheme(signal, recoloured));
  const el = document.createElement("div");
  const { signal } = new AbortController();
  await widget.render({ model: {}, el, signal, host: {} } as unknown as RenderProps);
  for (const told of [...observers]) told();
  expect(recoloured).not.toHaveBeenCalled();
  // The page takes it in, and the style sheet comes.
  document.body.append(el);
  el.querySelector<HTMLElement>(".rnnviz")!.style.setProperty("--rv-bg", "#fff");
  for (const told of [...observers]) told();
  expect(recoloured).toHaveBeenCalledTimes(1);
  expect(observers).toEqual([]);
});
