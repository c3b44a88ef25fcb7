// Recall against distance: what is drawn of a training, and of what is stored, without a page.
import { plural } from "../lib/words/format";
import { quote } from "../lib/words/takeaway";

export interface Run {
  updates: number;
  /** Share of right answers at each distance, now. */
  recall: number[];
  /** Mean share over the distances that are learned from, before the first update and then at regular intervals. */
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

/** What the reader has chosen to see of a race, and what is said, tabled and coded of it. */
export class RecallState {
  /** Whether the stored trainings are shown, instead of this one. */
  stored = false;
  /** Cells without a curve. */
  readonly hidden = new Set<string>();

  constructor(readonly scene: Scene) {}

  showCell(name: string, shown: boolean): void {
    if (shown) this.hidden.delete(name);
    else this.hidden.add(name);
  }

  nameSource(stored: boolean): string {
    const { seeds, updates } = this.scene.stored;
    return stored ? `Stored: ${plural(seeds, "seed")}, ${updates} updates` : "This training";
  }

  curves(frame: Frame): Curve[] {
    return curvesOf(this.scene, frame, this.stored, this.hidden);
  }

  /** What the curves of growth say: those that are drawn, and no others. */
  tellGrowth(frame: Frame): string {
    const shares = this.shownCells.map((name) => `${name}: ${frame[name].history.at(-1)?.toFixed(2)}`);
    return `Share of right answers over the distances learned from, against updates. ${shares.join("; ")}.`;
  }

  tabulate(frame: Frame): string {
    const lines = ["cell,distance,share,seeds"];
    for (const { name, points, seeds } of curvesOf(this.scene, frame, this.stored, new Set()))
      points.forEach(([distance, share], k) => {
        lines.push([quote(name), distance, share, seeds.map((one) => one[k][1]).join(" ")].join(","));
      });
    return `${lines.join("\n")}\n`;
  }

  writeCode(): string {
    const { learned, updates, distances } = this.scene;
    return [
      "from rnnviz.data import Recall",
      "from rnnviz.models import StoryReader, measure_recall, recall_loss",
      "from rnnviz.models.recall import draw_checks",
      "from rnnviz.training import train",
      "",
      `for cell in ${JSON.stringify(this.shownCells)}:`,
      "    reader = StoryReader(cell, units=32, seed=0)",
      `    task = Recall(range(${learned[0]}, ${learned[1] + 1}))`,
      `    for step in train(reader, task, loss=recall_loss, learning_rate=0.01, clip_norm=1.0, steps=${updates}):`,
      "        pass",
      `    print(cell, measure_recall(reader, draw_checks([${distances.join(", ")}], 64)))`,
      "",
    ].join("\n");
  }

  private get shownCells(): string[] {
    return this.scene.cells.filter((name) => !this.hidden.has(name));
  }
}
