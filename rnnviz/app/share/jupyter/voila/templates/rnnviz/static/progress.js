// How far a student is: kept in this browser, shown on the gallery's cards, saved to and loaded from a file of the
// student's own. Nothing of it is ever sent. The widgets keep the answers (widgets/src/lib/progress.ts); this page the
// place in each lesson.
(function () {
  "use strict";

  const ANSWERS = "rnnviz/progress/";
  const PLACE = "rnnviz/place/";

  let storage = null;
  try {
    storage = window.localStorage;
  } catch (_) {
    return; // a browser that keeps nothing has no progress to show
  }

  const keys = () => Array.from({ length: storage.length }, (_, at) => storage.key(at));
  const kept = (key) => {
    try {
      return JSON.parse(storage.getItem(key));
    } catch (_) {
      return null;
    }
  };
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // ---- in a lesson: the section being read

  const lesson = document.body.dataset.lessonName;
  if (lesson) {
    const headings = () => [...document.querySelectorAll("#rendered_cells :is(h2, h3)")];
    // A heading's text without the sign that links to it.
    const name = (heading) => (heading.firstChild ? heading.firstChild.textContent.trim() : "");
    const find = (text) => headings().find((heading) => name(heading) === text);
    const go = (heading) => heading.scrollIntoView({ block: "start" });

    const before = kept(PLACE + lesson);
    const target = before && before.section ? find(before.section) : null;
    if (target && location.hash === "#go-on") {
      go(target);
      // Widgets above it may still grow as they are drawn; until the reader moves, the section stays in place.
      const stay = new ResizeObserver(() => go(target));
      stay.observe(document.getElementById("rendered_cells"));
      for (const event of ["wheel", "pointerdown", "keydown", "touchstart"])
        window.addEventListener(event, () => stay.disconnect(), { once: true, passive: true });
      setTimeout(() => stay.disconnect(), 20000);
    } else if (target) {
      const link = make("a", { class: "page-go-on", href: "#go-on" }, "Go on at “", before.section, "”");
      link.addEventListener("click", (event) => {
        event.preventDefault();
        go(target);
        target.tabIndex = -1;
        target.focus({ preventScroll: true });
        link.remove();
      });
      document.getElementById("rendered_cells").prepend(link);
    }

    let asked = 0;
    window.addEventListener(
      "scroll",
      () => {
        clearTimeout(asked);
        asked = setTimeout(() => {
          const read = headings().filter((heading) => heading.getBoundingClientRect().top < innerHeight / 2);
          if (read.length === 0) return;
          const place = { section: name(read[read.length - 1]), at: new Date().toISOString() };
          try {
            storage.setItem(PLACE + lesson, JSON.stringify(place));
          } catch (_) {
            // Full or forbidden: the lesson opens at its start next time.
          }
        }, 300);
      },
      { passive: true },
    );
  }

  // ---- in the gallery: how far each lesson is, and where to go on

  const cards = [...document.querySelectorAll(".card[data-lesson-name]")];
  if (cards.length === 0) return;
  const tools = document.querySelector(".gallery-progress");

  function paint() {
    for (const old of document.querySelectorAll(".card-progress, .gallery-go-on")) old.remove();
    const all = keys();
    let latest = null;
    for (const card of cards) {
      const { lessonName, lessonNumber, questions } = card.dataset;
      const total = Number(questions);
      const mine = all.filter((key) => /^rnnviz\/progress\/(quiz|predict)\//.test(key) && key.split("/")[3] === lessonNumber);
      const done = Math.min(total, lessonNumber ? mine.length : 0);
      if (total && done) {
        const words = `${done} of ${total} questions answered`;
        const bar = make("span", { class: "card-bar", "aria-hidden": "true" });
        bar.style.setProperty("--done", String(done / total));
        card.querySelector(".card-text").append(make("p", { class: "card-progress" }, bar, words));
      }
      const place = kept(PLACE + lessonName);
      if (place && place.section && (!latest || place.at > latest.place.at)) latest = { card, place };
    }
    if (latest) {
      const link = latest.card.querySelector("h2 a");
      const words = make("span", {}, link.textContent, ", “", latest.place.section, "”");
      const going = make("a", { class: "gallery-go-on", href: `${link.href}#go-on` }, "Go on where you left off: ", words);
      document.querySelector(".gallery-lead").after(going);
    }
    if (tools) tools.hidden = false;
  }

  const said = tools && tools.querySelector("[role=status]");
  const own = (key) => key.startsWith(ANSWERS) || key.startsWith(PLACE);

  function save() {
    const entries = Object.fromEntries(keys().filter(own).sort().map((key) => [key, kept(key)]));
    const text = JSON.stringify({ about: "Progress in the rnnviz course", entries }, null, 1);
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: "rnnviz-progress.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    said.textContent = "Saved to a file. Nothing was sent.";
  }

  async function load(file) {
    try {
      const { entries } = JSON.parse(await file.text());
      const found = Object.entries(entries).filter(([key, value]) => own(key) && value !== null && typeof value === "object");
      if (found.length === 0) throw new Error("nothing in it");
      for (const [key, value] of found) {
        const here = kept(key);
        // Of two answers to one question the later one counts.
        if (!here || !(here.at > value.at)) storage.setItem(key, JSON.stringify(value));
      }
      paint();
      said.textContent = `Loaded: ${found.length} ${found.length === 1 ? "entry" : "entries"}.`;
    } catch (_) {
      said.textContent = `${file.name} holds no progress of this course. Choose a file that “Save progress” has made.`;
    }
  }

  if (tools) {
    const [saves, loads] = tools.querySelectorAll("button");
    const chooser = tools.querySelector("input");
    saves.addEventListener("click", save);
    loads.addEventListener("click", () => chooser.click());
    chooser.addEventListener("change", () => {
      if (chooser.files.length) load(chooser.files[0]);
      chooser.value = "";
    });
  }
  paint();
  // Back from a lesson, by the browser's own button, the page is as it was left.
  window.addEventListener("pageshow", (event) => event.persisted && paint());
})();
