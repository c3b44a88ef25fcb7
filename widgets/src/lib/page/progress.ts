// What a student has answered, kept in this browser only, until the student saves it to a file.
export const PREFIX = "rnnviz/progress/";
/** Where in each lesson a student was; the dashboards keep it. */
export const PLACE = "rnnviz/place/";

export interface Kept {
  kind: "quiz" | "predict" | "check" | "challenge";
  lesson: string;
  name: string;
  /** When it was last answered, ISO 8601. */
  at: string;
  [detail: string]: unknown;
}

export interface Shelf<Detail> {
  read(): (Kept & Detail) | null;
  keep(detail: Detail): void;
  forget(): void;
  /** Calls `changed` when another tab has kept or forgotten this answer. */
  watch(changed: () => void, signal: AbortSignal): void;
}

/** The place where one question's answer lies. A browser that refuses storage keeps nothing, and nothing breaks. */
export function openShelf<Detail extends object>(
  kind: Kept["kind"],
  lesson: string,
  name: string,
  storage: Storage | null = pageStorage(),
): Shelf<Detail> {
  const key = `${PREFIX}${kind}/${lesson}/${name}`;
  return {
    read() {
      try {
        const kept = JSON.parse(storage?.getItem(key) ?? "null");
        return kept !== null && typeof kept === "object" && kept.kind === kind ? kept : null;
      } catch {
        return null;
      }
    },
    keep(detail) {
      try {
        const kept: Kept = { kind, lesson, name, at: new Date().toISOString(), ...detail };
        storage?.setItem(key, JSON.stringify(kept));
        tell();
      } catch {
        // The storage is full or forbidden: the answer still stands on the page.
      }
    },
    forget() {
      try {
        storage?.removeItem(key);
        tell();
      } catch {
        // As above.
      }
    },
    watch(changed, signal) {
      window.addEventListener("storage", (event) => event.key === key && changed(), { signal });
    },
  };
}

/** The page around the widgets says how far a student is; other tabs hear of it by the storage's own event. */
const tell = () => window.dispatchEvent(new Event("rnnviz:progress"));

const isOurs = (key: string) => key.startsWith(PREFIX) || key.startsWith(PLACE);

/** Everything kept so far, by key, in the order of the keys. What cannot be read is left out. */
export function readEverything(storage: Storage | null = pageStorage()): Record<string, { at?: string }> {
  if (storage === null) return {};
  const keys = Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? "");
  return Object.fromEntries(
    keys
      .filter(isOurs)
      .sort()
      .flatMap((key) => {
        const kept = readKept(key, storage);
        return kept ? [[key, kept]] : [];
      }),
  );
}

/** The file that a student saves: the same that the gallery of the dashboards saves and loads. */
export const writeProgressFile = (storage: Storage | null = pageStorage()): string =>
  JSON.stringify({ about: "Progress in the rnnviz course", entries: readEverything(storage) }, null, 1);

/**
 * Keeps what a saved file holds, and returns how many entries that are. Of two answers to one question the later one
 * counts.
 */
export function loadProgressFile(text: string, storage: Storage | null = pageStorage()): number {
  if (storage === null)
    throw new Error("This browser keeps nothing for this page, so there is nowhere to put it.");
  const found = entriesOf(text);
  if (found.length === 0)
    throw new Error("It holds no progress of this course. Choose a file that “Save progress” has made.");
  for (const [key, value] of found) {
    const here = readKept(key, storage);
    if (!((here?.at ?? "") > (value.at ?? ""))) storage.setItem(key, JSON.stringify(value));
  }
  return found.length;
}

function entriesOf(text: string): [string, { at?: string }][] {
  try {
    return Object.entries<{ at?: string }>(JSON.parse(text).entries).filter(
      ([key, value]) => isOurs(key) && value !== null && typeof value === "object",
    );
  } catch {
    return [];
  }
}

export function readKept(key: string, storage: Storage): { at?: string } | null {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? "null");
    return kept !== null && typeof kept === "object" ? kept : null;
  } catch {
    return null;
  }
}

/** The browser's storage, or null where it refuses. */
export function pageStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
