// The front page: how far each lesson is, where to go on, which way through the course, and answers in a file.
import { h } from "../lib/page/dom";
import { loadProgressFile, PREFIX, pageStorage, writeProgressFile } from "../lib/page/progress";
import { readPlace } from "./kept_place";

const ROUTE = "rnnviz/route";

export function startGallery(): void {
  const cards = [...document.querySelectorAll<HTMLElement>(".card[data-lesson-name]")];
  const storage = pageStorage();
  if (cards.length === 0) return;
  startRoutes(cards, storage);
  if (!storage) return; // a browser that keeps nothing has no progress to show
  const paint = () => paintCards(cards, storage);
  startTools(paint);
  paint();
  // Back from a lesson, by the browser's own button, the page is as it was left; and another tab may have gone on.
  window.addEventListener("pageshow", (event) => event.persisted && paint());
  window.addEventListener("storage", paint);
}

function paintCards(cards: HTMLElement[], storage: Storage): void {
  for (const old of document.querySelectorAll(".card-progress, .gallery-go-on")) old.remove();
  const answered = Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? "").flatMap((key) => {
    const [kind, lesson] = key.startsWith(PREFIX) ? key.slice(PREFIX.length).split("/") : [];
    return kind === "quiz" || kind === "predict" ? [lesson] : [];
  });
  let latest: { card: HTMLElement; at: string; section: string; id: string } | null = null;
  for (const card of cards) {
    const { lessonName = "", lessonNumber, questions } = card.dataset;
    const total = Number(questions);
    const done = Math.min(
      total,
      lessonNumber ? answered.filter((lesson) => lesson === lessonNumber).length : 0,
    );
    if (total && done) {
      const bar = h("span", { class: "card-bar", "aria-hidden": "true" });
      bar.style.setProperty("--done", String(done / total));
      const words = `${done} of ${total} questions answered`;
      card.querySelector(".card-text")?.append(h("p", { class: "card-progress" }, bar, words));
    }
    const { section, id = "", at = "" } = readPlace(lessonName, storage) ?? {};
    if (section && (!latest || at > latest.at)) latest = { card, at, section, id };
  }
  if (!latest) return;
  const link = latest.card.querySelector<HTMLAnchorElement>("h2 a")!;
  const words = h("span", {}, link.textContent ?? "", ", “", latest.section, "”");
  const href = `${link.href}#${encodeURIComponent(latest.id)}`;
  const going = h("a", { class: "gallery-go-on", href }, "Go on where you left off: ", words);
  document.querySelector(".gallery-lead")?.after(going);
}

/** The short path steps forward, and the other lessons back, until all of them are asked for again. */
function startRoutes(cards: HTMLElement[], storage: Storage | null): void {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>(".gallery-route")];
  const choose = (route: string) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.route === route));
    for (const card of cards) card.hidden = route === "short" && !("short" in card.dataset);
  };
  for (const button of buttons)
    button.addEventListener("click", () => {
      const route = button.dataset.route ?? "full";
      choose(route);
      try {
        storage?.setItem(ROUTE, route);
      } catch {
        // Full or forbidden: all lessons are shown next time.
      }
    });
  if (buttons.length > 0) choose(storage?.getItem(ROUTE) === "short" ? "short" : "full");
}

function startTools(paint: () => void): void {
  const tools = document.querySelector<HTMLElement>(".gallery-progress");
  const said = tools?.querySelector("[role=status]");
  const chooser = tools?.querySelector("input");
  if (!tools || !said || !chooser) return;
  tools.hidden = false;
  const [saves, loads] = tools.querySelectorAll("button");
  saves.addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([writeProgressFile()], { type: "application/json" }));
    h("a", { href: address, download: "rnnviz-progress.json" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    said.textContent = "Saved to a file. Nothing was sent.";
  });
  loads.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", async () => {
    const file = chooser.files?.[0];
    chooser.value = "";
    if (!file) return;
    try {
      const count = loadProgressFile(await file.text());
      paint();
      said.textContent = `Loaded: ${count} ${count === 1 ? "entry" : "entries"}.`;
    } catch {
      said.textContent = `${file.name} holds no progress of this course. Choose a file that “Save progress” has made.`;
    }
  });
}
