// What the keys do to the maps: up and down through the units, G to the next map, and with Shift a part is selected.
import type { Place } from "../lib/draw/map_panel";
import { between, type Region } from "../lib/draw/region";
import type { MapsState } from "./state";

interface Hand {
  placeNow(): Place;
  /** The cursor is to stand in this row and column of the widest map. */
  goTo(place: Place): void;
  select(region: Region | null): void;
  zoom(region: Region | null): void;
  lead(name: string): void;
}

export interface Keys {
  /** The next selection begins where the cursor is. */
  letGo(): void;
}

export function followKeys(grid: HTMLElement, state: MapsState, hand: Hand): Keys {
  let anchor: Place | null = null;

  /** False where the key is none of the maps'. */
  function answer({ key, shiftKey }: KeyboardEvent): boolean {
    const down = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[key];
    const across = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (key === "Escape" && (state.brushed || state.zoom)) {
      if (state.brushed) hand.select(null);
      else hand.zoom(null);
    } else if (key === "Enter" && state.brushed) hand.zoom(state.brushed);
    else if (key.toLowerCase() === "g") hand.lead(state.next(shiftKey ? -1 : 1).name);
    else if (down !== undefined || (across !== undefined && shiftKey)) {
      const from = hand.placeNow();
      const to = state.clamp({ row: from.row + (down ?? 0), column: from.column + (across ?? 0) });
      if (shiftKey) {
        const start = anchor ?? from;
        hand.select(between(start, to));
        anchor = start;
      }
      hand.goTo(to);
    } else return false;
    return true;
  }

  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !answer(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {
    letGo() {
      anchor = null;
    },
  };
}
