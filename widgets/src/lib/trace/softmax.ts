// Logits as probabilities.

export function softmax(logits: Float64Array): Float64Array {
  // The largest comes off first: e to the power of a thousand is no number.
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
