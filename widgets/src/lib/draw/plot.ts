// Curves on a canvas: what moves while a slider is held or a model learns. Plotly draws what is read at leisure.
import { ticks as niceTicks } from "d3-array";

/** The rectangle curves are drawn in, in CSS pixels. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** From values to pixels along one direction; a log axis holds log10 of its values, as plotly's does. */
export interface Axis {
  range: [number, number];
  log: boolean;
}

export interface Tick {
  /** In the axis's own coordinates, so log10 of the value on a log axis. */
  at: number;
  label: string;
}

export interface Pen {
  colour: string;
  width?: number;
  dash?: number[];
  alpha?: number;
}

/** A canvas as large as its element on this screen, cleared, measured in CSS pixels. */
export function clearCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const density = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

const along = (value: number, { range, log }: Axis): number => {
  const at = log ? Math.log10(value) : value;
  return (at - range[0]) / (range[1] - range[0] || 1);
};

export const toX = (value: number, axis: Axis, frame: Frame): number =>
  frame.left + along(value, axis) * frame.width;

export const toY = (value: number, axis: Axis, frame: Frame): number =>
  frame.top + (1 - along(value, axis)) * frame.height;

/** The value on a linear axis that lies under a pixel. */
export const fromX = (pixel: number, axis: Axis, frame: Frame): number =>
  axis.range[0] + ((pixel - frame.left) / frame.width) * (axis.range[1] - axis.range[0]);

/**
 * The range of an axis that shows these values: whole decades on a log axis, where only positive values count.
 * Values that are not finite are passed over.
 */
export function fitRange(values: Iterable<number>, log: boolean): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return log ? [-1, 1] : [0, 1];
  if (log) {
    const [from, to] = [Math.floor(Math.log10(low) - 0.05), Math.ceil(Math.log10(high) + 0.05) + 0];
    // A curve that does not move still wants a little room above and below.
    return to - from < 2 ? [from - 1, to] : [from, to];
  }
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

/** Ticks of a log axis: powers of ten, and where there are only a few of them also 2 and 5 times those. */
export function logTicks([low, high]: [number, number], count: number): Tick[] {
  if (high - low <= 2 && count >= 4) {
    const ticks: Tick[] = [];
    for (let power = Math.floor(low); power <= high; power++)
      for (const factor of [1, 2, 5]) {
        const at = power + Math.log10(factor);
        if (at >= low - 1e-9 && at <= high + 1e-9) ticks.push({ at, label: plain(factor, power) });
      }
    return ticks;
  }
  const step = [1, 2, 3, 5, 10, 20, 30, 50, 100].find((size) => (high - low) / size <= count) ?? 200;
  const ticks: Tick[] = [];
  for (let power = Math.ceil(low / step) * step; power <= high; power += step)
    ticks.push({ at: power, label: powerOfTen(power) });
  return ticks;
}

export function linearTicks([low, high]: [number, number], count: number, whole = false): Tick[] {
  const found = niceTicks(low, high, count).filter((at) => !whole || Number.isInteger(at));
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const apart = found.length > 1 ? found[1] - found[0] : largest || 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(apart) + 1e-9));
  return found.map((at) => ({
    at,
    label:
      largest >= 1e6 || (largest !== 0 && largest < 1e-4)
        ? at.toExponential(1).replace("e+", "e").replaceAll("-", "−")
        : at.toFixed(decimals).replace("-", "−"),
  }));
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10⁻¹² as text. */
export function powerOfTen(power: number): string {
  if (power === 0) return "1";
  const digits = [...String(power)].map((digit) => SUPERSCRIPTS[Number(digit)] ?? "⁻").join("");
  return power === 1 ? "10" : `10${digits}`;
}

function plain(factor: number, power: number): string {
  if (power >= -3 && power <= 3) return (factor * 10 ** power).toFixed(Math.max(0, -power));
  return factor === 1 ? powerOfTen(power) : `${factor}·${powerOfTen(power)}`;
}

const UNITS: [name: string, sizes: number[]][] = [
  ["year", [100, 50, 20, 10, 5, 2, 1]],
  ["month", [6, 3, 1]],
  ["day", [14, 7, 1]],
];

/**
 * Ticks under a series with dates ("2001-05-31", one a step): where a year, a month or a day that is a round
 * number begins.
 */
export function dateTicks(dates: string[], [low, high]: [number, number], count: number): Tick[] {
  const first = Math.max(0, Math.ceil(low));
  const last = Math.min(dates.length - 1, Math.floor(high));
  let best: Tick[] = [];
  for (const [unit, sizes] of UNITS)
    for (const size of sizes) {
      const ticks: Tick[] = [];
      for (let step = first; step <= last; step++) {
        const key = Math.floor(numberOf(dates[step], unit) / size);
        const before = step === 0 ? Number.NaN : Math.floor(numberOf(dates[step - 1], unit) / size);
        const exact = step > 0 || (beginsUnit(dates[0], unit) && numberOf(dates[0], unit) % size === 0);
        if (key !== before && exact) ticks.push({ at: step, label: nameOf(dates[step], unit) });
      }
      if (ticks.length > count) return best.length > 1 ? best : thin(ticks, count);
      best = ticks;
    }
  return best;
}

