// The lessons as cards, and a student's progress to be taken along. Pictures come from the dashboards' server or lie beside a saved page; else the kernel sends them.
import { h } from "../lib/page/dom";
import { saveFile } from "../lib/page/download";
import { isSaved } from "../lib/page/kernel";
import { loadProgressFile, writeProgressFile } from "../lib/page/progress";
import { defineWidget, messageOf, onTheme } from "../lib/page/widget";
import { plural } from "../lib/words/format";
import { lessonAddress, openInLab, pictureAddress } from "./links";

/** A file takes a student's answers to another computer, or out of a server that forgets. */
function makeProgressTools(): HTMLElement {
  const said = h("span", { class: "rv-note", role: "status" }, "Your answers are kept in this browser only.");
  const chooser = h("input", { type: "file", accept: ".json,application/json", hidden: true });
  chooser.addEventListener("change", async () => {
    const file = chooser.files?.[0];
    chooser.value = "";
    if (!file) return;
    try {
      const count = loadProgressFile(await file.text());
      said.textContent = `Loaded: ${count} ${count === 1 ? "entry" : "entries"}. Lessons show them when they are opened anew.`;
    } catch (error) {
      said.textContent = `${file.name} was not loaded. ${messageOf(error)}`;
    }
  });
  const save = () => {
    saveFile("rnnviz-progress.json", new Blob([writeProgressFile()], { type: "application/json" }));
    said.textContent = "Saved to a file. Nothing was sent.";
  };
  return h(
    "div",
    { class: "rv-controls rv-progress-tools", role: "group", "aria-label": "Your progress" },
    h("button", { type: "button", onclick: save }, "Save progress"),
    h("button", { type: "button", onclick: () => chooser.click() }, "Load progress"),
    chooser,
    said,
  );
}

interface Lesson {
  name: string;
  number: string;
  title: string;
  summary: string;
  minutes: number | null;
  /** Whether there is a picture of it anywhere. */
  pictured: boolean;
}

export default defineWidget("lesson-map", ({ model, root, signal }) => {
  const lessons: Lesson[] = model.get("lessons");
  const here: string = model.get("here");
  const saved = isSaved(model);
  const pictures = new Map<string, HTMLElement>();
  const list = h("ol", { class: "rv-lessons" });
  let made: string[] = [];

  for (const lesson of lessons) {
    const { name, number, title, summary, minutes } = lesson;
    const picture = h("div", { class: "rv-lesson-picture" });
    pictures.set(name, picture);
    const link = h("a", { href: lessonAddress(name, window.location, saved) }, title);
    link.addEventListener("click", (event) => {
      if (openInLab(name, event)) event.preventDefault();
    });
    const facts = [`Lesson ${Number(number)}`, minutes !== null && plural(minutes, "minute")];
    list.append(
      h(
        "li",
        { class: number === here ? "rv-lesson rv-here" : "rv-lesson" },
        picture,
        h(
          "div",
          { class: "rv-lesson-text" },
          h("p", { class: "rv-note" }, facts.filter(Boolean).join(" · ")),
          h("h3", {}, number === here ? `${title} (you are here)` : link),
          h("p", { class: "rv-lesson-summary" }, summary),
        ),
      ),
    );
  }
  root.append(list, makeProgressTools());

  /** An empty frame with the number stands for a picture that is not there, or not yet. */
  function frame(name: string, address: string | null) {
    const place = pictures.get(name);
    const number = String(Number(name.slice(0, 2)));
    if (!place) return;
    const mark = h("span", { "aria-hidden": "true" }, number);
    if (address === null) {
      place.replaceChildren(mark);
      return;
    }
    const image = h("img", { src: address, alt: "", loading: "lazy" });
    image.addEventListener("error", () => place.replaceChildren(mark));
    place.replaceChildren(image);
  }

  function fill() {
    const dark = document.body.dataset.jpThemeLight === "false";
    const addressOf = ({ name, pictured }: Lesson) =>
      pictured ? pictureAddress(name, dark, window.location, saved) : null;
    for (const lesson of lessons) frame(lesson.name, addressOf(lesson));
    if (lessons.some((lesson) => lesson.pictured && addressOf(lesson) === null))
      model.send({ kind: "pictures", dark });
  }

  function hear(content: { kind?: string; names?: string[] }, buffers: DataView[]) {
    if (content.kind !== "pictures") return;
    forget();
    made = (content.names ?? []).map((name, k) => {
      const address = URL.createObjectURL(
        new Blob([buffers[k] as DataView<ArrayBuffer>], { type: "image/png" }),
      );
      frame(name, address);
      return address;
    });
  }
  function forget() {
    for (const address of made) URL.revokeObjectURL(address);
  }
  model.on("msg:custom", hear);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", hear);
    forget();
  });
  onTheme(signal, fill);
  fill();
});
