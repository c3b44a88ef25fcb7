// Translators that learn side by side: what is drawn of them, without a page.

export interface Net {
  updates: number;
  /** Share of unseen sentences without a fault, before the first update and then every so many. */
  exact: number[];
  /** What it says of the sentences shown, now. */
  shown: string[];
  seconds: number;
}

export type Frame = Record<string, Net>;

export interface Scene {
  translators: string[];
  updates: number;
  every: number;
  learned: number;
  tested: number;
  /** Sentences and what they should become. */
  shown: [string, string][];
}

export interface Piece {
  text: string;
  right: boolean;
}

export const isOver = ({ translators, updates }: Scene, frame: Frame): boolean =>
  translators.every((name) => frame[name].updates >= updates);

/** Points of a curve: updates and share. */
export const pointsOf = ({ every }: Scene, { exact }: Net): [number, number][] =>
  exact.map((share, k) => [k * every, share]);

/** Each word that was said, and whether it stands where it should. */
export function markWords(said: string, wanted: string): Piece[] {
  const right = wanted.split(" ");
  return said
    .split(" ")
    .filter(Boolean)
    .map((text, place) => ({ text, right: text === right[place] }));
}

export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

/** What the curves say, for those who do not see them. */
export const tellRace = ({ translators, tested }: Scene, frame: Frame): string =>
  `Of ${tested} unseen sentences without a fault: ${translators
    .map((name) => `${name} ${percent(frame[name].exact[frame[name].exact.length - 1])}`)
    .join(", ")}.`;

/** How the slider's place reads. */
export const tellShare = (share: number): string =>
  share === 1 ? "always" : share === 0 ? "never, always its own" : `${percent(share)} of the time`;
