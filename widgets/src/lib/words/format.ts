// How numbers are written: a true minus sign, a steady width, no noise.

/**
 * Three significant decimals by default; tiny and huge values in powers of ten. What is missing is no number either:
 * JSON makes null of NaN and of the infinities.
 */
export function formatNumber(value: number | null | undefined, decimals = 3): string {
  if (typeof value !== "number" || Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.5 * 10 ** -decimals || size >= 1e5)) return formatPower(value);
  return value
    .toFixed(decimals)
    .replace(/^-(?=0\.?0*$)/, "")
    .replace("-", "−");
}

/** As many digits as fit into five characters. */
export function formatShort(value: number | null | undefined): string {
  if (typeof value !== "number" || Number.isNaN(value)) return "NaN";
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return formatNumber(value);
  if (size >= 9999.5) return value.toExponential(0).replace("e+", "e").replace("-", "−");
  const text = value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
  return text.replace(/^-(?=0\.?0*$)/, "").replace("-", "−");
}

function formatPower(value: number): string {
  const [mantissa, exponent] = value.toExponential(1).split("e");
  const digits = [...String(Number(exponent))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)] ?? "⁻").join("");
  return `${mantissa.replace("-", "−")}·10${digits}`;
}

/** A step as an index: t₋₁, t₀, t₁₂. */
export const subscript = (step: number): string =>
  [...String(step)].map((d) => "₀₁₂₃₄₅₆₇₈₉"[Number(d)] ?? "₋").join("");

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** A number of things whose name is given in the plural, as an axis has it: 2 steps a piece, 1 step a piece. */
export function count(number: number, things: string, format: (value: number) => string = String): string {
  if (number !== 1) return `${format(number)} ${things}`;
  const [first, ...rest] = things.split(" ");
  const one = first
    .replace(/(ss|x|ch|sh)es$/, "$1")
    // A bias, a radius and an axis are one already.
    .replace(/([^aius])s$/, "$1");
  return [format(number), one, ...rest].join(" ");
}
