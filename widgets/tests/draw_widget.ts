// Draws a widget into a page of jsdom, and finds its buttons by their words.
import { vi } from "vitest";

type Traits = Record<string, unknown>;

export async function drawWidget(
  widget: { render: (props: never) => Promise<void> },
  traits: Traits,
  host: Traits = {},
) {
  const el = document.createElement("div");
  document.body.append(el);
  const model = { get: (name: string) => traits[name], on: vi.fn(), off: vi.fn() };
  await widget.render({ model, el, host, signal: new AbortController().signal } as never);
  const button = (words: string) =>
    [...el.querySelectorAll("button")].find(
      (one) => one.textContent?.includes(words) && !one.hidden,
    ) as HTMLButtonElement;
  return {
    el,
    button,
    radio: (place: number) => el.querySelectorAll<HTMLInputElement>("input[type=radio]")[place],
  };
}
