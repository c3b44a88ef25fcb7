// What is said of a reader's own file while it is on its way, and which of its columns can be chosen.
import type { Kernel } from "../lib/page/kernel";

export interface FileColumn {
  title: string;
  /** What Python took it for. */
  role: "dates" | "number" | "counter" | "constant" | "text" | "empty";
  example: string;
}

export interface Choice {
  value: string;
  label: string;
}

const ROLES: Partial<Record<FileColumn["role"], string>> = {
  counter: "counts the rows",
  constant: "never changes",
  text: "text",
};

/** A sentence from the moment on that a file was given: it is never met with silence. */
export function sayOnItsWay(name: string, kernel: Kernel): string {
  if (kernel === "live") return `Reading ${name} …`;
  if (kernel === "starting") return `${name} will be read when Python is there; it is still starting.`;
  if (kernel === "lost") return `${name} will be read when the connection to Python is back.`;
  if (kernel === "ended") return `Python has stopped, so ${name} was not read.`;
  return `This page was saved without Python, which reads files, so ${name} was not read.`;
}

/** The columns that can be forecast, after the choice to leave it to Python; none where there is nothing to choose. */
export function listChoices(columns: FileColumn[]): Choice[] {
  const fit = columns.filter(({ role }) => role !== "dates" && role !== "empty");
  if (fit.length < 2) return [];
  return [
    { value: "", label: "column: all numbers" },
    ...fit.map(({ title, role }) => ({
      value: title,
      label: `column: ${title}${ROLES[role] ? ` (${ROLES[role]})` : ""}`,
    })),
  ];
}