const numberOf = (date: string, unit: string): number => {
  const [year, month, day] = date.slice(0, 10).split("-").map(Number);
  return unit === "year"
    ? year
    : unit === "month"
      ? 12 * year + month - 1
      : Date.UTC(year, month - 1, day) / 864e5;
};

const beginsUnit = (date: string, unit: string): boolean =>
  unit === "day" || (unit === "month" ? date.slice(8, 10) === "01" : date.slice(5, 10) === "01-01");

const nameOf = (date: string, unit: string): string =>
  unit === "year"
    ? String(Number(date.slice(0, 4)))
    : unit === "month"
      ? date.slice(0, 7)
      : date.slice(0, 10);

const thin = (ticks: Tick[], count: number): Tick[] => {
  const every = Math.ceil(ticks.length / Math.max(1, count));
  return ticks.filter((_, index) => index % every === 0);
};

export interface Ink {
  grid: string;
  text: string;
  font: string;
}

/** Grid lines and numbers around a frame. */
export function drawAxes(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { x, y, xTicks, yTicks }: { x: Axis; y: Axis; xTicks: Tick[]; yTicks: Tick[] },
  ink: Ink,
): void {
  context.save();
  context.strokeStyle = ink.grid;
  context.fillStyle = ink.text;
  context.font = ink.font;
  context.lineWidth = 1;
  context.beginPath();
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { at, label } of yTicks) {
    const pixel = Math.round(toY(at, { ...y, log: false }, frame)) + 0.5;
    if (pixel < frame.top - 1 || pixel > frame.top + frame.height + 1) continue;
    context.moveTo(frame.left, pixel);
    context.lineTo(frame.left + frame.width, pixel);
    context.fillText(label, frame.left - 8, pixel);
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const { at, label } of xTicks) {
    const pixel = Math.round(toX(at, { ...x, log: false }, frame)) + 0.5;
    if (pixel < frame.left - 1 || pixel > frame.left + frame.width + 1) continue;
    context.moveTo(pixel, frame.top);
    context.lineTo(pixel, frame.top + frame.height);
    // The last label may reach past the frame, but not past the canvas.
    const most = context.canvas.clientWidth - context.measureText(label).width / 2 - 1;
    context.fillText(label, most > 0 ? Math.min(pixel, most) : pixel, frame.top + frame.height + 8);
  }
  context.stroke();
  context.restore();
}

/** Draws only inside the frame until the function it returns is called. */
export function clip(context: CanvasRenderingContext2D, frame: Frame): () => void {
  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top, frame.width, frame.height);
  context.clip();
  return () => context.restore();
}

/**
 * A curve through `values`, the first at `start` along x. It is broken where a value has no place on the axis.
 * Of many values that fall on one pixel column, only the lowest and highest are drawn.
 */
export function drawCurve(
  context: CanvasRenderingContext2D,
  values: ArrayLike<number>,
  start: number,
  x: Axis,
  y: Axis,
  frame: Frame,
  { colour, width = 2, dash = [], alpha = 1 }: Pen,
): void {
  const from = Math.max(0, Math.floor(x.range[0] - start) - 1);
  const to = Math.min(values.length, Math.ceil(x.range[1] - start) + 2);
  const pixelsEach = frame.width / (x.range[1] - x.range[0] || 1);
  // A card that has no width yet has no place for a curve.
  if (!(pixelsEach > 0)) return;
  context.save();
  Object.assign(context, { strokeStyle: colour, lineWidth: width, globalAlpha: alpha, lineJoin: "round" });
  context.setLineDash(dash);
  context.beginPath();
  let open = false;
  const place = (index: number) => {
    const pixel = toY(values[index], y, frame);
    // Far outside the frame a canvas loses precision.
    const bounded = Math.max(-1e4, Math.min(1e4, pixel));
    const across = toX(start + index, x, frame);
    if (open) context.lineTo(across, bounded);
    else context.moveTo(across, bounded);
    open = true;
  };
  const drawable = (index: number) => Number.isFinite(values[index]) && (!y.log || values[index] > 0);
  if (pixelsEach >= 0.5)
    for (let index = from; index < to; index++) drawable(index) ? place(index) : (open = false);
  else {
    const bunch = Math.ceil(1 / pixelsEach);
    for (let first = from; first < to; first += bunch) {
      let [low, high] = [-1, -1];
      for (let index = first; index < Math.min(to, first + bunch); index++) {
        if (!drawable(index)) continue;
        if (low < 0 || values[index] < values[low]) low = index;
        if (high < 0 || values[index] > values[high]) high = index;
      }
      if (low < 0) open = false;
      else for (const index of low < high ? [low, high] : low > high ? [high, low] : [low]) place(index);
    }
  }
  context.stroke();
  context.restore();
}
