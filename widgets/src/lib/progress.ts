// What a student has answered, kept in this browser only.
const PREFIX = "rnnviz/progress/";

export interface Kept {
  kind: "quiz" | "predict" | "check";
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
      } catch {
        // The storage is full or forbidden: the answer still stands on the page.
      }
    },
    forget() {
      try {
        storage?.removeItem(key);
      } catch {
        // As above.
      }
    },
  };
}

/** Everything kept so far, in the order of the keys: what a student would export. */
export function readEverything(storage: Storage | null = pageStorage()): Kept[] {
  if (storage === null) return [];
  const keys = Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? "");
  return keys
    .filter((key) => key.startsWith(PREFIX))
    .sort()
    .flatMap((key) => {
      try {
        return [JSON.parse(storage.getItem(key) ?? "") as Kept];
      } catch {
        return [];
      }
    });
}

function pageStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
