// Where each symbol of a text stands on a grid of equally wide cells: lines are broken between words, as a typewriter
// would.

export interface Layout {
  columns: number;
  rows: number;
  /** Row and first column of each symbol, and how many cells it takes. */
  row: Int32Array;
  column: Int32Array;
  width: Int32Array;
  /** First symbol of each row; one more entry than rows, the last being the number of symbols. */
  begins: number[];
}

/**
 * Lays symbols out in `columns` cells a row. Characters take one cell each and stay together as words; symbols of
 * several characters (`words`) have one empty cell between them.
 */
export function layOut(symbols: readonly string[], columns: number, words: boolean): Layout {
  const count = symbols.length;
  const [row, column, width] = [0, 0, 0].map(() => new Int32Array(count));
  const begins = [0];
  // The last column is for the blank behind a word that ends a line.
  const limit = words ? columns : columns - 1;
  let at = 0;
  const breakLine = (next: number) => {
    begins.push(next);
    at = 0;
  };
  for (let k = 0; k < count; ) {
    const end = words ? k + 1 : endOfWord(symbols, k);
    const cells = words ? Math.min(columns, Math.max(1, [...symbols[k]].length)) : end - k;
    const room = !words && separates(symbols[k]) ? columns : limit;
    if (at > 0 && at + cells > room && cells <= limit) breakLine(k);
    for (; k < end; k++) {
      // A word longer than a line is cut where the line ends.
      if (!words && at >= room) breakLine(k);
      row[k] = begins.length - 1;
      width[k] = words ? cells : 1;
      column[k] = Math.min(at, columns - width[k]);
      at += width[k] + (words ? 1 : 0);
      if (symbols[k] === "\n" && k + 1 < count) breakLine(k + 1);
    }
  }
  const rows = begins.length;
  begins.push(count);
  return { columns, rows, row, column, width, begins };
}

const separates = (symbol: string) => symbol === " " || symbol === "\n" || symbol === "\t";

/** The end of the stretch that must not be broken: a word, or a single blank. */
function endOfWord(symbols: readonly string[], start: number): number {
  if (separates(symbols[start])) return start + 1;
  let end = start;
  while (end < symbols.length && !separates(symbols[end])) end++;
  return end;
}

/** The symbol at a place of the grid, or the nearest one of that row; −1 where there are none. */
export function symbolAt(layout: Layout, row: number, column: number): number {
  if (layout.row.length === 0) return -1;
  const line = Math.max(0, Math.min(layout.rows - 1, row));
  const [first, end] = [layout.begins[line], layout.begins[line + 1]];
  if (first === end) return Math.min(first, layout.row.length - 1);
  for (let k = first; k < end; k++) if (column < layout.column[k] + layout.width[k]) return k;
  return end - 1;
}

/** A blank or a line end as something one can see. */
export const visible = (symbol: string): string =>
  symbol === " " ? "␣" : symbol === "\n" ? "⏎" : symbol === "\t" ? "⇥" : symbol;
