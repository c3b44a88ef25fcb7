// Where on the page the reader is: in its address, kept for the next time, and found again by Back and Reload.

import { h } from "../lib/page/dom";
import { changeAddress, readAddress } from "./address";
import { keepPlace, readPlace } from "./kept_place";

/** A place in the page that holds although what stands above it changes its height. */
interface Spot {
  section: string;
  /** How far below the heading the top of the window is. */
  below: number;
}

/** How long widgets may take to get their height before a place is let go of. */
const SETTLED_MS = 20_000;
const PAUSE_MS = 250;

const headings = () => [...document.querySelectorAll<HTMLElement>("#rendered_cells :is(h2, h3)[id]")];
/** A heading's text without the sign that links to it. */
const titleOf = (heading: HTMLElement) =>
  [...heading.childNodes]
    .filter((node) => !(node instanceof Element && node.matches(".anchor-link")))
    .map((node) => node.textContent)
    .join("")
    .trim();

const find = (section: string) => (section ? document.getElementById(section) : null);

function scrollTo(spot: Spot | null, section: string): boolean {
  if (spot) {
    const heading = find(spot.section);
    if (spot.section && !heading) return false;
    const top = heading ? heading.getBoundingClientRect().top + window.scrollY : 0;
    window.scrollTo({ top: top + spot.below, behavior: "instant" });
    return true;
  }
  const heading = find(section);
  heading?.scrollIntoView({ block: "start", behavior: "instant" });
  return heading !== null;
}

/** Goes to a place and stays there while widgets above it get their height, until the reader moves. */
function goTo(spot: Spot | null, section: string): void {
  const main = document.getElementById("rendered_cells");
  if (!scrollTo(spot, section) || !main) return;
  const stay = new ResizeObserver(() => scrollTo(spot, section));
  stay.observe(main);
  const letGo = () => stay.disconnect();
  for (const event of ["wheel", "pointerdown", "keydown", "touchstart", "popstate"])
    window.addEventListener(event, letGo, { once: true, passive: true });
  setTimeout(letGo, SETTLED_MS);
}

export function startPlace(): void {
  if (!document.getElementById("rendered_cells")) return;
  const lesson = document.body.dataset.lessonName;
  history.scrollRestoration = "manual";
  const spotOf = (state: unknown): Spot | null => (state as { spot?: Spot } | null)?.spot ?? null;
  const open = () => goTo(spotOf(history.state), readAddress(location.hash).section);

  const note = () => {
    const passed = headings().filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
    const last = passed.at(-1);
    const below = Math.round(-(last?.getBoundingClientRect().top ?? -window.scrollY));
    const spot: Spot = { section: last?.id ?? "", below };
    changeAddress(
      ({ settings }) => ({ section: spot.section, settings: spot.section === "" ? new Map() : settings }),
      { ...(history.state as object | null), spot },
    );
    if (lesson && last) keepPlace(lesson, { section: titleOf(last), id: last.id });
  };

  if (lesson && !location.hash && !spotOf(history.state)) offerToGoOn(lesson);
  open();
  let asked = 0;
  window.addEventListener(
    "scroll",
    () => {
      clearTimeout(asked);
      asked = window.setTimeout(note, PAUSE_MS);
    },
    { passive: true },
  );
  // A link within the page leads away from here: Back has to find it again.
  document.addEventListener(
    "click",
    (event) => {
      if ((event.target as Element).closest?.("a[href]")) {
        clearTimeout(asked);
        note();
      }
    },
    true,
  );
  window.addEventListener("popstate", open);
  window.addEventListener("hashchange", () => {
    if (!spotOf(history.state)) goTo(null, readAddress(location.hash).section);
  });
}

function offerToGoOn(lesson: string): void {
  const { section = "", id = "" } = readPlace(lesson) ?? {};
  const target = find(id) ?? headings().find((heading) => titleOf(heading) === section);
  if (!section || !target) return;
  const link = h("a", { class: "page-go-on", href: `#${target.id}` }, "Go on at “", section, "”");
  link.addEventListener("click", () => {
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    link.remove();
  });
  document.getElementById("rendered_cells")!.prepend(link);
}
