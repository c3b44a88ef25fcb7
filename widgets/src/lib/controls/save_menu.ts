// What a reader can take away from any widget: its picture, its numbers, and the code that makes it.

import type { AnyModel } from "@anywidget/types";
import { pictureAsPng, vectorsAsSvg } from "../draw/picture_file";
import { h } from "../page/dom";
import { saveFile } from "../page/download";
import { askRecording } from "../page/recording_file";
import { messageOf } from "../page/widget";

interface Takeaway {
  /** Begins the names of the files; a function where it depends on what is shown. */
  name: string | (() => string);
  root: HTMLElement;
  /** The numbers behind the picture, as a table. */
  table: () => string;
  /**
   * The few lines of PyTorch that give a picture like this one, or, where a file holds the recording, this very one.
   */
  code: (file?: string) => string;
  /** The widget's model, where Python gives its recording as a file. */
  recorded?: AnyModel;
  /** The drawing itself, where it is one of vectors; or what writes it. */
  vectors?: SVGSVGElement | (() => Promise<string>);
}

/** A "Save" button that opens a short list; it closes on Escape, on a choice, and when focus leaves it. */
export function makeSaveMenu({ name, root, table, code, vectors, recorded }: Takeaway): HTMLElement {
  const said = h("span", { class: "rv-note", role: "status" });
  const field = h("textarea", { rows: 8, readonly: true, hidden: true, "aria-label": "Code" });
  const nameFile = (ending: string) => `${typeof name === "function" ? name() : name}.${ending}`;
  const save = (ending: string, content: Blob) => saveFile(nameFile(ending), content);
  const offer = (label: string, act: () => void | Promise<void>) =>
    h(
      "button",
      {
        type: "button",
        onclick: async () => {
          said.textContent = "";
          field.hidden = true;
          try {
            await act();
          } catch (error) {
            said.textContent = `That did not work. ${messageOf(error)}`;
            return;
          }
          menu.open = false;
        },
      },
      label,
    );
  const menu = h(
    "details",
    { class: "rv-save" },
    h("summary", {}, "Save"),
    h(
      "div",
      { class: "rv-save-list" },
      offer("Picture (PNG)", async () => save("png", await pictureAsPng(root))),
      vectors &&
        offer("Picture (SVG)", async () => {
          const drawn = vectors instanceof SVGSVGElement ? vectorsAsSvg(vectors) : await vectors();
          save("svg", new Blob([drawn], { type: "image/svg+xml" }));
        }),
      offer("Numbers (CSV)", () => save("csv", new Blob([table()], { type: "text/csv" }))),
      offer("Copy the code", () => copyText(code(), field)),
      recorded &&
        offer("Save the recording, copy its code", async () => {
          const content = await askRecording(recorded);
          save("nc", content);
          await copyText(code(nameFile("nc")), field);
        }),
      said,
      field,
    ),
  );
  menu.addEventListener("toggle", () => {
    if (menu.open) keepInside(menu.querySelector<HTMLElement>(".rv-save-list")!, root);
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")!.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  return menu;
}

/** Moves a list that opens beyond the card's edge back over the card: on a phone the button may stand anywhere. */
function keepInside(list: HTMLElement, root: HTMLElement): void {
  list.style.translate = "";
  const [box, card] = [list.getBoundingClientRect(), root.getBoundingClientRect()];
  const shift = Math.max(card.left + 4 - box.left, Math.min(0, card.right - 4 - box.right));
  if (shift !== 0) list.style.translate = `${shift}px 0`;
}

/** Copies, or where the page may not use the clipboard, shows the text to be copied by hand. */
async function copyText(text: string, field: HTMLTextAreaElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    field.value = text;
    field.hidden = false;
    field.select();
    throw new Error("The browser keeps its clipboard closed: copy the text below.");
  }
}
