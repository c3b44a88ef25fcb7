// The sections of a page: which is being read, and how far each of them is.
import { PREFIX } from "../lib/page/progress";

export interface Section {
  /** The mark of its heading, which its link leads to. */
  id: string;
  /** "NUMBER/NAME" of each question asked in it. */
  questions: string[];
}

export interface Progress {
  state: "none" | "begun" | "done";
  /** What is shown beside the title, and what is read out; nothing where nothing was done yet. */
  mark: string;
  words: string;
}

/** Which of the questions have an answer in this browser. */
export function countAnswered(questions: string[], storage: Storage | null): number {
  const isKept = (kind: string, question: string) =>
    (storage?.getItem(`${PREFIX}${kind}/${question}`) ?? null) !== null;
  return questions.filter((question) => isKept("quiz", question) || isKept("predict", question)).length;
}

/** How far a section is: by its questions where it asks any, else by whether it was read. */
export function describeProgress(asked: number, answered: number, read: boolean): Progress {
  if (asked > 0 && answered === asked) return { state: "done", mark: "✓", words: "all answered" };
  if (asked > 0 && answered > 0)
    return { state: "begun", mark: `${answered}/${asked}`, words: `${answered} of ${asked} answered` };
  if (!read) return { state: "none", mark: "", words: "" };
  if (asked === 0) return { state: "done", mark: "✓", words: "read" };
  return { state: "begun", mark: `0/${asked}`, words: `read, ${asked} to answer` };
}

/**
 * Which section is being read: the last whose heading has passed `line`, a height in the window; −1 above the first.
 * `tops` are the headings' heights in the window, from top to bottom.
 */
export function findCurrent(tops: number[], line: number): number {
  let current = -1;
  for (const [at, top] of tops.entries()) if (top <= line) current = at;
  return current;
}

/** Those sections of which the end is in the window or above it, among the one being read and those after it. */
export function findRead(tops: number[], current: number, height: number, end: number): number[] {
  const ends = [...tops.slice(1), end];
  return tops.map((_, at) => at).filter((at) => at >= current && at >= 0 && ends[at] <= height);
}
