// What is kept of each widget of a page: its settings, its cursor, and what else it hands over.

export interface WidgetState {
  /** By the name of the control, in the order in which they were last set. */
  settings: Record<string, string>;
  /** Where the cursor is that it moves with, as far as that differs from where it began. */
  cursor: Record<string, string | number>;
  /** Drawings, files and the like. */
  kept: Record<string, unknown>;
}

export const CURSOR_KEYS = ["step", "sequence", "unit", "layer", "gate"];
/** Which of a section's widgets an address speaks of, where it is not the first. */
export const WHICH = "widget";

export const blank = (): WidgetState => ({ settings: {}, cursor: {}, kept: {} });

export const isBlank = ({ settings, cursor, kept }: WidgetState): boolean =>
  [settings, cursor, kept].every((part) => Object.keys(part).length === 0);

/** Reads what was kept of a page, by the key of the widget; what cannot be read is left out. */
export function readStates(text: string | null): Map<string, WidgetState> {
  try {
    const entries = Object.entries(JSON.parse(text ?? "{}") as Record<string, Partial<WidgetState>>);
    const isRecord = (thing: unknown) => typeof thing === "object" && thing !== null && !Array.isArray(thing);
    return new Map(
      entries
        .filter(([, state]) => isRecord(state))
        .map(([key, { settings, cursor, kept }]) => [
          key,
          {
            settings: isRecord(settings) ? settings! : {},
            cursor: isRecord(cursor) ? cursor! : {},
            kept: isRecord(kept) ? kept! : {},
          },
        ]),
    );
  } catch {
    return new Map();
  }
}

/** A setting that was moved is the last to be set again: those before it may have made it possible. */
export function keepSetting(state: WidgetState, name: string, value: string): WidgetState {
  const { [name]: _, ...others } = state.settings;
  return { ...state, settings: { ...others, [name]: value } };
}

/** What an address says of a widget: its cursor first, then its settings, and which one it is. */
export function describeState(state: WidgetState, ordinal: number): Map<string, string> {
  const said = new Map<string, string>();
  if (ordinal > 1) said.set(WHICH, String(ordinal));
  for (const key of CURSOR_KEYS) if (key in state.cursor) said.set(key, String(state.cursor[key]));
  for (const [name, value] of Object.entries(state.settings)) said.set(nameSetting(name), value);
  return said;
}

/** What an address says: the opposite of `describeState`. */
export function readDescription(said: Map<string, string>): { ordinal: number; state: WidgetState } {
  const state = blank();
  for (const [name, value] of said) {
    if (CURSOR_KEYS.includes(name))
      state.cursor[name] = name === "layer" || name === "gate" ? value : Number(value) || 0;
    else if (name !== WHICH) state.settings[name.replace(/^set-/, "")] = value;
  }
  return { ordinal: Math.max(1, Number(said.get(WHICH)) || 1), state };
}

/** A setting that is called like a word of the cursor's gets a name of its own. */
const nameSetting = (name: string) =>
  [...CURSOR_KEYS, WHICH].includes(name) || name.startsWith("set-") ? `set-${name}` : name;
