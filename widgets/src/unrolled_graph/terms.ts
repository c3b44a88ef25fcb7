// The terms that one sum inside a unit adds up: which number times which weight. No drawing here.
import type { Run } from "../lib/trace/cells";
import { rowOf } from "../lib/trace/cells";
import type { Layer } from "../lib/trace/trace";
import type { Selection } from "../lib/words/equations";

export interface Term {
  name: string;
  /** Its weight: a matrix of the layer, and the place in it. */
  matrix: string;
  index: number;
  /** What the weight is multiplied with; 1 for a bias. */
  factor: () => number;
}

export interface Group {
  heading: string;
  terms: Term[];
}

export const isBias = ({ matrix }: Term): boolean => matrix.startsWith("bias");

export const weightOf = (layer: Layer, { matrix, index }: Term): number =>
  layer.weights.get(matrix)!.data[index];

export const productOf = (layer: Layer, term: Term): number => weightOf(layer, term) * term.factor();

/** What a gate of the chosen unit adds up: from the input, from the state before, and the biases. */
export function listTerms(selection: Selection, gate: string, run: () => Run): Group[] {
  const { layer, layerIndex, step, unit } = selection;
  const row = rowOf(layer, gate, unit);
  const list = (matrix: string, letter: string, count: number, values: () => ArrayLike<number>): Term[] =>
    Array.from({ length: count }, (_, k) => ({
      name: `${letter} ${k}`,
      matrix,
      index: row * count + k,
      factor: () => values()[k],
    }));
  const inputs = layer.input.shape[2];
  const read = () => run().input(layerIndex, step);
  const before = () => run().before(layerIndex, "hidden", step);
  const groups =
    layer.kind === "Linear"
      ? [{ heading: "from the state h at this step", terms: list("weight_ih", "unit", inputs, read) }]
      : [
          { heading: "from the input x at this step", terms: list("weight_ih", "input", inputs, read) },
          {
            heading: "from the state h one step before",
            terms: list("weight_hh", "unit", layer.units, before),
          },
        ];
  const biases = ["bias_ih", "bias_hh"]
    .filter((matrix) => layer.weights.has(matrix))
    .map((matrix) => ({
      name: matrix === "bias_ih" ? "bias (input)" : "bias (state)",
      matrix,
      index: row,
      factor: () => 1,
    }));
  return biases.length ? [...groups, { heading: "the bias", terms: biases }] : groups;
}

/** The terms with the largest products, the largest first; all in their order where there are no more. */
export function chooseTerms(layer: Layer, terms: Term[], most: number): Term[] {
  if (terms.length <= most) return terms;
  const size = (term: Term) => Math.abs(productOf(layer, term));
  return [...terms].sort((a, b) => size(b) - size(a)).slice(0, most);
}
