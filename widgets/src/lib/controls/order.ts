// In which order a student sees the options of a question: an order of each student's own, the same at every visit.
import { rollDice } from "../trace/dice";

/** Kept beside the answers, not among them: whoever loads progress from elsewhere keeps the order seen here. */
const KEY = "rnnviz/student";

/** A number that tells this browser's student from others; drawn once. Without storage it is 0 for everybody. */
export function recognise(storage: Storage | null): number {
  try {
    const kept = storage?.getItem(KEY);
    if (kept && /^\d{1,10}$/.test(kept)) return Number(kept) >>> 0;
    const drawn = crypto.getRandomValues(new Uint32Array(1))[0];
    storage?.setItem(KEY, String(drawn));
    return storage ? drawn : 0;
  } catch {
    return 0;
  }
}

/** The options in the order of one student and one question: a fair shuffle, dealt by their names alone. */
export function shuffle<T>(options: readonly T[], student: number, lesson: string, name: string): T[] {
  const dealt = [...options];
  const dice = rollDice(hash(`${student}/${lesson}/${name}`), dealt.length);
  for (let last = dealt.length - 1; last > 0; last--) {
    const other = Math.floor(dice[last] * (last + 1));
    [dealt[last], dealt[other]] = [dealt[other], dealt[last]];
  }
  return dealt;
}

/** 32-bit FNV-1a of a text: near texts give far numbers. */
function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) mixed = Math.imul(mixed ^ text.charCodeAt(k), 0x01000193);
  return mixed >>> 0;
}
