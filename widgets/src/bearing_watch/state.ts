// A machine that is listened to: what a threshold on a network's surprise finds, without a page.

import { plural } from "../lib/words/format";

export interface Scene {
  /** Samples a second, samples in a piece, and pieces in a run. */
  rate: number;
  piece: number;
  pieces: number;
  /** What one unit of the packed signal is, in g. */
  unit: number;
  severities: number[];
  /** The first piece with the defect, by run. */
  begins: number[];
  /** Of how many pieces the median may be judged, and the threshold chosen on a sound part for each. */
  medians: number[];
  chosen: number[];
}

/** One run, as sent: signal and expectation in packed units, and a surprise a piece. */
export interface Run {
  heard: Int8Array;
  expected: Int8Array;
  surprise: Float32Array;
}

export interface Verdict {
  hits: number;
  misses: number;
  falseAlarms: number;
  quiet: number;
  /** NaN where no alarm was raised, and where there is no defect. */
  precision: number;
  recall: number;
  /** The first alarm, and the first one after the defect began; −1 for none. */
  first: number;
  found: number;
}

export function readRuns(scene: Scene, signals: DataView, surprises: DataView): Run[] {
  const samples = scene.piece * scene.pieces;
  const bytes = new Int8Array(signals.buffer, signals.byteOffset, signals.byteLength);
  const floats = new Float32Array(
    surprises.buffer.slice(surprises.byteOffset, surprises.byteOffset + surprises.byteLength),
  );
  return scene.severities.map((_, run) => ({
    heard: bytes.subarray(2 * run * samples, (2 * run + 1) * samples),
    expected: bytes.subarray((2 * run + 1) * samples, (2 * run + 2) * samples),
    surprise: floats.subarray(run * scene.pieces, (run + 1) * scene.pieces),
  }));
}

/** The median of the last so many values; NaN where there are not as many, or one of them is none. */
export function smooth(surprise: Float32Array, pieces: number): Float32Array {
  return surprise.map((_, at) => {
    if (at + 1 < pieces) return Number.NaN;
    const last = [...surprise.subarray(at + 1 - pieces, at + 1)];
    if (last.some(Number.isNaN)) return Number.NaN;
    return last.sort((a, b) => a - b)[pieces >> 1];
  });
}

/** Compares alarms with the truth; the first piece, of which nothing was expected, does not count. */
export function judge(surprise: ArrayLike<number>, begins: number, threshold: number): Verdict {
  let [hits, misses, falseAlarms, quiet, first, found] = [0, 0, 0, 0, -1, -1];
  for (let piece = 0; piece < surprise.length; piece++) {
    if (Number.isNaN(surprise[piece])) continue;
    const alarm = surprise[piece] > threshold;
    if (alarm && first < 0) first = piece;
    if (piece >= begins) {
      if (alarm && found < 0) found = piece;
      if (alarm) hits++;
      else misses++;
    } else if (alarm) falseAlarms++;
    else quiet++;
  }
  return {
    hits,
    misses,
    falseAlarms,
    quiet,
    first,
    found,
    precision: hits / (hits + falseAlarms),
    recall: hits / (hits + misses),
  };
}

const share = (part: number): string => (Number.isNaN(part) ? "none" : part.toFixed(2));

/** What the threshold does, in words; where the truth is not shown yet, only what anybody could see. */
export function tellVerdict(verdict: Verdict, scene: Scene, begins: number, shown: boolean): string {
  const alarms = verdict.hits + verdict.falseAlarms;
  const seconds = (piece: number) => ((piece * scene.piece) / scene.rate).toFixed(2);
  if (!shown)
    return alarms === 0
      ? "No piece is above the threshold: no alarm."
      : `${plural(alarms, "piece")} of ${scene.pieces} ${alarms === 1 ? "is" : "are"} above the threshold, the first at ${seconds(verdict.first)} s.`;
  const late =
    verdict.found < 0 ? "It is never found" : `It is found ${delay(verdict.found - begins, scene)}`;
  return (
    `The defect begins at ${seconds(begins)} s. ${late}. Precision ${share(verdict.precision)}: ` +
    `${verdict.hits} of ${alarms} alarms are right. Recall ${share(verdict.recall)}: ${verdict.hits} of ` +
    `${verdict.hits + verdict.misses} pieces with the defect raise one.`
  );
}

function delay(pieces: number, scene: Scene): string {
  const milliseconds = Math.round((1000 * (pieces + 1) * scene.piece) / scene.rate);
  return `within ${milliseconds} ms`;
}

/** The lowest and highest power of ten that hold all surprises and the threshold. */
export function spanOf(runs: Run[]): [number, number] {
  let [low, high] = [Infinity, 0];
  for (const { surprise } of runs)
    for (const value of surprise) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return [Math.log10(low) - 0.1, Math.log10(high) + 0.1];
}
