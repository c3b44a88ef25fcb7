// Words as vectors: who is near whom, what a − b + c gives, and which labels find room on a map of them.

export interface Near {
  word: number;
  cosine: number;
}

/** Rows of `size` numbers, one a word. */
export interface Space {
  vectors: Float32Array;
  size: number;
}

const count = ({ vectors, size }: Space): number => (size > 0 ? vectors.length / size : 0);

/** The word's vector brought to length 1; zeros stay zeros. */
function unit({ vectors, size }: Space, word: number): Float64Array {
  const row = Float64Array.from(vectors.subarray(word * size, (word + 1) * size));
  const length = Math.hypot(...row);
  return length > 0 ? row.map((value) => value / length) : row;
}

/** The words that point most nearly the way of a vector, except some; as rnnviz.data.WordVectors finds them. */
export function closest(
  space: Space,
  vector: ArrayLike<number>,
  without: ReadonlySet<number>,
  most: number,
): Near[] {
  const { vectors, size } = space;
  let own = 0;
  for (let k = 0; k < size; k++) own += vector[k] * vector[k];
  const found: Near[] = [];
  for (let word = 0; word < count(space); word++) {
    if (without.has(word)) continue;
    let [dot, length] = [0, 0];
    for (let k = 0; k < size; k++) {
      const value = vectors[word * size + k];
      dot += value * vector[k];
      length += value * value;
    }
    const cosine = dot / Math.max(Math.sqrt(own * length), 1e-12);
    found.push({ word, cosine: Number.isFinite(cosine) ? cosine : -1 });
  }
  return found.sort((a, b) => b.cosine - a.cosine || a.word - b.word).slice(0, most);
}

export const nearest = (space: Space, word: number, most: number): Near[] =>
  closest(space, unit(space, word), new Set([word]), most);

/** The words closest to a − b + c, the three themselves left out. */
export function solveAnalogy(space: Space, a: number, b: number, c: number, most: number): Near[] {
  const [u, v, w] = [a, b, c].map((word) => unit(space, word));
  return closest(
    space,
    u.map((value, k) => value - v[k] + w[k]),
    new Set([a, b, c]),
    most,
  );
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Label extends Box {
  word: number;
}

/**
 * Places labels beside their points, the first in `order` first, where they overlap none placed before; the others go
 * without. A label that had a place keeps its side if it can, so that labels do not flicker while points move.
 */
export function placeLabels(
  order: Iterable<number>,
  at: (word: number) => { x: number; y: number },
  width: (word: number) => number,
  room: { width: number; height: number },
  sides: Map<number, number>,
  height = 15,
  /** Words whose labels may stand further off where all places beside the point are taken. */
  needed: ReadonlySet<number> = new Set(),
): Label[] {
  const cells = new Map<number, Box[]>();
  const across = Math.ceil(room.width / CELL) + 2;
  const placed: Label[] = [];
  const isFree = (box: Box): boolean => {
    for (const key of cellsOf(box, across))
      for (const other of cells.get(key) ?? []) if (overlap(box, other)) return false;
    return true;
  };
  for (const word of order) {
    const { x, y } = at(word);
    if (!(x > -40 && y > -20 && x < room.width + 40 && y < room.height + 20)) continue;
    const wide = width(word);
    const before = sides.get(word) ?? 0;
    let fits: Box | null = null;
    for (let turn = 0; turn < SIDES.length && !fits; turn++) {
      const side = (before + turn) % SIDES.length;
      const [dx, dy] = SIDES[side];
      const box = {
        x: x + dx * GAP + Math.min(0, dx) * wide - (dx === 0 ? wide / 2 : 0),
        y: y + dy * 13 - height / 2,
        width: wide,
        height,
      };
      if (box.x < 0 || box.x + wide > room.width || box.y < 0 || box.y + height > room.height) continue;
      if (isFree(box)) {
        fits = box;
        sides.set(word, side);
      }
    }
    for (let ring = 1; ring <= RINGS && !fits && needed.has(word); ring++)
      for (const [dx, dy] of AROUND) {
        const away = { x: x + dx * GAP * ring, y: y + dy * height * ring };
        const box = {
          x: Math.max(0, Math.min(room.width - wide, away.x + (Math.sign(dx) - 1) * (wide / 2))),
          y: Math.max(0, Math.min(room.height - height, away.y - height / 2)),
          width: wide,
          height,
        };
        if (!isFree(box)) continue;
        fits = box;
        break;
      }
    if (!fits) continue;
    for (const key of cellsOf(fits, across)) {
      const list = cells.get(key);
      if (list) list.push(fits);
      else cells.set(key, [fits]);
    }
    placed.push({ word, ...fits });
  }
  return placed;
}

/** Right, left, above, below. */
const SIDES = [
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
] as const;
/** Where a label may stand that found none of these free, at one to so many times its height. */
const AROUND = [
  [1, -1],
  [1, 1],
  [-1, -1],
  [-1, 1],
  [0, -1],
  [0, 1],
  [1, 0],
  [-1, 0],
] as const;
const RINGS = 5;
const GAP = 7;
const CELL = 48;

function cellsOf({ x, y, width, height }: Box, across: number): number[] {
  const keys: number[] = [];
  for (let row = Math.floor(y / CELL); row <= Math.floor((y + height) / CELL); row++)
    for (let column = Math.floor(x / CELL); column <= Math.floor((x + width) / CELL); column++)
      keys.push(row * across + column);
  return keys;
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The next word in a direction, for those who move over the map by keys; −1 where there is none. */
export function wordTowards(
  from: number,
  dx: number,
  dy: number,
  words: number,
  at: (word: number) => { x: number; y: number },
): number {
  const start = at(from);
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let word = 0; word < words; word++) {
    if (word === from) continue;
    const { x, y } = at(word);
    const along = (x - start.x) * dx + (y - start.y) * dy;
    const aside = Math.abs((x - start.x) * dy) + Math.abs((y - start.y) * dx);
    // Within a quarter to each side, the near ones first.
    if (!(along > 0) || aside > along) continue;
    const far = along + 2 * aside;
    if (far < least) [best, least] = [word, far];
  }
  return best;
}
