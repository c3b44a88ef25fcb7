// A reader's own file, chosen or dropped onto the card, and what to do about its gaps.
import { h } from "../lib/page/dom";
import { messageOf } from "../lib/page/widget";

const LARGEST = 20_000_000;

/** `send` gets the name without its ending, the content, and how to fill gaps; `fail` says what went wrong. */
export function makeUpload(
  root: HTMLElement,
  send: (name: string, content: ArrayBuffer, fill: string) => void,
  fail: (message: string) => void,
): HTMLElement {
  const input = h("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv", class: "rv-hidden" });
  const fill = h(
    "select",
    { "aria-label": "Gaps in your file", hidden: true },
    h("option", { value: "" }, "gaps: refuse"),
    h("option", { value: "linear" }, "gaps: straight line"),
    h("option", { value: "previous" }, "gaps: repeat the last"),
    h("option", { value: "drop" }, "gaps: leave out"),
  );
  let file: File | null = null;
  const read = async () => {
    if (!file) return;
    try {
      if (file.size > LARGEST)
        throw new Error("This file has more than 20 MB. Keep only the columns needed.");
      send(file.name.replace(/\.\w+$/, ""), await file.arrayBuffer(), fill.value);
    } catch (error) {
      fail(`The file could not be read. ${messageOf(error)}`);
    }
  };
  const take = (given: File | undefined) => {
    if (!given) return;
    file = given;
    fill.hidden = false;
    void read();
  };
  input.addEventListener("change", () => {
    take(input.files?.[0]);
    input.value = ""; // so that the same file, corrected, can be chosen again
  });
  fill.addEventListener("change", () => void read());
  root.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    root.classList.add("rv-dropping");
  });
  for (const name of ["dragleave", "drop"])
    root.addEventListener(name, () => root.classList.remove("rv-dropping"));
  root.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  return h("span", { class: "rv-upload" }, h("label", { class: "rv-button" }, input, "Your own CSV …"), fill);
}
