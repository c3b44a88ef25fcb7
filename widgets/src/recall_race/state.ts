// Recall against distance: what is drawn of a training, and of what is stored, without a page.

export interface Run {
  updates: number;
  /** Share of right answers at each distance, now. */
  recall: number[];
  /** Mean share over the distances that are learned from, before the first update and then every so many. */
  history: number[];
  seconds: number;
}

export type Frame = Record<string, Run>;

export interface Scene {
  cells: string[];
  learned: [number, number];
  distances: number[];
  updates: number;
  every: number;
  baseline: number;
  stored: { updates: number; seeds: number; distances: number[]; recall: Record<string, number[][]> };
}

export interface Curve {
  name: string;
  index: number;
  /** Distance and share. */
  points: [number, number][];
  /** Each of several seeds, where the points are their medians; none for a single training. */
  seeds: [number, number][][];
}

export const isOver = ({ cells, updates }: Scene, frame: Frame): boolean =>
  cells.every((name) => frame[name].updates >= updates);

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One curve for each cell that is shown: this training's, or the medians of the stored ones with their spread. */
export function curvesOf(scene: Scene, frame: Frame, stored: boolean, hidden: ReadonlySet<string>): Curve[] {
  return scene.cells.flatMap((name, index): Curve[] => {
    if (hidden.has(name)) return [];
    if (!stored) {
      const points = scene.distances.map((distance, k): [number, number] => [
        distance,
        frame[name].recall[k],
      ]);
      return [{ name, index, points, seeds: [] }];
    }
    const seeds = scene.stored.recall[name] ?? [];
    if (seeds.length === 0) return [];
    const at = (k: number) => seeds.map((shares) => shares[k]);
    return [
      {
        name,
        index,
        points: scene.stored.distances.map((distance, k) => [distance, median(at(k))]),
        seeds: seeds.map((shares) => scene.stored.distances.map((distance, k) => [distance, shares[k]])),
      },
    ];
  });
}

/** The farthest distance up to which a curve stays at 9 in 10 or above; 0 where it never is. */
export function reach({ points }: Curve): number {
  let far = 0;
  for (const [distance, share] of points) {
    if (share < 0.9) break;
    far = distance;
  }
  return far;
}

/** What the curves say, for those who do not see them. */
export const tellCurves = (curves: Curve[]): string =>
  curves
    .map((curve) => {
      const far = reach(curve);
      const last = curve.points[curve.points.length - 1];
      const near = far ? `9 in 10 up to ${far} words` : "never 9 in 10";
      return `${curve.name}: ${near}, ${last[1].toFixed(2)} at ${last[0]}`;
    })
    .join("; ");
