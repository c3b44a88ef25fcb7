// A reader's own file, chosen or dropped onto the card, which of its columns, and what to do about its gaps.
import type { AnyModel } from "@anywidget/types";
import { h } from "../lib/page/dom";
import { keepState } from "../lib/page/kept";
import { type Kernel, watchKernel } from "../lib/page/kernel";
import { messageOf } from "../lib/page/widget";
import { type FileColumn, listChoices, sayOnItsWay } from "./own_file";

const LARGEST = 20_000_000;
/** A larger file is not kept over a reload: a browser keeps some 5 MB for all pages. */
const LARGEST_KEPT = 400_000;

interface KeptFile {
  name: string;
  /** Its bytes, in base64. */
  bytes: string;
  fill: string;
  column: string;
}

export interface FileWish {
  /** The file's name, without its ending. */
  name: string;
  fill: string;
  /** A column, or nothing for all that hold numbers. */
  column: string;
}

export interface Upload {
  /** The button, and the boxes that appear once there is a file. */
  element: HTMLElement;
  /** Says that a file is on its way. */
  status: HTMLElement;
  /** Called when Python has read the file or refused it. */
  done(): void;
}

/** `send` gets what is wanted and the content; `fail` says what went wrong. */
export function makeUpload(
  model: AnyModel,
  root: HTMLElement,
  signal: AbortSignal,
  send: (wish: FileWish, content: ArrayBuffer) => void,
  fail: (message: string) => void,
): Upload {
  const input = h("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv", class: "rv-hidden" });
  const status = h("p", { class: "rv-note rv-own-file", role: "status" });
  const columns = h("select", { "aria-label": "Column of your file", hidden: true, "data-kept": true });
  const fill = h(
    "select",
    { "aria-label": "Gaps in your file", hidden: true, "data-kept": true },
    h("option", { value: "" }, "gaps: refuse"),
    h("option", { value: "linear" }, "gaps: straight line"),
    h("option", { value: "previous" }, "gaps: repeat the last"),
    h("option", { value: "drop" }, "gaps: leave out"),
  );
  let file: File | null = null;
  let kernel: Kernel = "live";
  let waiting = false;
  /** A column that was kept, until Python has said which there are. */
  let kept = "";

  const tell = () => {
    status.textContent = waiting && file ? sayOnItsWay(file.name, kernel) : "";
  };
  const done = () => {
    waiting = false;
    tell();
  };
  const read = async () => {
    if (!file) return;
    waiting = true;
    tell();
    try {
      if (file.size > LARGEST)
        throw new Error("This file has more than 20 MB. Keep only the columns needed.");
      const content = await file.arrayBuffer();
      const column = columns.value || kept;
      send({ name: file.name.replace(/\.\w+$/, ""), fill: fill.value, column }, content);
      if (content.byteLength <= LARGEST_KEPT)
        keep({ name: file.name, bytes: toBase64(content), fill: fill.value, column });
    } catch (error) {
      done();
      fail(`The file could not be read. ${messageOf(error)}`);
    }
  };
  const take = (given: File | undefined, column = "") => {
    if (!given) return;
    file = given;
    kept = column;
    fill.hidden = false;
    showColumns([]); // those of the file before
    void read();
  };
  const showColumns = (found: FileColumn[]) => {
    const before = columns.value || kept;
    const choices = listChoices(found);
    columns.replaceChildren(...choices.map(({ value, label }) => h("option", { value }, label)));
    columns.hidden = choices.length === 0;
    if (choices.some(({ value }) => value === before)) columns.value = before;
  };

  input.addEventListener("change", () => {
    take(input.files?.[0]);
    input.value = ""; // so that the same file, corrected, can be chosen again
  });
  for (const box of [fill, columns])
    box.addEventListener("change", () => {
      kept = "";
      void read();
    });
  takeDrops(root, take);
  const receive = (message: { kind?: string; columns?: FileColumn[] }) => {
    if (message.kind === "columns") showColumns(message.columns ?? []);
  };
  model.on("msg:custom", receive);
  signal.addEventListener("abort", () => model.off("msg:custom", receive));
  watchKernel(model, signal, (now) => {
    kernel = now;
    tell();
  });
  const button = h("label", { class: "rv-button" }, input, "Your own CSV …");
  const element = h("span", { class: "rv-upload" }, button, columns, fill);
  const keep = keepState<KeptFile>(element, "file", signal, (before) => {
    fill.value = before.fill;
    take(new File([fromBase64(before.bytes)], before.name), before.column);
  });
  return { element, status, done };
}

const toBase64 = (content: ArrayBuffer) =>
  btoa(Array.from(new Uint8Array(content), (byte) => String.fromCharCode(byte)).join(""));

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function takeDrops(root: HTMLElement, take: (file: File | undefined) => void): void {
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
}
