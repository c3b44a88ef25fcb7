// Networks that learn to go on with a signal: what is drawn of them, without a page.

export interface Net {
  updates: number;
  /** Error one piece ahead, before the first update and then at regular intervals. */
  history: number[];
  /** Error for each piece ahead, now. */
  ahead: number[];
  /** What it goes on with, from the moment at which it no longer hears the machine. */
  line: number[];
  seconds: number;
}

export type Frame = Record<string, Net>;

export interface Scene {
  nets: string[];
  updates: number;
  every: number;
  piece: number;
  /** The machine's own signal: the last piece that all have heard, and what came then. */
  truth: number[];
  linear: { ahead: number[]; line: number[] };
  /** Error of whoever knows everything but the sensor's noise. */
  noise: number;
}

export interface Curve {
  name: string;
  index: number;
  values: number[];
}

export const LINEAR = "linear autoregression";

export const isOver = ({ nets, updates }: Scene, frame: Frame): boolean =>
  nets.every((name) => frame[name].updates >= updates);

/** Names in the order of their colours: the networks, then the linear model. */
export const everyone = (scene: Scene): string[] => [...scene.nets, LINEAR];

/** Errors for each piece ahead, by model. */
export const aheadOf = (scene: Scene, frame: Frame): Curve[] =>
  everyone(scene).map((name, index) => ({
    name,
    index,
    values: name === LINEAR ? scene.linear.ahead : frame[name].ahead,
  }));

export const linesOf = (scene: Scene, frame: Frame): Curve[] =>
  everyone(scene).map((name, index) => ({
    name,
    index,
    values: name === LINEAR ? scene.linear.line : frame[name].line,
  }));

/** What the curves say, for those who do not see them. */
export const tellAhead = (curves: Curve[]): string =>
  curves
    .map(
      ({ name, values }) =>
        `${name}: ${values[0].toPrecision(2)} one piece ahead, ${values[values.length - 1].toPrecision(2)} after ${values.length}`,
    )
    .join("; ");
