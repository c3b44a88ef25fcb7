// A bet on untrained networks: what was said, what came, and how many points that is.

export interface Scene {
  lesson: string;
  name: string;
  names: string[];
  ratios: Record<string, number | null>;
  steps: number;
  updates: number;
  every: number;
  solved: number;
  baseline: number;
  margin: number;
  seed: number;
}

export interface Trial {
  updates: number;
  errors: (number | null)[];
  solved: number | null;
  diverged: boolean;
  seconds: number;
}

export interface Placed {
  /** Of each network whether it will learn. */
  learns: Record<string, boolean>;
  fastest: string;
}

export type Frame = Record<string, Trial>;

/** The axis ends here: a ratio below it is drawn as a bar that is torn off. */
const LEAST = 1e-40;

/** Whether a ratio has a place on the axis. */
export const onAxis = (ratio: number | null): boolean => ratio !== null && ratio >= LEAST;

/** From where to where the axis of the ratios runs, in powers of ten: all of them lie inside, and 1 does. */
export function spanRatios(scene: Scene): [number, number] {
  const logs = scene.names.map((name) => Math.log10(Math.max(scene.ratios[name] ?? 0, LEAST)));
  return [
    Math.min(-2, Math.floor(Math.min(...logs)) - 0.5),
    Math.max(3.5, Math.ceil(Math.max(...logs)) + 0.5),
  ];
}

/** Where a ratio lies on that axis, in per cent; one that is torn off ends at its edge. */
export function percentRatio(scene: Scene, ratio: number | null): number {
  const [low, high] = spanRatios(scene);
  return onAxis(ratio) ? (100 * (Math.log10(ratio!) - low)) / (high - low) : 0;
}

/** Whether a kept bet speaks of these very networks. */
export const fits = (scene: Scene, bet: Placed | null): bet is Placed =>
  bet !== null &&
  typeof bet.learns === "object" &&
  bet.learns !== null &&
  scene.names.every((name) => typeof bet.learns[name] === "boolean") &&
  (bet.fastest === "" || scene.names.includes(bet.fastest));

export const isOver = (scene: Scene, frame: Frame): boolean =>
  scene.names.every((name) => {
    const one = frame[name];
    return one.solved !== null || one.diverged || one.updates >= scene.updates;
  });

/** The networks that solved it, the quickest first. */
export const ranking = (scene: Scene, frame: Frame): string[] =>
  scene.names
    .filter((name) => frame[name].solved !== null)
    .sort((a, b) => frame[a].solved! - frame[b].solved!);

export interface Score {
  points: number;
  most: number;
  /** Of each network whether the bet on it was right. */
  right: Record<string, boolean>;
  fastest: boolean;
}

/** A point for each right word, two for the fastest; of those that tie, each counts as the fastest. */
export function scoreBet(scene: Scene, frame: Frame, bet: Placed): Score {
  const right = Object.fromEntries(
    scene.names.map((name) => [name, bet.learns[name] === (frame[name].solved !== null)]),
  );
  const [first] = ranking(scene, frame);
  const fastest =
    first === undefined
      ? bet.fastest === ""
      : bet.fastest !== "" && frame[bet.fastest].solved === frame[first].solved;
  const points = Object.values(right).filter(Boolean).length + (fastest ? 2 : 0);
  return { points, most: scene.names.length + 2, right, fastest };
}

/**
 * Of all pairs that came out differently, the share in which the ratio nearer to 1 learned and the other did not, or
 * learned sooner; null where there is nothing to compare.
 */
export function agreement(scene: Scene, frame: Frame): { right: number; pairs: number } | null {
  let [right, pairs] = [0, 0];
  const after = (name: string) => frame[name].solved ?? Number.POSITIVE_INFINITY;
  const off = (name: string) => Math.abs(Math.log10(Math.max(scene.ratios[name] ?? 0, 1e-300)));
  for (const [place, one] of scene.names.entries())
    for (const other of scene.names.slice(place + 1)) {
      if (after(one) === after(other)) continue;
      pairs++;
      if (off(one) < off(other) === after(one) < after(other)) right++;
    }
  return pairs ? { right, pairs } : null;
}

/** What came of it, in a sentence or two. */
export function tellOutcome(scene: Scene, frame: Frame): string {
  const solved = ranking(scene, frame);
  const failed = scene.names.filter((name) => frame[name].solved === null);
  const told = agreement(scene, frame);
  return [
    solved.length
      ? `Solved: ${solved.map((name) => `${name} after ${frame[name].solved} updates`).join(", ")}.`
      : "None has solved it.",
    failed.length ? `Not within ${scene.updates} updates: ${failed.join(", ")}.` : "",
    told
      ? `In ${told.right} of ${told.pairs} pairs that came out differently, the network whose ratio was nearer to 1 did better.`
      : "",
  ]
    .filter(Boolean)
    .join(" ");
}
