// Keeps what a reader does with the widgets of a page: over a reload, in a link, and in a second tab.

import { CHOSEN, KEEP, type Kept, RESTORE } from "../lib/page/kept";
import { pageStorage } from "../lib/page/progress";
import type { Place, TellsCursor } from "../lib/page/shared_cursor";
import { changeAddress, readAddress } from "./address";
import { keptFor, nameControls, readControl, setControl } from "./controls";
import {
  blank,
  describeState,
  isBlank,
  keepSetting,
  readDescription,
  readStates,
  type WidgetState,
} from "./widget_state";

const STATE = "rnnviz/state/";
const PAUSE_MS = 300;
/** How long a widget may take to make its controls. */
const PATIENCE_MS = 20_000;

/** The cursor that a widget moves with, as far as a page has to do with it. */
interface PageCursor {
  /** The same for all widgets that share it. */
  identity: object;
  /** What differs from where the cursor began. */
  moved(): Record<string, string | number>;
  move(place: Record<string, string | number>): void;
  on(moved: () => void): void;
}

function cursorOf(root: HTMLElement & TellsCursor): PageCursor | null {
  if (!root.rvCursor) return null;
  const { cursor, shared, start } = root.rvCursor;
  const keys = Object.keys(start) as (keyof Place)[];
  return {
    identity: shared ?? cursor,
    moved: () =>
      Object.fromEntries(
        keys.filter((key) => cursor.get(key) !== start[key]).map((key) => [key, cursor.get(key)]),
      ),
    move: (place) => cursor.move(place as Partial<Place>),
    on: (moved) => cursor.on(moved),
  };
}

/** Every widget that is to be seen and asks no question: those keep their answers by themselves. */
const widgets = () =>
  [...document.querySelectorAll<HTMLElement>("#rendered_cells .rnnviz")].filter(
    (root) => !root.matches(".rv-asks") && !root.closest(".page-stands-in > .jp-Cell"),
  );

const controlsOf = (root: HTMLElement) => nameControls(root, cursorOf(root) !== null);

/** A widget's place in its page: the section that it stands in, and the how-manieth it is there. */
function placesOf(roots: HTMLElement[]): Map<HTMLElement, { section: string; ordinal: number }> {
  const headings = [...document.querySelectorAll<HTMLElement>("#rendered_cells :is(h2, h3)[id]")];
  const counts = new Map<string, number>();
  return new Map(
    roots.map((root) => {
      const before = headings.filter(
        (heading) => heading.compareDocumentPosition(root) & Node.DOCUMENT_POSITION_FOLLOWING,
      );
      const section = before.at(-1)?.id ?? "";
      const ordinal = (counts.get(section) ?? 0) + 1;
      counts.set(section, ordinal);
      return [root, { section, ordinal }];
    }),
  );
}

export function startState(): void {
  const lesson = document.body.dataset.lessonName;
  if (!lesson || !document.getElementById("rendered_cells")) return;
  new Keeper(STATE + lesson).start();
}

class Keeper {
  private states: Map<string, WidgetState>;
  private readonly restored = new WeakSet<HTMLElement>();
  /** Settings of controls that a widget has not made yet, until it has had time enough. */
  private readonly awaited = new Map<HTMLElement, { settings: Map<string, string>; until: number }>();
  private readonly watched = new WeakSet<object>();
  private touched: HTMLElement | null = null;
  /** While the page sets what was kept, nothing is kept. */
  private setting = false;
  private saving = 0;
  private opened = readAddress(location.hash);
  private readonly storage = pageStorage();

  constructor(private readonly key: string) {
    this.states = readStates(this.storage?.getItem(key) ?? null);
  }

