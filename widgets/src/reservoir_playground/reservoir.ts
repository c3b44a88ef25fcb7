// An echo-state network in the page: the state, the ridge readout, memory capacity and forecasts, all from weights
// that were sent once. The equations are those of rnnviz.models.EchoStateNetwork, in double precision.

export interface Weights {
  units: number;
  /** W with spectral radius 1, row by row. */
  recurrent: Float64Array;
  input: Float64Array;
  bias: Float64Array;
}

export interface Settings {
  radius: number;
  leak: number;
  scale: number;
  tanh: boolean;
  ridge: number;
}

/** States after each input, (step, unit) in C order; `state` is where it starts and, afterwards, where it ends. */
export function runReservoir(
  { units, recurrent, input, bias }: Weights,
  { radius, leak, scale, tanh }: Settings,
  inputs: ArrayLike<number>,
  state: Float64Array = new Float64Array(units),
): Float64Array {
  const states = new Float64Array(inputs.length * units);
  const fresh = new Float64Array(units);
  for (let t = 0; t < inputs.length; t++) {
    const x = scale * inputs[t];
    for (let i = 0, at = 0; i < units; i++) {
      let sum = 0;
      for (let j = 0; j < units; j++, at++) sum += recurrent[at] * state[j];
      const total = x * input[i] + bias[i] + radius * sum;
      fresh[i] = tanh ? Math.tanh(total) : total;
    }
    for (let i = 0; i < units; i++) state[i] = (1 - leak) * state[i] + leak * fresh[i];
    states.set(state, t * units);
  }
  return states;
}

/**
 * Readouts by ridge regression on [1, h]: one row of weights for each target, from the states of steps
 * `from` … `to` − 1. Null where the states are no longer finite numbers.
 */
export function fitReadouts(
  states: Float64Array,
  units: number,
  from: number,
  to: number,
  targets: ((step: number) => number)[],
  ridge: number,
): Float64Array[] | null {
  const size = units + 1;
  const gram = new Float64Array(size * size);
  const sides = targets.map(() => new Float64Array(size));
  const seen = new Float64Array(size);
  seen[0] = 1;
  for (let t = from; t < to; t++) {
    for (let i = 0; i < units; i++) seen[i + 1] = states[t * units + i];
    for (let i = 0; i < size; i++) {
      const value = seen[i];
      for (let j = 0, at = i * size; j <= i; j++, at++) gram[at] += value * seen[j];
    }
    for (const [which, target] of targets.entries()) {
      const wanted = target(t);
      const side = sides[which];
      for (let i = 0; i < size; i++) side[i] += wanted * seen[i];
    }
  }
  let trace = 0;
  for (let i = 0; i < size; i++) trace += gram[i * size + i];
  if (!Number.isFinite(trace)) return null;
  // Beside the ridge asked for, what rounding needs: directions that hold nothing would otherwise divide by nothing.
  for (let i = 0; i < size; i++) gram[i * size + i] += ridge + 1e-13 * (trace / size);
  if (!factor(gram, size)) return null;
  for (const side of sides) solve(gram, size, side);
  return sides;
}

/** Cholesky's factor in the lower triangle, in place; false where the matrix is not positive definite. */
function factor(matrix: Float64Array, size: number): boolean {
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k] * matrix[j * size + k];
      if (i !== j) matrix[i * size + j] = sum / matrix[j * size + j];
      else if (sum > 0) matrix[i * size + i] = Math.sqrt(sum);
      else return false;
    }
  return true;
}

function solve(lower: Float64Array, size: number, side: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = side[i];
    for (let k = 0; k < i; k++) sum -= lower[i * size + k] * side[k];
    side[i] = sum / lower[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = side[i];
    for (let k = i + 1; k < size; k++) sum -= lower[k * size + i] * side[k];
    side[i] = sum / lower[i * size + i];
  }
}

export function readOut(weights: Float64Array, states: Float64Array, units: number, step: number): number {
  let sum = weights[0];
  for (let i = 0; i < units; i++) sum += weights[i + 1] * states[step * units + i];
  return sum;
}

/**
 * Squared correlation, for each delay, between the noise so many steps ago and what a readout says of it: fitted on
 * the first half of the steps after the washout, judged on the second.
 */
export function measureCapacity(
  weights: Weights,
  settings: Settings,
  noise: Float64Array,
  delays: number,
  washout: number,
): number[] | null {
  const begin = washout + delays;
  const half = begin + Math.floor((noise.length - begin) / 2);
  const states = runReservoir(weights, settings, noise);
  const targets = Array.from({ length: delays }, (_, k) => (t: number) => noise[t - k - 1]);
  const readouts = fitReadouts(states, weights.units, begin, half, targets, settings.ridge);
  if (readouts === null) return null;
  return readouts.map((readout, k) => {
    let [n, x, y, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
    for (let t = half; t < noise.length; t++) {
      const said = readOut(readout, states, weights.units, t);
      const truth = targets[k](t);
      n++;
      x += said;
      y += truth;
      xx += said * said;
      yy += truth * truth;
      xy += said * truth;
    }
    const spread = (xx - (x * x) / n) * (yy - (y * y) / n);
    return spread > 0 ? (xy - (x * y) / n) ** 2 / spread : 0;
  });
}

export interface Forecast {
  values: Float64Array;
  /** Root mean squared error over the truth's deviation, over the first `count` steps. */
  error: (count: number) => number;
}

/** Learns to say the next value up to step `fit`, then runs on its own output. */
export function forecastSeries(
  weights: Weights,
  settings: Settings,
  series: Float64Array,
  washout: number,
  fit: number,
): Forecast | null {
  const { units } = weights;
  const state = new Float64Array(units);
  const states = runReservoir(weights, settings, series.subarray(0, fit), state);
  const readouts = fitReadouts(states, units, washout, fit, [(t) => series[t + 1]], settings.ridge);
  if (readouts === null) return null;
  const steps = series.length - fit - 1;
  const values = new Float64Array(steps);
  let given = series[fit];
  for (let t = 0; t < steps; t++) {
    const now = runReservoir(weights, settings, [given], state);
    given = readOut(readouts[0], now, units, 0);
    values[t] = given;
  }
  return {
    values,
    error(count) {
      const truth = series.subarray(fit + 1, fit + 1 + count);
      const mean = truth.reduce((sum, value) => sum + value, 0) / truth.length;
      let [square, spread] = [0, 0];
      for (let t = 0; t < truth.length; t++) {
        square += (values[t] - truth[t]) ** 2;
        spread += (truth[t] - mean) ** 2;
      }
      return Math.sqrt(square / spread);
    },
  };
}

/** What two different starts become under the same input: the states of both, and how far apart they are. */
export interface TwoStarts {
  one: Float64Array;
  other: Float64Array;
  /** ‖h − h'‖ at every step. */
  distance: Float64Array;
}

export function runTwoStarts(weights: Weights, settings: Settings, inputs: ArrayLike<number>): TwoStarts {
  const { units } = weights;
  const one = runReservoir(weights, settings, inputs, new Float64Array(units).fill(0.5));
  const other = runReservoir(weights, settings, inputs, new Float64Array(units).fill(-0.5));
  const distance = Float64Array.from({ length: inputs.length }, (_, t) => {
    let sum = 0;
    for (let i = t * units; i < (t + 1) * units; i++) sum += (one[i] - other[i]) ** 2;
    return Math.sqrt(sum);
  });
  return { one, other, distance };
}
