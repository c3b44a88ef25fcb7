// In which order the units of a layer stand in a map: as they are, or so that those alike stand together.

export const ORDERS = {
  index: "as they are numbered",
  similarity: "by similarity",
  range: "by range",
  timescale: "by timescale",
} as const;

export type Order = keyof typeof ORDERS;

/** What a map shows of one unit, step by step. */
export type Series = ArrayLike<number>;

/** The units' numbers in the order asked for; units with values that are not finite come last. */
export function orderUnits(series: Series[], by: Order): number[] {
  const units = series.map((_, unit) => unit);
  if (by === "index") return units;
  const rank =
    by === "similarity"
      ? angles(series)
      : series.map((values) => -(by === "range" ? spread : timescale)(values));
  // Equal ones keep their own order: sort is stable.
  return units.sort((a, b) => compare(rank[a], rank[b]));
}

const compare = (a: number, b: number): number =>
  Number.isNaN(a) || Number.isNaN(b)
    ? Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    : a < b
      ? -1
      : a > b
        ? 1
        : 0;

/** Highest value less the lowest. */
export function spread(values: Series): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let t = 0; t < values.length; t++) {
    if (!Number.isFinite(values[t])) return Number.NaN;
    low = Math.min(low, values[t]);
    high = Math.max(high, values[t]);
  }
  return values.length ? high - low : Number.NaN;
}

/**
 * Steps until the autocorrelation falls below 1/e, between two steps by a straight line: how long a unit keeps
 * what it has. A unit that never changes keeps it for ever, and one that is never that different, too.
 */
export function timescale(values: Series): number {
  const centred = centre(values);
  if (centred === null) return Number.NaN;
  const power = dot(centred, centred, 0);
  if (power === 0) return Number.POSITIVE_INFINITY;
  let before = 1;
  for (let lag = 1; lag < centred.length; lag++) {
    const now = dot(centred, centred, lag) / power;
    if (now < 1 / Math.E) return lag - 1 + (before - 1 / Math.E) / (before - now);
    before = now;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * The angle of each unit in the plane of the two strongest patterns that the units share (Friendly, "Corrgrams",
 * 2002): units that rise and fall together get like angles. The circle is cut at its widest gap.
 */
function angles(series: Series[]): number[] {
  const rows = series.map((values) => {
    const centred = centre(values);
    const size = centred === null ? Number.NaN : Math.sqrt(dot(centred, centred, 0));
    return centred === null ? null : centred.map((value) => (size > 0 ? value / size : 0));
  });
  const usable = rows.flatMap((row) => (row === null ? [] : [row]));
  const [first, second] = strongestPatterns(usable);
  const turn = rows.map((row) =>
    row === null ? Number.NaN : Math.atan2(dot(row, second, 0), dot(row, first, 0)),
  );
  const around = turn.filter((angle) => !Number.isNaN(angle)).sort((a, b) => a - b);
  let [cut, widest] = [-Math.PI, -1];
  for (const [place, angle] of around.entries()) {
    const gap = place === 0 ? angle + 2 * Math.PI - around[around.length - 1] : angle - around[place - 1];
    if (gap > widest) [cut, widest] = [angle, gap];
  }
  return turn.map((angle) => (angle < cut ? angle + 2 * Math.PI : angle));
}

/** Two leading right singular vectors of the rows, by orthogonal iteration from a fixed start. */
function strongestPatterns(rows: number[][]): [number[], number[]] {
  const steps = rows[0]?.length ?? 0;
  // The first two cosines of a length: smooth, unlike each other, and the same on every run.
  let first = Array.from(
    { length: steps },
    (_, t) => Math.cos((Math.PI * (t + 0.5)) / steps) + 1e-3 * (t + 1),
  );
  let second = Array.from(
    { length: steps },
    (_, t) => Math.cos((2 * Math.PI * (t + 0.5)) / steps) - 1e-3 * t,
  );
  const turned = (pattern: number[]) => {
    const out = new Array<number>(steps).fill(0);
    for (const row of rows) {
      const share = dot(row, pattern, 0);
      for (let t = 0; t < steps; t++) out[t] += share * row[t];
    }
    return out;
  };
  const unit = (pattern: number[]) => {
    const size = Math.sqrt(dot(pattern, pattern, 0));
    return size > 0 ? pattern.map((value) => value / size) : pattern;
  };
  for (let round = 0; round < 30; round++) {
    first = unit(turned(first));
    second = turned(second);
    const overlap = dot(first, second, 0);
    second = unit(second.map((value, t) => value - overlap * first[t]));
  }
  return [first, second];
}

/** The values less their mean; null where one of them is not finite. */
function centre(values: Series): number[] | null {
  const list = Array.from(values);
  if (list.length === 0 || !list.every(Number.isFinite)) return null;
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return list.map((value) => value - mean);
}

function dot(a: number[], b: number[], lag: number): number {
  let sum = 0;
  for (let t = 0; t + lag < a.length; t++) sum += a[t] * b[t + lag];
  return sum;
}
