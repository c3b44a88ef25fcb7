// How an attempt stands against the goal, the student's best, and what else it is compared with.

export interface Aim {
  goal: number;
  lower: boolean;
  /** Name and score of what to compare with, the worst first. */
  marks: [string, number][];
}

export interface Rung {
  name: string;
  score: number;
  kind: "goal" | "attempt" | "best" | "mark";
  /** Length of its bar, from 0 to 1. */
  length: number;
}

export const isBetter = (one: number, other: number, lower: boolean): boolean =>
  lower ? one < other : one > other;

/** The better of what was kept and what came out now; null where there is neither. */
export function pickBest(kept: unknown, score: number | null, lower: boolean): number | null {
  const before = typeof kept === "number" && Number.isFinite(kept) ? kept : null;
  if (before === null || score === null) return before ?? score;
  return isBetter(score, before, lower) ? score : before;
}

/** Everything worth comparing, the best first, with the way that each has come from the worst mark to the goal. */
export function buildLadder(aim: Aim, attempt: number | null, best: number | null): Rung[] {
  const rungs: Omit<Rung, "length">[] = [
    { name: "the goal", score: aim.goal, kind: "goal" },
    ...aim.marks.map(([name, score]) => ({ name, score, kind: "mark" as const })),
  ];
  if (best !== null && best !== attempt) rungs.push({ name: "your best so far", score: best, kind: "best" });
  if (attempt !== null) rungs.push({ name: "this attempt", score: attempt, kind: "attempt" });
  const start = aim.marks.length > 0 ? aim.marks[0][1] : 0;
  const span = aim.goal - start || 1;
  const ways = rungs.map(({ score }) => Math.max(0, (score - start) / span));
  const farthest = Math.max(1, ...ways);
  return rungs
    .map((rung, at) => ({ ...rung, length: ways[at] / farthest }))
    .sort((one, other) => (aim.lower ? one.score - other.score : other.score - one.score));
}

/** As many digits as one reads at a glance. */
export function writeScore(score: number): string {
  const text = Number.isInteger(score) ? String(score) : String(Number(score.toPrecision(3)));
  return text.replace("-", "−");
}
