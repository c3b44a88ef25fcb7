// The number on every wire of a cell: one unit, one step.
import type { Run } from "../lib/trace/cells";
import { squash, sumAt } from "../lib/trace/cells";
import type { Selection } from "../lib/words/equations";

/** Values by the names the wiring uses ("kept", "written", "cell before", …). */
export function valuesOnWires(
  run: Run,
  { layer, layerIndex, step, unit }: Selection,
): Record<string, number> {
  const x = run.input(layerIndex, step);
  const before = run.before(layerIndex, "hidden", step);
  const at = (name: string) => run.at(layerIndex, name, step)[unit];
  const values: Record<string, number> = { "hidden before": before[unit], hidden: at("hidden") };
  if (layer.kind === "LSTM") {
    const cellBefore = run.before(layerIndex, "cell", step)[unit];
    for (const gate of ["input", "forget", "candidate", "output", "cell"]) values[gate] = at(gate);
    return {
      ...values,
      "cell before": cellBefore,
      kept: values.forget * cellBefore,
      written: values.input * values.candidate,
      squashed: Math.tanh(values.cell),
    };
  }
  if (layer.kind === "GRU") {
    const { fromState, stateBias } = sumAt(layer, "candidate", unit, x, before);
    for (const gate of ["reset", "update", "candidate"]) values[gate] = at(gate);
    return {
      ...values,
      rest: 1 - values.update,
      selected: values.reset * (fromState + stateBias),
      kept: values.update * before[unit],
      written: (1 - values.update) * values.candidate,
    };
  }
  const { fromInput, fromState, inputBias, stateBias } = sumAt(layer, "hidden", unit, x, before);
  const sum = fromInput + fromState + inputBias + stateBias;
  return {
    ...values,
    "from input": fromInput + inputBias,
    "from state": fromState + stateBias,
    sum,
    squashed: squash(layer, sum),
  };
}
