// What a widget says to those who do not see it: one sentence when the hand rests, and nothing twice.

import { h } from "./dom";

/** How long nothing must change before it is said, and after how long it is said although things go on changing. */
const REST_MS = 600;
const PATIENCE_MS = 10_000;
const SPEAKS = "[aria-live=polite], [role=status]";

/**
 * Lets a widget speak with one voice. Its live regions are no longer read out by themselves, at every step of a slider
 * and each in its own time: what has changed in them is said together, after the last change.
 */
export function giveVoice(root: HTMLElement, signal: AbortSignal): void {
  const voice = h("p", { class: "rv-hidden rv-voice", "aria-live": "polite" });
  const known = new Map<HTMLElement, string>();
  const changed = new Set<HTMLElement>();
  let [resting, since] = [0, 0];

  function speak(): void {
    since = 0;
    const said = [...changed].filter((region) => {
      const before = known.get(region);
      known.set(region, textOf(region));
      return region.isConnected && textOf(region) !== before;
    });
    changed.clear();
    const words = said.map(textOf).filter(Boolean).join(" ");
    if (words !== "") voice.textContent = words;
  }
  function hear(records: MutationRecord[]): void {
    for (const { target } of records) {
      const element = target instanceof HTMLElement ? target : target.parentElement;
      const region = element?.closest<HTMLElement>("[data-speaks]");
      if (region && root.contains(region)) changed.add(region);
    }
    const now = performance.now();
    if (since === 0) since = now;
    clearTimeout(resting);
    resting = window.setTimeout(speak, Math.max(0, Math.min(REST_MS, since + PATIENCE_MS - now)));
  }
  const observer = new MutationObserver(hear);
  function listen(): void {
    for (const region of root.querySelectorAll<HTMLElement>(SPEAKS)) {
      if (region === voice || region.hasAttribute("data-speaks") || region.closest(".rnnviz") !== root)
        continue;
      region.dataset.speaks = "";
      region.setAttribute("aria-live", "off");
      known.set(region, textOf(region));
      observer.observe(region, {
        ...{ childList: true, characterData: true, subtree: true },
        ...{ attributes: true, attributeFilter: ["hidden"] },
      });
    }
  }
  listen();
  root.append(voice);
  // A widget makes some of its parts when they are asked for.
  for (const event of ["focusin", "click", "input"]) root.addEventListener(event, listen, { signal });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    clearTimeout(resting);
  });
}

/** What a region says now: nothing where it is not shown. */
function textOf(region: HTMLElement): string {
  if (region.hidden || region.closest("[hidden]")) return "";
  return (region.textContent ?? "").replace(/\s+/g, " ").trim();
}
