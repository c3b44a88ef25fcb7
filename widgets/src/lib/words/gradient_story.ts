// What a gradient curve says, in words.

import { powerOfTen } from "../draw/plot";
import { formatNumber, plural } from "./format";

export interface Told {
  name: string;
  values: ArrayLike<number>;
}

export interface Faults {
  /** How many steps have a gradient of exactly zero, of infinity, or none at all. */
  zero: number;
  infinite: number;
  missing: number;
}

export function countFaults(values: ArrayLike<number>): Faults {
  const faults: Faults = { zero: 0, infinite: 0, missing: 0 };
  for (let t = 0; t < values.length; t++) {
    if (values[t] === 0) faults.zero++;
    else if (Number.isNaN(values[t])) faults.missing++;
    else if (!Number.isFinite(values[t])) faults.infinite++;
  }
  return faults;
}

/** One sentence on each curve, read from its last step back to its first. */
export function tellCurves(curves: Told[], symbol: string): string {
  if (curves.length === 0) return "No curve is shown.";
  const steps = Math.max(...curves.map(({ values }) => values.length));
  const told = curves.map(({ name, values }) => `${name} ${tellCurve(values)}`);
  return `‖∂L/∂${symbol}ₜ‖ over ${plural(steps, "step")}, from the last one back to the first: ${told.join("; ")}.`;
}

export function tellCurve(values: ArrayLike<number>): string {
  if (values.length === 0) return "has no steps";
  const { zero, infinite, missing } = countFaults(values);
  if (missing + infinite > 0)
    return `holds no finite number at ${plural(missing + infinite, "step")}: it has exploded or was given values that are not numbers`;
  if (zero === values.length) return "is exactly zero everywhere: nothing of the loss arrives";
  if (zero > 0) {
    const from = lastZero(values);
    const whole = from + 1 === zero;
    return whole
      ? `is exactly zero at step ${from} and before it: nothing arrives there, not even in double precision`
      : `is exactly zero at ${plural(zero, "step")}`;
  }
  const ratio = values[0] / values[values.length - 1];
  if (ratio > 0.5 && ratio < 2) return "keeps its size, within a factor of two";
  return ratio < 1
    ? `falls to ${tellRatio(ratio)} of its last value`
    : `grows by a factor of ${tellRatio(ratio)}`;
}

const lastZero = (values: ArrayLike<number>): number => {
  for (let t = values.length - 1; t >= 0; t--) if (values[t] === 0) return t;
  return -1;
};

/** A ratio with as many digits as it deserves. */
export function tellRatio(ratio: number): string {
  if (ratio === 0) return "0";
  if (!(ratio > 0) || !Number.isFinite(ratio)) return formatNumber(ratio);
  if (ratio >= 0.01 && ratio < 1000) return formatNumber(ratio, ratio < 1 ? 2 : ratio < 10 ? 1 : 0);
  const [digit, power] = ratio.toExponential(0).split("e");
  return digit === "1" ? powerOfTen(Number(power)) : `${digit}·${powerOfTen(Number(power))}`;
}
