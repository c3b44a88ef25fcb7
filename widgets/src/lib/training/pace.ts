// How fast a training is, from the updates that its frames tell of.

/** Milliseconds over which updates are counted: shorter, and the number flickers. */
const SPAN = 500;

export interface Pace {
  /** Counts anew: what comes next has nothing to do with what was. */
  restart(): void;
  /** A frame has come. */
  note(step: number): void;
  /** Updates a second; 0 as long as nothing is known. */
  speed(): number;
}

export function makePace(): Pace {
  let from: { step: number; time: number } | null = null;
  let speed = 0;
  const restart = () => {
    from = null;
    speed = 0;
  };
  return {
    restart,
    note(step) {
      const time = performance.now();
      if (from && step < from.step) restart();
      if (from && time - from.time <= SPAN) return;
      if (from) speed = (1000 * (step - from.step)) / (time - from.time);
      from = { step, time };
    },
    speed: () => speed,
  };
}
