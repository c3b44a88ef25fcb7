// Which maps of a layer are shown, which unit stands in which row, and which part is selected or in view. No drawing here.
import { isValve } from "../lib/draw/colours";
import type { Place } from "../lib/draw/map_panel";
import { type Range, type RangeChoice, rangeOf } from "../lib/draw/map_range";
import { describeRegion, follow, type Region, whole } from "../lib/draw/region";
import { type Block, type Layer, type Trace, valueAt } from "../lib/trace/trace";
import { formatNumber, plural } from "../lib/words/format";
import { capital, sayArray, sayUnit, shareOpen } from "../lib/words/sayings";
import { labelsFor, moduleOf, tabulateLayers, writeCode, writeOptions } from "../lib/words/takeaway";
import { ORDERS, type Order, orderUnits } from "./unit_order";

/** An array of the layer, as a map. */
export interface ArrayMap {
  name: string;
  block: Block;
  /** The unit in each row. */
  order: number[];
}

export class MapsState {
  layer: Layer;
  sequence = 0;
  maps: ArrayMap[] = [];
  /** Where the reader has zoomed in; null while all is in view. */
  zoom: Region | null = null;
  brushed: Region | null = null;
  /** The map that the cursor is on. */
  gate = "";
  /** The layer that was asked for, which alone has the arrays asked for. */
  private own: Layer;

  constructor(
    readonly trace: Trace,
    layer: string,
    private wanted: string[],
    public sorting: Order,
    public ranging: RangeChoice,
  ) {
    this.own = this.layer = this.find(layer)!;
    this.build();
  }

  private find(name: string): Layer | undefined {
    return this.trace.layers.find((layer) => layer.name === name);
  }

  /** The cursor is on this layer and sequence: whether that means other maps. */
  goTo(name: string, sequence: number): boolean {
    const layer = this.find(name) ?? this.layer;
    const clamped = Math.min(sequence, this.layer.sequences - 1);
    if (layer === this.layer && clamped === this.sequence) return false;
    this.layer = layer;
    this.sequence = clamped;
    this.build();
    return true;
  }

  private build(): void {
    this.maps = this.arrays.map((name) => ({ name, block: this.layer.arrays.get(name)!, order: [] }));
    this.showAll();
    this.arrange();
  }

  /** What this layer has of the arrays asked for: a GRU beside an LSTM has no cell state. */
  private get arrays(): string[] {
    const { layer, own, wanted } = this;
    if (layer === own) return wanted;
    return [...layer.gates, "cell", "hidden"].filter((name) => layer.arrays.has(name));
  }

  /** Which unit stands in which row: sorted by the array that the cursor is on, the same in all maps of that size. */
  arrange(): void {
    const { block } = this.leading;
    const series = Array.from({ length: block.shape[2] }, (_, unit) => this.valuesOf(block, unit));
    const order = orderUnits(series, this.sorting);
    for (const map of this.maps)
      map.order =
        map.block.shape[2] === order.length
          ? order
          : Array.from({ length: map.block.shape[2] }, (_, unit) => unit);
  }

  private valuesOf(block: Block, unit: number): number[] {
    return Array.from({ length: this.steps }, (_, t) => valueAt(block, t, this.sequence, unit));
  }

  showAll(): void {
    this.zoom = this.brushed = null;
  }

  sort(order: Order): void {
    this.sorting = order;
    this.showAll();
    this.arrange();
  }

  /** The map that the cursor is on; the last where it is on none of these. */
  get leading(): ArrayMap {
    return this.maps.find(({ name }) => name === this.gate) ?? this.maps[this.maps.length - 1];
  }
  /** The map so many places after the leading one. */
  next(by: number): ArrayMap {
    const at = this.maps.indexOf(this.leading) + by;
    return this.maps[(at + this.maps.length) % this.maps.length];
  }
  /** A projection leaves fewer units in the hidden state than in the gates. */
  get widest(): ArrayMap {
    return this.maps.reduce(
      (most, map) => (map.block.shape[2] > most.block.shape[2] ? map : most),
      this.maps[0],
    );
  }
  get units(): number {
    return this.widest.block.shape[2];
  }
  get steps(): number {
    return this.layer.lengths[this.sequence];
  }
  get labels(): string[] | undefined {
    return this.trace.labels?.[this.sequence];
  }

  clamp({ row, column }: Place): Place {
    return { row: within(row, 0, this.units), column: within(column, 0, this.steps) };
  }

