// Networks that learn one task: what is drawn of them, without a page.

export interface Run {
  updates: number;
  /** What was measured, before the first update and then again and again. */
  history: number[];
  /** Seconds of computing at each of these. */
  times: number[];
  seconds: number;
}

export type Frame = Record<string, Run>;

export interface Scene {
  nets: string[];
  title: string;
  updates: number;
  every: number;
  takes: string;
  /** What is measured, in words. */
  score: string;
  /** Whether it is drawn on a logarithmic axis: an error. Otherwise it is a share. */
  log: boolean;
  /** A level to compare with, and its name. */
  level: { value: number; name: string };
  /** For the code that is copied: what makes the race, and where that is. */
  made: string;
  module: string;
}

export interface Point {
  x: number;
  y: number;
}

/** The shortest time that is drawn, in seconds: what is solved at once takes some hundredths. */
export const SHORTEST = 0.01;

export const isOver = ({ nets, updates }: Scene, frame: Frame): boolean =>
  nets.every((name) => frame[name].updates >= updates);

/** Measured values against updates. One that is solved in one go has its result from its first update on. */
export const againstUpdates = ({ every, updates }: Scene, { history, updates: made }: Run): Point[] => {
  const solved = history.length === 2 && made > every;
  const at = solved ? [0, 1] : history.map((_, k) => Math.min(k * every, made));
  const points = history.map((y, k) => ({ x: at[k], y }));
  return solved ? [...points, { x: updates, y: history[1] }] : points;
};

/** Measured values against seconds of computing, from the first that took any; it stays as it is to `until`. */
export const againstTime = ({ history, times }: Run, until: number): Point[] => {
  const points = history.map((y, k) => ({ x: Math.max(SHORTEST, times[k]), y }));
  const last = points[points.length - 1];
  return history.length > 1 && last.x < until ? [...points, { x: until, y: last.y }] : points;
};

export const longest = ({ nets }: Scene, frame: Frame): number =>
  Math.max(1, ...nets.map((name) => frame[name].seconds));

const write = ({ log }: Scene, value: number): string => (log ? value.toPrecision(2) : value.toFixed(2));

/** What the curves say, for those who do not see them. */
export const tellRuns = (scene: Scene, frame: Frame): string =>
  scene.nets
    .map((name) => {
      const { history, updates, seconds } = frame[name];
      const now = write(scene, history[history.length - 1]);
      return updates === 0 ? `${name}: ${now}, untrained` : `${name}: ${now} after ${seconds.toFixed(2)} s`;
    })
    .join("; ");

export const tabulate = ({ nets }: Scene, frame: Frame): string =>
  `${[
    "network,seconds,measured",
    ...nets.flatMap((name) =>
      frame[name].history.map((value, k) => `"${name}",${frame[name].times[k]},${value}`),
    ),
  ].join("\n")}\n`;
