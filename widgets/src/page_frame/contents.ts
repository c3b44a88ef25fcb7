// The table of contents: follows the reading, says how far each section is, and is a drawer where there is no room.
import { h } from "../lib/page/dom";
import { PREFIX, pageStorage } from "../lib/page/progress";
import { keepPlace, readPlace } from "./kept_place";
import { countAnswered, describeProgress, findCurrent, findRead } from "./sections";

/** What a reader rests on for this long counts as read. */
const REST_MS = 900;
/** Where in the window the section being read begins. */
const LINE = 0.35;

interface Entry {
  id: string;
  item: HTMLElement;
  link: HTMLAnchorElement;
  questions: string[];
}

export function startContents(): void {
  const side = document.querySelector<HTMLElement>(".page-side");
  if (!side) return;
  const entries = readEntries(side);
  markStops(side);
  makeDrawer(side);
  const lesson = document.body.dataset.lessonName;
  const paint = () => paintProgress(entries, lesson);
  paint();
  window.addEventListener("rnnviz:progress", paint);
  window.addEventListener("storage", (event) => {
    if (!event.key || event.key.startsWith(PREFIX) || event.key.startsWith("rnnviz/place/")) paint();
  });
  follow(side, entries, lesson, paint);
}

function readEntries(side: HTMLElement): Entry[] {
  return [...side.querySelectorAll<HTMLElement>("[data-section]")].map((item) => ({
    id: item.dataset.section ?? "",
    item,
    link: item.querySelector("a")!,
    questions: (item.dataset.questions ?? "").split(" ").filter(Boolean),
  }));
}

/** Where a lesson is meant to be left for the day, its text says so too. */
function markStops(side: HTMLElement): void {
  for (const stop of side.querySelectorAll<HTMLElement>("[data-sitting-minutes]")) {
    const next = stop.nextElementSibling as HTMLElement | null;
    const heading = next && document.getElementById(next.dataset.section ?? "");
    const words = `A good place to stop for today: this page opens here again. The rest takes ${stop.dataset.sittingMinutes} minutes.`;
    heading?.before(h("p", { class: "page-stop" }, words));
  }
}

function paintProgress(entries: Entry[], lesson: string | undefined): void {
  const storage = pageStorage();
  const read = new Set(lesson ? readPlace(lesson)?.read : []);
  for (const { id, item, link, questions } of entries) {
    const { state, mark, words } = describeProgress(
      questions.length,
      countAnswered(questions, storage),
      read.has(id),
    );
    item.dataset.state = state;
    link.querySelector(".page-mark")?.remove();
    if (!words) continue;
    link.append(
      h(
        "span",
        { class: "page-mark" },
        h("span", { "aria-hidden": "true" }, mark),
        h("span", { class: "page-unseen" }, ` (${words})`),
      ),
    );
  }
}

function follow(side: HTMLElement, entries: Entry[], lesson: string | undefined, paint: () => void): void {
  let asked = 0;
  let resting = 0;
  let now = -1;
  const place = () => {
    const there = entries.flatMap((entry) => {
      const heading = document.getElementById(entry.id);
      return heading ? [{ entry, top: heading.getBoundingClientRect().top }] : [];
    });
    const tops = there.map(({ top }) => top);
    const page = document.documentElement;
    const atEnd = window.scrollY > 0 && window.scrollY + innerHeight >= page.scrollHeight - 2;
    const current = findCurrent(tops, atEnd ? innerHeight : innerHeight * LINE);
    return { there, tops, current, end: page.scrollHeight - window.scrollY };
  };
  const look = () => {
    asked = 0;
    const { there, current } = place();
    const found = current < 0 ? -1 : entries.indexOf(there[current].entry);
    if (found !== now) {
      now = found;
      for (const [at, { link, item }] of entries.entries()) {
        if (at === found) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
        if (at === found) keepInView(side, item);
      }
    }
    clearTimeout(resting);
    resting = window.setTimeout(rest, REST_MS);
  };
  const rest = () => {
    if (!lesson || document.hidden) return;
    const { there, tops, current, end } = place();
    const read = findRead(tops, current, innerHeight, end).map((at) => there[at].entry.id);
    if (read.length > 0 && keepPlace(lesson, { read })) paint();
  };
  const ask = () => {
    if (asked === 0) asked = requestAnimationFrame(look);
  };
  window.addEventListener("scroll", ask, { passive: true });
  window.addEventListener("resize", ask);
  look();
}

/** Scrolls the contents, and nothing else, so that the section being read stays in sight. */
function keepInView(side: HTMLElement, item: HTMLElement): void {
  if (!side.contains(item)) return;
  const [box, place] = [side.getBoundingClientRect(), item.getBoundingClientRect()];
  if (place.top < box.top + 40) side.scrollTop -= box.top + 40 - place.top;
  else if (place.bottom > box.bottom - 40) side.scrollTop += place.bottom - box.bottom + 40;
}

/** Where the page is too narrow for a column, the same contents open over it. */
function makeDrawer(side: HTMLElement): void {
  const open = document.querySelector<HTMLButtonElement>(".page-contents-open");
  const inside = side.querySelector<HTMLElement>(".page-side-inside");
  if (!open || !inside) return;
  const close = h(
    "button",
    { type: "button", class: "page-button page-drawer-close", "aria-label": "Close the contents" },
    "×",
  );
  const drawer = h("dialog", { class: "page-drawer", "aria-label": "Contents" }, close) as HTMLDialogElement;
  document.body.append(drawer);
  open.addEventListener("click", () => {
    drawer.append(inside);
    drawer.showModal();
    const current = inside.querySelector<HTMLElement>("[aria-current='location']");
    if (current) keepInView(drawer, current);
  });
  close.addEventListener("click", () => drawer.close());
  drawer.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    if (target === drawer || target.closest("a")) drawer.close();
  });
  drawer.addEventListener("close", () => side.append(inside));
}