  /** Where the cursor stands in the widest map. */
  placeOf(step: number, unit: number): Place {
    return {
      row: this.widest.order.indexOf(Math.min(unit, this.units - 1)),
      column: within(step, 0, this.steps),
    };
  }

  viewOf({ block }: ArrayMap): Region {
    return this.zoom ?? whole(block.shape[2], this.steps);
  }

  /** The part of a map that is in view; a narrow one has fewer rows. */
  partOf(map: ArrayMap): Region {
    const region = this.viewOf(map);
    return { ...region, bottom: Math.min(region.bottom, map.block.shape[2]) };
  }

  valueOf({ block, order }: ArrayMap, { row, column }: Place): number {
    return valueAt(block, column, this.sequence, order[row]);
  }

  /** Zooms into a part; the cursor goes along, to the place that is returned. */
  zoomTo(region: Region, at: Place): Place {
    this.zoom = region;
    this.brushed = null;
    return {
      row: within(at.row, region.top, region.bottom),
      column: within(at.column, region.left, region.right),
    };
  }

  /** The part in view moves with a cursor that another widget has moved out of it; whether it did. */
  followCursor(place: Place): boolean {
    if (!this.zoom) return false;
    const moved = follow(this.zoom, place);
    if (moved.left === this.zoom.left && moved.top === this.zoom.top) return false;
    this.zoom = moved;
    return true;
  }

  rangeOf({ name }: ArrayMap): Range {
    return rangeOf(this.ranging, this.trace, this.layer, name, this.sequence);
  }

  sayMap({ block, name }: ArrayMap): string {
    const values = Array.from({ length: block.shape[2] }, (_, unit) => this.valuesOf(block, unit)).flat();
    const broken = values.filter((value) => !Number.isFinite(value)).length;
    if (broken) return `${plural(broken, "value")} not finite`;
    const { closed, open } = shareOpen(values);
    return isValve(name) ? `${percent(closed)} closed, ${percent(open)} open` : "";
  }

  /** The numbers of the part that is selected, or in view; null while that is everything. */
  describePart(): { title: string; rows: { name: string; numbers: string[] }[] } | null {
    const region = this.brushed ?? this.zoom;
    if (!region) return null;
    const rows = this.maps.map((map) => {
      const inside = { ...region, bottom: Math.min(region.bottom, map.block.shape[2]) };
      const told = describeRegion(inside, (row, column) => this.valueOf(map, { row, column }));
      const numbers = told.count
        ? [told.mean, told.deviation, told.low, told.high].map((value) => formatNumber(value))
        : ["–", "–", "–", "–"];
      const shares = isValve(map.name) && told.count ? [percent(told.closed), percent(told.open)] : ["", ""];
      return { name: capital(sayArray(map.name)), numbers: [...numbers, ...shares] };
    });
    return { title: `${this.brushed ? "Selected" : "In view"}: ${this.sayRegion(region)}`, rows };
  }

  private sayRegion({ top, bottom, left, right }: Region): string {
    const which =
      bottom - top === 1
        ? `unit ${this.widest.order[top]}`
        : this.sorting === "index"
          ? `units ${top} to ${bottom - 1}`
          : `${bottom - top} units`;
    return `${which}, ${right - left === 1 ? `step ${left}` : `steps ${left} to ${right - 1}`}`;
  }

  /** What the leading map says of a unit. */
  tell(unit: number): string {
    const { name, block } = this.leading;
    const mine = Math.min(unit, block.shape[2] - 1);
    const sorted =
      this.sorting === "index" ? "" : ` Units stand ${ORDERS[this.sorting]} of the ${sayArray(name)}.`;
    return sayUnit(name, mine, this.valuesOf(block, mine)) + sorted;
  }

  tabulate(): string {
    return tabulateLayers([this.layer], this.sequence, this.labels);
  }

  writeCode(file = ""): string {
    const { trace, layer, sorting, ranging } = this;
    // The range of all layers needs them all; else the one layer's module is enough.
    const modules = ranging === "all" ? trace.modules : moduleOf(trace.modules, layer.name);
    return writeCode(
      modules,
      (rename) =>
        `rw.GateHeatmap(trace${writeOptions({
          layer: rename(layer.name),
          arrays: this.maps.map(({ name }) => name),
          labels: labelsFor(trace.labels, modules),
          sort: sorting === "index" ? null : sorting,
          colours: ranging === "kind" ? null : ranging,
        })})`,
      { file },
    );
  }
}

const within = (value: number, start: number, end: number): number =>
  Math.max(start, Math.min(end - 1, value));

const percent = (share: number): string => `${Math.round(100 * share)} %`;