  start(): void {
    for (const name of ["input", "change"]) document.addEventListener(name, (event) => this.hear(event));
    document.addEventListener(CHOSEN, ({ target }) => this.note(target as Element));
    document.addEventListener("click", (event) => this.hearPress(event), true);
    document.addEventListener(KEEP, (event) => this.keep(event as CustomEvent<Kept>));
    window.addEventListener("storage", ({ key, newValue }) => {
      if (key === this.key) this.follow(readStates(newValue));
    });
    // Somebody has put another address of this page into the window.
    window.addEventListener("hashchange", () => {
      this.opened = readAddress(location.hash);
      for (const [root, place] of placesOf(widgets())) this.obey(root, place);
    });
    let asked = 0;
    // Soon, and also where something on the page never rests, such as a training.
    const look = () => {
      if (asked !== 0) return;
      asked = window.setTimeout(() => {
        asked = 0;
        this.restoreAll();
      }, 60);
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    window.addEventListener("scroll", () => this.save(), { passive: true });
    this.restoreAll();
  }

  private hear(event: Event): void {
    if (event.target instanceof Element && event.isTrusted) this.note(event.target);
  }

  /** A button is known by what it says before it is pressed, and set to what it is afterwards. */
  private hearPress({ target, isTrusted }: Event): void {
    const button = (target as Element).closest?.<HTMLButtonElement>("button[aria-pressed]");
    const root = button?.closest<HTMLElement>("#rendered_cells .rnnviz");
    if (!button || !root || !isTrusted || this.setting || root.matches(".rv-asks")) return;
    const [name] = [...controlsOf(root)].find(([, control]) => control === button) ?? [];
    if (name === undefined) return;
    const before = readControl(button);
    setTimeout(() => {
      const after = button.isConnected ? readControl(button) : String(1 - Number(before));
      this.change(root, (state) => keepSetting(state, name, after));
    });
  }

  private note(target: Element): void {
    const root = target.closest<HTMLElement>("#rendered_cells .rnnviz");
    if (!root || this.setting || root.matches(".rv-asks")) return;
    for (const [name, control] of controlsOf(root)) {
      if (control !== keptFor(target)) continue;
      this.change(root, (state) => keepSetting(state, name, readControl(control)));
    }
  }

  private keep({ target, detail: { name, value } }: CustomEvent<Kept>): void {
    const root = (target as Element).closest<HTMLElement>("#rendered_cells .rnnviz");
    // What a widget begins with is no news.
    if (!root || this.setting || !this.restored.has(root)) return;
    this.change(root, (state) => ({ ...state, kept: { ...state.kept, [name]: value } }));
  }

  private change(root: HTMLElement, change: (state: WidgetState) => WidgetState): void {
    const place = placesOf(widgets()).get(root);
    if (!place) return;
    const key = `${place.section}/${place.ordinal}`;
    this.states.set(key, change(this.states.get(key) ?? blank()));
    this.touched = root;
    this.save();
  }

  /** Writes what there is to keep, and the address, once the hand rests. */
  private save(): void {
    clearTimeout(this.saving);
    this.saving = window.setTimeout(() => {
      this.writeAddress();
      const text = JSON.stringify(Object.fromEntries(this.states));
      if (this.states.size === 0 || text === this.storage?.getItem(this.key)) return;
      try {
        this.storage?.setItem(this.key, text);
      } catch {
        // Full or forbidden: what is set holds until the page is closed.
      }
    }, PAUSE_MS);
  }

  /** The address speaks of the widget in view that was touched last, or takes up the most room. */
  private writeAddress(): void {
    const places = placesOf(widgets());
    const heights = new Map([...places.keys()].map((root) => [root, heightInView(root)]));
    const seen = [...places.keys()].filter((root) => heights.get(root)! > 0);
    const first = this.touched && seen.includes(this.touched) ? this.touched : null;
    const inView = first ?? seen.sort((a, b) => heights.get(b)! - heights.get(a)!)[0];
    const place = inView && places.get(inView);
    const state = place && this.stateOf(inView, `${place.section}/${place.ordinal}`);
    if (!state || isBlank(state)) {
      changeAddress(({ section }) => ({ section, settings: new Map() }));
      return;
    }
    changeAddress(() => ({ section: place.section, settings: describeState(state, place.ordinal) }));
  }

  private stateOf(root: HTMLElement, key: string): WidgetState {
    const cursor = cursorOf(root)?.moved() ?? {};
    return { ...(this.states.get(key) ?? blank()), cursor };
  }

  /** Sets up again what was kept, in widgets that have come to be; and what the address asks for. */
  private restoreAll(): void {
    const roots = widgets();
    this.setAwaited();
    const fresh = roots.filter((root) => !this.restored.has(root) && root.childElementCount > 0);
    if (fresh.length === 0) return;
    const places = placesOf(roots);
    for (const root of fresh) {
      this.restored.add(root);
      const { section, ordinal } = places.get(root)!;
      this.watchCursor(root, `${section}/${ordinal}`);
      const kept = this.states.get(`${section}/${ordinal}`);
      if (kept) this.apply(root, kept);
      this.obey(root, { section, ordinal });
    }
  }

  /** Sets what the address asks of a widget, if it speaks of this one. */
  private obey(root: HTMLElement, { section, ordinal }: { section: string; ordinal: number }): void {
    if (section !== this.opened.section || this.opened.settings.size === 0) return;
    const asked = readDescription(this.opened.settings);
    if (asked.ordinal !== ordinal) return;
    this.apply(root, asked.state);
    this.touched = root;
    const key = `${section}/${ordinal}`;
    const before = this.states.get(key) ?? blank();
    const settings = { ...before.settings, ...asked.state.settings };
    this.states.set(key, { ...before, settings, cursor: asked.state.cursor });
  }

  private apply(root: HTMLElement, { settings, cursor, kept }: WidgetState): void {
    this.setting = true;
    try {
      for (const [name, value] of Object.entries(kept))
        root.dispatchEvent(new CustomEvent<Kept>(RESTORE, { bubbles: true, detail: { name, value } }));
      const wanted = new Map(Object.entries(settings));
      this.set(root, wanted);
      if (wanted.size > 0) this.awaited.set(root, { settings: wanted, until: Date.now() + PATIENCE_MS });
      if (Object.keys(cursor).length > 0) cursorOf(root)?.move(cursor);
    } catch (error) {
      console.warn("What was kept of a widget could not be set again.", error);
    } finally {
      this.setting = false;
    }
  }

  /** Sets what controls there are, and takes from `settings` what was set. */
  private set(root: HTMLElement, settings: Map<string, string>): void {
    for (const [name, value] of [...settings]) {
      // By name each time: setting one control may make another.
      const control = controlsOf(root).get(name);
      // A control that is locked for now may be free in a moment.
      if (!control || control.disabled) continue;
      setControl(control, value);
      settings.delete(name);
    }
  }

  private setAwaited(): void {
    for (const [root, { settings, until }] of this.awaited) {
      this.setting = true;
      this.set(root, settings);
      this.setting = false;
      if (settings.size === 0 || Date.now() > until || !root.isConnected) this.awaited.delete(root);
    }
  }

  /** Of widgets that move together, the first keeps where they are. */
  private watchCursor(root: HTMLElement, key: string): void {
    const cursor = cursorOf(root);
    if (!cursor || this.watched.has(cursor.identity)) return;
    this.watched.add(cursor.identity);
    cursor.on(() => {
      if (this.setting) return;
      this.states.set(key, { ...(this.states.get(key) ?? blank()), cursor: cursor.moved() });
      this.save();
    });
  }

  /** Another tab has changed something: this one agrees with it. */
  private follow(next: Map<string, WidgetState>): void {
    for (const [root, { section, ordinal }] of placesOf(widgets())) {
      const key = `${section}/${ordinal}`;
      const [state, before] = [next.get(key), this.states.get(key)];
      if (state && JSON.stringify(state) !== JSON.stringify(before)) this.apply(root, state);
    }
    this.states = next;
  }
}

/** How many pixels of a widget's height are in the window. */
function heightInView(root: HTMLElement): number {
  const { top, bottom } = root.getBoundingClientRect();
  return Math.min(bottom, innerHeight) - Math.max(top, 0);
}
