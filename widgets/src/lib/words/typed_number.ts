// Numbers as people type them, and as a field shows them so that they can be typed again.

/**
 * The number that was typed, NaN where it is none: a decimal point or a decimal comma, blanks or the other mark between
 * the thousands, a true minus sign, powers of ten (`1e-3`).
 */
export function readNumber(typed: string): number {
  const text = typed
    .trim()
    .replace(/^[−–]/, "-")
    .replace(/([eE])[−–]/, "$1-")
    .replace(/(?<=\d)[\s’']+(?=\d)/g, "");
  const decimal = text.lastIndexOf(",") > text.lastIndexOf(".") ? "," : ".";
  const between = decimal === "," ? "." : ",";
  const [mantissa] = text.split(/e/i);
  const marks = (mark: string) => mantissa.split(mark).length - 1;
  // One mark alone is the decimal one; several alike part the thousands, and so does what stands before the decimal one.
  const single = marks(",") + marks(".") === 1;
  let plain = text;
  if (single) plain = text.replace(",", ".");
  else if (marks(decimal) > 1) {
    if (marks(between) > 0 || !isGrouped(mantissa, decimal)) return Number.NaN;
    plain = text.replaceAll(decimal, "");
  } else if (marks(between) > 0) {
    if (!isGrouped(mantissa.slice(0, mantissa.indexOf(decimal)), between)) return Number.NaN;
    plain = text.replaceAll(between, "").replace(decimal, ".");
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
}

const isGrouped = (text: string, mark: string): boolean =>
  text.split(mark).every((group, k) => (k === 0 ? /^[+-]?\d{1,3}$/ : /^\d{3}$/).test(group));

/** How many decimals a step needs: 2 for 0.05, none for 5. */
export const decimalsOf = (step: number): number =>
  Math.max(0, Math.min(12, -Math.floor(Math.log10(step) + 1e-9)));

/** As many digits as tell the value from its neighbours a step away, and no more. */
export function writeNumber(value: number, step: number): string {
  const text = value.toFixed(decimalsOf(step));
  // What was typed finer than the step stays to be seen.
  const exact = Math.abs(Number(text) - value) < 1e-9 * Math.max(1, Math.abs(value));
  return exact ? text.replace(/^-(?=0(\.0*)?$)/, "") : String(Number(value.toPrecision(6)));
}
