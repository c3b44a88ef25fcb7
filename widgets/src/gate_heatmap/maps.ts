// The maps of a layer, one under the other: pressing moves the cursor, dragging with Shift selects a part.
import { scaleOf } from "../lib/draw/colours";
import { GUTTER, type MapPanel, makeMapPanel, type Place } from "../lib/draw/map_panel";
import { between, type Region } from "../lib/draw/region";
import { visible } from "../lib/draw/text_layout";
import { makeTooltip } from "../lib/draw/tooltip";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray } from "../lib/words/sayings";
import type { ArrayMap, MapsState } from "./state";

export interface Hand {
  /** The cursor is to stand on this cell of this map. */
  goTo(map: ArrayMap, place: Place): void;
  select(region: Region): void;
  focus(): void;
}

export interface Maps {
  /** Makes the maps of the layer that is shown now. */
  build(): HTMLElement[];
  refill(): void;
  size(width: number): void;
  mark(step: number, unit: number): void;
  brush(region: Region | null): void;
  /** Whether a drag selects without Shift. */
  selecting: boolean;
}

export function makeMaps(root: HTMLElement, state: MapsState, hand: Hand): Maps {
  const tooltip = makeTooltip(root);
  let panels: { map: ArrayMap; panel: MapPanel }[] = [];
  let anchor: Place | null = null;

  function makePanel(map: ArrayMap): MapPanel {
    const drag = (place: Place) => {
      if (anchor) hand.select(between(anchor, place));
      else hand.goTo(map, place);
    };
    return makeMapPanel({
      name: map.name,
      hover(place, event) {
        const label = state.labels?.[place.column];
        const where = `t = ${place.column}${label === undefined ? "" : ` (${visible(label)})`}`;
        const value = formatNumber(state.valueOf(map, place));
        tooltip.show(`unit ${map.order[place.row]}, ${where}: ${value}`, event.clientX, event.clientY);
      },
      leave: tooltip.hide,
      press(place, event) {
        hand.focus();
        anchor = maps.selecting || event.shiftKey ? place : null;
        drag(place);
      },
      drag,
      release() {
        anchor = null;
      },
      stretch(axis, from, to) {
        const all = state.viewOf(map);
        const drawn = between(from, to);
        hand.select(
          axis === "row"
            ? { ...drawn, left: all.left, right: all.right }
            : { ...drawn, top: all.top, bottom: all.bottom },
        );
      },
    });
  }

  const maps: Maps = {
    selecting: false,
    build() {
      anchor = null;
      panels = state.maps.map((map) => ({ map, panel: makePanel(map) }));
      return panels.map(({ panel }) => panel.element);
    },
    refill() {
      const { steps, zoom, units } = state;
      // Few units make tall rows, many make thin ones; a map is never taller than it is useful.
      const tall = zoom ? zoom.bottom - zoom.top : units;
      for (const { map, panel } of panels) {
        const rows = map.block.shape[2];
        panel.paint({
          map: { rows, columns: steps, at: (row, column) => state.valueOf(map, { row, column }) },
          region: state.partOf(map),
          scale: { ...scaleOf(root, map.name), ...state.rangeOf(map) },
          height: Math.max(72, Math.min(200, tall * 14)),
          rowName: (row) => String(map.order[row]),
          labels: state.labels,
        });
        panel.note.textContent = state.sayMap(map);
        const size = `${plural(rows, "unit")} over ${plural(steps, "step")}`;
        panel.figure.setAttribute(
          "aria-label",
          `${capital(sayArray(map.name))}, ${size}. ${panel.note.textContent}`,
        );
      }
    },
    size(width) {
      for (const { panel } of panels) panel.size(width - GUTTER);
    },
    mark(step, unit) {
      for (const { map, panel } of panels) {
        const row = map.order.indexOf(Math.min(unit, map.block.shape[2] - 1));
        panel.mark({ row, column: step });
        panel.reading.textContent = formatNumber(state.valueOf(map, { row, column: step }));
      }
    },
    brush(region) {
      if (region === null) anchor = null;
      for (const { panel } of panels) panel.brush(region);
    },
  };
  return maps;
}
