// The one cursor: every widget that holds the same Cursor model moves with it, in the page, without the kernel.
import type { AnyModel, Host } from "@anywidget/types";
import { rootOf } from "./roots";

export interface Place {
  step: number;
  sequence: number;
  unit: number;
  layer: string;
  gate: string;
}

export interface Cursor {
  get<K extends keyof Place>(key: K): Place[K];
  move(place: Partial<Place>): void;
  /** Calls `moved` after every change, by whichever widget. */
  on(moved: () => void): void;
}

const START: Place = { step: 0, sequence: 0, unit: 0, layer: "", gate: "" };

/** The cursor a model refers to, or one of its own where it refers to none. */
export async function connectCursor(model: AnyModel, host: Host, signal: AbortSignal): Promise<Cursor> {
  const reference = model.get("cursor");
  const shared = reference ? await host.getModel(reference) : null;
  const cursor = shared ? sharedCursor(shared, signal) : ownCursor();
  const root = rootOf(model);
  if (root) root.rvCursor = { cursor, shared, start: startOf(shared) };
  return cursor;
}

/** What a widget's element tells the page around it: the cursor that it moves with, whose it is, where it began. */
export interface TellsCursor {
  rvCursor?: { cursor: Cursor; shared: object | null; start: Place };
}

/** A model that the page keeps still knows how it began. */
function startOf(shared: AnyModel | null): Place {
  if (!shared) return START;
  const initial = (shared as AnyModel & { initial?: Partial<Place> }).initial;
  const get = (key: keyof Place) => initial?.[key] ?? shared.get(key) ?? START[key];
  return Object.fromEntries(
    Object.keys(START).map((key) => [key, get(key as keyof Place)]),
  ) as unknown as Place;
}

function sharedCursor(shared: AnyModel, signal: AbortSignal): Cursor {
  return {
    get: (key) => shared.get(key) ?? START[key],
    move(place) {
      // `set` without `save_changes`: other widgets on the page hear of it at once, the kernel never does.
      for (const [key, value] of Object.entries(place)) if (shared.get(key) !== value) shared.set(key, value);
    },
    on(moved) {
      for (const key of Object.keys(START)) {
        shared.on(`change:${key}`, moved);
        signal.addEventListener("abort", () => shared.off(`change:${key}`, moved));
      }
    },
  };
}

export function ownCursor(): Cursor {
  const place = { ...START };
  const listeners: (() => void)[] = [];
  return {
    get: (key) => place[key],
    move(next) {
      const before = { ...place };
      Object.assign(place, next);
      if (Object.keys(START).some((key) => before[key as keyof Place] !== place[key as keyof Place]))
        for (const listener of listeners) listener();
    },
    on: (moved) => void listeners.push(moved),
  };
}
