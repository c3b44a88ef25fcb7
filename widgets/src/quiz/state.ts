// A quiz as a small machine: choose, commit, read the answer, try again. No drawing here.

export interface Option {
  text: string;
  right: boolean;
  misconception?: string;
  answer: string;
}

export interface QuizState {
  /** Options committed to so far, in order. */
  tried: number[];
  /** "asking" before a commit, "answered" after a wrong one, "solved" after the right one. */
  stage: "asking" | "answered" | "solved";
}

export const START: QuizState = { tried: [], stage: "asking" };

export function commit(state: QuizState, choice: number, options: Option[]): QuizState {
  if (state.stage !== "asking" || options[choice] === undefined || state.tried.includes(choice)) return state;
  return { tried: [...state.tried, choice], stage: options[choice].right ? "solved" : "answered" };
}

export const retry = (state: QuizState): QuizState =>
  state.stage === "answered" ? { ...state, stage: "asking" } : state;

/** The state after a reload: what was tried is kept by its words, since options lie in another order for each student, and may be rewritten. */
export function restore(texts: unknown, options: Option[]): QuizState {
  if (!Array.isArray(texts)) return START;
  const tried = texts
    .map((text) => options.findIndex((option) => option.text === text))
    .filter((place, index, places) => place >= 0 && places.indexOf(place) === index);
  if (tried.length === 0) return START;
  return { tried, stage: options[tried[tried.length - 1]].right ? "solved" : "answered" };
}

/** How it went, in words. */
export function verdict(state: QuizState): string {
  if (state.stage === "answered") return "Not quite.";
  if (state.tried.length === 1) return "Right, at the first try.";
  return `Right, at try ${state.tried.length}.`;
}
