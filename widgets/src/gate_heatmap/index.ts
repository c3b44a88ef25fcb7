// Every gate and state of a layer as a map: units down, time across, under the input's own symbols.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeTransport } from "../lib/controls/transport";
import { isValve, scaleOf } from "../lib/draw/colours";
import { GUTTER, type MapPanel, makeMapPanel, type Place } from "../lib/draw/map_panel";
import { RANGES, type RangeChoice, rangeOf } from "../lib/draw/map_range";
import { between, describeRegion, follow, type Region, whole } from "../lib/draw/region";
import { visible } from "../lib/draw/text_layout";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import type { Block, Layer } from "../lib/trace/trace";
import { readTrace, valueAt } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray, sayUnit, shareOpen } from "../lib/words/sayings";
import { labelsFor, moduleOf, tabulateLayers, writeCode, writeOptions } from "../lib/words/takeaway";
import { makeSaturation } from "./saturation";
import { ORDERS, type Order, orderUnits } from "./unit_order";

interface Panel extends MapPanel {
  name: string;
  block: Block;
  /** The unit in each row. */
  order: number[];
}

export default defineWidget("gate-heatmap", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const named = (name: string) => trace.layers.find((layer) => layer.name === name);
  const own: string = model.get("layer");
  let layer: Layer = named(own)!;
  let sequence = -1;
  let panels: Panel[] = [];
  let sorting: Order = model.get("sort");
  let ranging: RangeChoice = model.get("colours");
  /** Where the reader has zoomed in; null while all is in view. */
  let zoom: Region | null = null;
  let brushed: Region | null = null;
  let anchor: Place | null = null;
  let selecting = false;

  const title = h("h3");
  const layerPicker = h("select", { "aria-label": "Layer" });
  for (const { name } of trace.layers) layerPicker.append(h("option", { value: name }, `layer ${name}`));
  layerPicker.hidden = trace.layers.length < 2;
  const sequencePicker = makeSequencePicker(cursor, layer.sequences);
  const sortPicker = makePicker("Units", ORDERS, sorting, (order) => {
    sorting = order;
    zoom = brushed = null;
    arrange();
    refill();
  });
  const rangePicker = makePicker("Colours", RANGES, ranging, (range) => {
    ranging = range;
    refill();
  });
  /** Which map the sentence is about, and whose values sort the units. */
  const mapPicker = h("select", { "aria-label": "Map" });
  mapPicker.addEventListener("change", () => lead(mapPicker.value));
  if (trace.layers.length < 2) rangePicker.querySelector("option[value=all]")!.remove();
  const selectButton = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => setSelecting(!selecting) },
    "Select",
  );
  const grid = h("div", {
    class: "rv-maps",
    tabindex: 0,
    role: "group",
    "aria-label":
      "Maps of gates and states. Left and right arrows move through time, up and down choose a unit, G the next map; with Shift they select a part, Enter zooms into it, Escape shows all again.",
  });
  const summary = h("p", { class: "rv-caption", "aria-live": "polite" });
  const tooltip = makeTooltip(root);
  const saturation = makeSaturation((unit, gate) => cursor.move({ unit, gate, layer: layer.name }));
  const transport = makeTransport({
    steps: layer.steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => {
      const label = trace.labels?.[sequence]?.[step];
      return `t = ${step}${label === undefined ? ` · step ${step + 1} of ${steps}` : ` · ${visible(label)}`}`;
    },
  });
  const saveMenu = makeSaveMenu({
    name: "gate-heatmap",
    root,
    table: () => tabulateLayers([layer], sequence, trace.labels?.[sequence]),
    code: () => {
      // The range of all layers needs them all; else the one layer's module is enough.
      const modules = ranging === "all" ? trace.modules : moduleOf(trace.modules, layer.name);
      return writeCode(
        modules,
        (rename) =>
          `rw.GateHeatmap(trace${writeOptions({
            layer: rename(layer.name),
            arrays: panels.map(({ name }) => name),
            labels: labelsFor(trace.labels, modules),
            sort: sorting === "index" ? null : sorting,
            colours: ranging === "kind" ? null : ranging,
          })})`,
      );
    },
  });
  const valveKey = h("li", {}, h("i", { class: "rv-valve" }), "gate: closed 0 to open 1");
  const part = h("div", { class: "rv-part", hidden: true });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h("div", { class: "rv-controls" }, layerPicker, sequencePicker, saveMenu),
    ),
    h(
      "div",
      { class: "rv-controls rv-map-controls" },
      h("label", { class: "rv-field" }, "Map", mapPicker),
      h("label", { class: "rv-field" }, "Units", sortPicker),
      h("label", { class: "rv-field" }, "Colours", rangePicker),
      selectButton,
      h(
        "ul",
        { class: "rv-legend" },
        valveKey,
        h("li", {}, h("i", { class: "rv-scale" }), "value: negative to positive"),
      ),
    ),
    grid,
    transport.element,
    summary,
  );

  layerPicker.addEventListener("change", () => cursor.move({ layer: layerPicker.value, unit: 0 }));
  // Before the transport, which moves with the same keys.
  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !answer(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  /** What a key does to the maps; false where it is not one of theirs. */
  function answer({ key, shiftKey }: KeyboardEvent): boolean {
    const down = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[key];
    const across = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (key === "Escape" && (brushed || zoom)) {
      if (brushed) select(null);
      else show(null);
    } else if (key === "Enter" && brushed) show(brushed);
    else if (key.toLowerCase() === "g") {
      const next = panels.indexOf(leading()) + (shiftKey ? -1 : 1);
      lead(panels[(next + panels.length) % panels.length].name);
    } else if (down !== undefined || (across !== undefined && shiftKey)) {
      const from = { row: rowNow(), column: stepNow() };
      const to = {
        row: clamp(from.row + (down ?? 0), mostUnits()),
        column: clamp(from.column + (across ?? 0), lengthNow()),
      };
      if (shiftKey) {
        anchor ??= from;
        select(between(anchor, to));
      }
      transport.pause();
      cursor.move({ unit: widest().order[to.row], step: to.column });
    } else return false;
    return true;
  }

  /** The map that the cursor is on. */
  const leading = () =>
    panels.find((panel) => panel.name === cursor.get("gate")) ?? panels[panels.length - 1];
  function lead(name: string) {
    cursor.move({ gate: name, layer: layer.name });
    if (sorting === "index") return;
    zoom = brushed = null;
    arrange();
    refill();
  }
  const lengthNow = () => layer.lengths[sequence];
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), lengthNow() - 1));
  // A projection leaves fewer units in the hidden state than in the gates.
  const widest = () =>
    panels.reduce((most, panel) => (panel.block.shape[2] > most.block.shape[2] ? panel : most), panels[0]);
  const mostUnits = () => widest().block.shape[2];
  const unitNow = () => Math.min(cursor.get("unit"), mostUnits() - 1);
  const rowNow = () => widest().order.indexOf(unitNow());
  const viewOf = (panel: Panel) => zoom ?? whole(panel.block.shape[2], lengthNow());

  /** What this layer has of the arrays asked for: a GRU beside an LSTM has no cell state. */
  function arraysOf(wanted: string[]): string[] {
    if (layer.name === own) return wanted;
    const usual = [...layer.gates, "cell", "hidden"];
    return usual.filter((name) => layer.arrays.has(name));
  }

  function build() {
    const { kind, name, units } = layer;
    title.textContent = `${kind} layer ${name}: ${plural(units, "unit")}`;
    panels = arraysOf(model.get("arrays")).map((array) => makePanel(array));
    mapPicker.replaceChildren(
      ...panels.map(({ name }) => h("option", { value: name }, capital(sayArray(name)))),
    );
    saturation.show(layer);
    grid.replaceChildren(...panels.map((panel) => panel.element), saturation.element, part);
    valveKey.hidden = !panels.some((panel) => isValve(panel.name));
    zoom = brushed = anchor = null;
    arrange();
    transport.resize(lengthNow());
    refill();
  }

  function makePanel(name: string): Panel {
    const block = layer.arrays.get(name)!;
    const goTo = ({ row, column }: Place) => {
      transport.pause();
      cursor.move({ step: column, unit: panel.order[row], gate: name, layer: layer.name });
    };
    const panel: Panel = {
      name,
      block,
      order: [],
      ...makeMapPanel({
        name,
        hover({ row, column }, event) {
          const unit = panel.order[row];
          const label = trace.labels?.[sequence]?.[column];
          const value = valueAt(block, column, sequence, unit);
          tooltip.show(
            `unit ${unit}, t = ${column}${label === undefined ? "" : ` (${visible(label)})`}: ${formatNumber(value)}`,
            event.clientX,
            event.clientY,
          );
        },
        leave: tooltip.hide,
        press(place, event) {
          grid.focus({ preventScroll: true });
          anchor = selecting || event.shiftKey ? place : null;
          if (anchor) select(between(anchor, anchor));
          else goTo(place);
        },
        drag(place) {
          if (anchor) select(between(anchor, place));
          else goTo(place);
        },
        release() {
          anchor = null;
        },
        stretch(axis, from, to) {
          const all = viewOf(panel);
          const drawn = between(from, to);
          select(
            axis === "row"
              ? { ...drawn, left: all.left, right: all.right }
              : { ...drawn, top: all.top, bottom: all.bottom },
          );
        },
      }),
    };
    return panel;
  }

  /** Which unit stands in which row: sorted by the array that the cursor is on, the same in all maps of that size. */
  function arrange() {
    const { block, name } = leading();
    const series = Array.from({ length: block.shape[2] }, (_, unit) =>
      Array.from({ length: lengthNow() }, (_, t) => valueAt(block, t, sequence, unit)),
    );
    const order = orderUnits(series, sorting);
    for (const panel of panels)
      panel.order =
        panel.block.shape[2] === order.length
          ? order
          : Array.from({ length: panel.block.shape[2] }, (_, unit) => unit);
    grid.dataset.sortedBy = sorting === "index" ? "" : name;
  }

  function setSelecting(next: boolean) {
    selecting = next;
    selectButton.setAttribute("aria-pressed", String(next));
    grid.classList.toggle("rv-selecting", next);
    if (!next) select(null);
  }

  function select(region: Region | null) {
    brushed = region;
    if (region === null) anchor = null;
    for (const panel of panels) panel.brush(brushed);
    sayPart();
  }

  function show(region: Region | null) {
    zoom = region;
    brushed = anchor = null;
    if (zoom)
      cursor.move({
        step: Math.max(zoom.left, Math.min(zoom.right - 1, stepNow())),
        unit: widest().order[Math.max(zoom.top, Math.min(zoom.bottom - 1, rowNow()))],
      });
    refill();
    grid.focus({ preventScroll: true });
  }

  /** The numbers of the part that is selected, or in view; hidden while that is everything. */
  function sayPart() {
    const region = brushed ?? zoom;
    part.hidden = region === null;
    if (!region) return part.replaceChildren();
    const columns = ["map", "mean", "deviation", "lowest", "highest", "closed", "open"];
    const lines = panels.map((panel) => {
      const inside = { ...region, bottom: Math.min(region.bottom, panel.block.shape[2]) };
      const told = describeRegion(inside, (row, column) =>
        valueAt(panel.block, column, sequence, panel.order[row]),
      );
      const numbers = told.count
        ? [told.mean, told.deviation, told.low, told.high].map((value) => formatNumber(value))
        : ["–", "–", "–", "–"];
      const shares =
        isValve(panel.name) && told.count ? [percent(told.closed), percent(told.open)] : ["", ""];
      return h(
        "tr",
        {},
        h("th", { scope: "row" }, capital(sayArray(panel.name))),
        ...[...numbers, ...shares].map((text) => h("td", {}, text)),
      );
    });
    const [rows, steps] = [region.bottom - region.top, region.right - region.left];
    const which =
      rows === 1
        ? `unit ${widest().order[region.top]}`
        : sorting === "index"
          ? `units ${region.top} to ${region.bottom - 1}`
          : `${rows} units`;
    const when = steps === 1 ? `step ${region.left}` : `steps ${region.left} to ${region.right - 1}`;
    part.replaceChildren(
      h(
        "div",
        { class: "rv-controls" },
        h("strong", { role: "status" }, `${brushed ? "Selected" : "In view"}: ${which}, ${when}`),
        brushed && h("button", { type: "button", onclick: () => show(brushed) }, "Zoom in"),
        brushed && h("button", { type: "button", onclick: () => select(null) }, "Clear"),
        zoom && h("button", { type: "button", onclick: () => show(null) }, "Show all"),
      ),
      h(
        "div",
        {
          class: "rv-table-box",
          tabindex: 0,
          role: "region",
          "aria-label": "Statistics of the selected part",
        },
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, ...columns.map((text) => h("th", { scope: "col" }, text)))),
          h("tbody", {}, ...lines),
        ),
      ),
    );
  }

  /** Paints the maps anew: another layer, another sequence, or light turned to dark. */
  function refill() {
    const steps = lengthNow();
    // Few units make tall rows, many make thin ones; a map is never taller than it is useful.
    const tall = zoom ? zoom.bottom - zoom.top : mostUnits();
    const height = Math.max(72, Math.min(200, tall * 14));
    for (const panel of panels) {
      const { block, name } = panel;
      const region = viewOf(panel);
      const { low, high } = rangeOf(ranging, trace, layer, name, sequence);
      panel.paint({
        map: {
          rows: block.shape[2],
          columns: steps,
          at: (row, column) => valueAt(block, column, sequence, panel.order[row]),
        },
        region: { ...region, bottom: Math.min(region.bottom, block.shape[2]) },
        scale: { ...scaleOf(root, name), low, high },
        height,
        rowName: (row) => String(panel.order[row]),
        labels: trace.labels?.[sequence],
      });
      panel.note.textContent = sayMap(panel, steps);
      panel.figure.setAttribute(
        "aria-label",
        `${capital(sayArray(name))}, ${plural(block.shape[2], "unit")} over ${plural(steps, "step")}. ${panel.note.textContent}`,
      );
    }
    size();
    sayPart();
    for (const panel of panels) panel.brush(brushed);
    paint();
  }

  function sayMap({ block, name }: Panel, steps: number): string {
    let broken = 0;
    function* values() {
      for (let t = 0; t < steps; t++)
        for (let unit = 0; unit < block.shape[2]; unit++) {
          const value = valueAt(block, t, sequence, unit);
          if (!Number.isFinite(value)) broken++;
          yield value;
        }
    }
    const { closed, open } = shareOpen(values());
    if (broken) return `${plural(broken, "value")} not finite`;
    return isValve(name) ? `${percent(closed)} closed, ${percent(open)} open` : "";
  }

  function size() {
    const width = (grid.firstElementChild?.clientWidth ?? 300) - GUTTER;
    for (const panel of panels) panel.size(width);
  }

  const paint = oncePerFrame(draw, signal);

  function draw() {
    const wantedLayer = named(cursor.get("layer")) ?? layer;
    const wantedSequence = Math.min(cursor.get("sequence"), layer.sequences - 1);
    if (wantedLayer !== layer || wantedSequence !== sequence) {
      layer = wantedLayer;
      sequence = wantedSequence;
      layerPicker.value = layer.name;
      sequencePicker.value = String(sequence);
      build();
      return;
    }
    const [step, unit] = [stepNow(), unitNow()];
    // Another widget may have moved the cursor out of the part in view, which then goes along.
    if (zoom) {
      const moved = follow(zoom, { row: rowNow(), column: step });
      if (moved.left !== zoom.left || moved.top !== zoom.top) {
        zoom = moved;
        refill();
      }
    }
    transport.show(step);
    for (const panel of panels) {
      const mine = Math.min(unit, panel.block.shape[2] - 1);
      panel.mark({ row: panel.order.indexOf(mine), column: step });
      panel.reading.textContent = formatNumber(valueAt(panel.block, step, sequence, mine));
    }
    saturation.mark(unit);
    const chosen = leading();
    mapPicker.value = chosen.name;
    const mine = Math.min(unit, chosen.block.shape[2] - 1);
    const values = Array.from({ length: lengthNow() }, (_, t) => valueAt(chosen.block, t, sequence, mine));
    const order = grid.dataset.sortedBy;
    const sorted = order ? ` Units stand ${ORDERS[sorting]} of the ${sayArray(order)}.` : "";
    summary.textContent = sayUnit(chosen.name, mine, values) + sorted;
  }

  onWidth(grid, signal, () => {
    size();
    paint();
  });
  onTheme(signal, refill);
  cursor.on(paint);
  draw();
});

const clamp = (value: number, end: number): number => Math.max(0, Math.min(end - 1, value));

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function makePicker<T extends string>(
  label: string,
  choices: Record<T, string>,
  chosen: T,
  changed: (choice: T) => void,
): HTMLSelectElement {
  const picker = h("select", { "aria-label": label });
  for (const [value, text] of Object.entries<string>(choices))
    picker.append(h("option", { value, selected: value === chosen }, text));
  picker.addEventListener("change", () => changed(picker.value as T));
  return picker;
}
