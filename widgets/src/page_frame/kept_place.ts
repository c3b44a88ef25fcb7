// Where in each lesson a student was, and which of its sections were read; kept in this browser only.
import { PLACE, pageStorage, readKept } from "../lib/page/progress";

export interface Place {
  /** The title of the section, and the mark of its heading. */
  section?: string;
  id?: string;
  /** Marks of the sections that were read to their end. */
  read: string[];
  /** When, ISO 8601. */
  at?: string;
}

export function readPlace(lesson: string, storage: Storage | null = pageStorage()): Place | null {
  const kept = storage && (readKept(PLACE + lesson, storage) as Partial<Place> | null);
  return kept ? { ...kept, read: Array.isArray(kept.read) ? kept.read : [] } : null;
}

/** Adds to what is kept of a lesson; whether anything is new. */
export function keepPlace(
  lesson: string,
  news: Partial<Place>,
  storage: Storage | null = pageStorage(),
): boolean {
  const before = readPlace(lesson, storage) ?? { read: [] };
  const read = [...new Set([...before.read, ...(news.read ?? [])])];
  const next: Place = { ...before, ...news, read, at: new Date().toISOString() };
  if (read.length === before.read.length && next.id === before.id && next.section === before.section)
    return false;
  try {
    storage?.setItem(PLACE + lesson, JSON.stringify(next));
    return true;
  } catch {
    // Full or forbidden: the lesson opens at its start next time.
    return false;
  }
}
