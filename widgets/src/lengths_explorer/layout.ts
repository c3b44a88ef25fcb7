// Where what stands on the board, in pixels.

const NARROWEST = 26;
export const HEAD = 30;
/** Height of a sequence, and of one in the packed layout. */
export const ROW = 70;
export const STAIR = 26;
/** Space above the packed layout, for its name. */
const BETWEEN = 50;

export interface Layout {
  /** A narrow board names things more shortly. */
  short: boolean;
  left: number;
  right: number;
  cell: number;
  /** Where the packed layout begins. */
  stairs: number;
  width: number;
  height: number;
  x(t: number): number;
  y(sequence: number): number;
}

export function layOut(width: number, steps: number, sequences: number): Layout {
  const short = width < 520;
  const left = short ? 26 : 96;
  const right = short ? 66 : 108;
  const cell = Math.max(NARROWEST, Math.min(240, (width - left - right) / steps));
  const stairs = HEAD + sequences * ROW + BETWEEN;
  return {
    ...{ short, left, right, cell, stairs },
    width: left + steps * cell + right,
    height: stairs + sequences * STAIR + 26,
    x: (t) => left + t * cell,
    y: (sequence) => HEAD + sequence * ROW,
  };
}
