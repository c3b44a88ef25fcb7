// The lines of Python that show these curves again.
import type { AnyModel } from "@anywidget/types";
import type { Module } from "../lib/trace/trace";
import { write, writeOptions, writeProgram, writeRecording, writeRecordings } from "../lib/words/takeaway";
import type { CurvesState } from "./state";

/** Traits that fresh cells are made of. */
const MAKING = [
  ...["cells", "steps", "units", "spectral_radius", "activation"],
  ...["initialisation", "forget_bias", "seed"],
];

export function writeCurves(model: AnyModel, state: CurvesState): string {
  const view = {
    quantity: state.quantity === "hidden" ? null : state.quantity,
    scale: state.log ? null : "linear",
  };
  if ((model.get("cells") as string[]).length > 0) {
    const given = Object.fromEntries(MAKING.map((name) => [name, model.get(name)]));
    const options = writeOptions({ ...given, ...view }).slice(2);
    return `import rnnviz_widgets as rw\n\nrw.GradientCurves(${options})\n`;
  }
  const labels = model.get("labels") as string[][];
  const recorded = model.get("recorded") as [string, Module[], string | null][];
  const options = writeOptions({ ...view, labels: labels.length ? labels : null });
  const pick = (recording: string, layer: string | null, rename: (layer: string) => string) =>
    layer === null ? recording : `${recording}[${write(rename(layer))}]`;
  if (recorded.length === 1 && recorded[0][0] === "") {
    const { lines, rename } = writeRecording(recorded[0][1]);
    return writeProgram(lines, `rw.GradientCurves(${pick("trace", recorded[0][2], rename)}${options})`);
  }
  const [names, models] = [recorded.map(([name]) => name), recorded.map(([, modules]) => modules)];
  const { lines, renames } = writeRecordings(names, models);
  const given = recorded.map(
    ([name, , layer], k) => `${write(name)}: ${pick(`traces[${write(name)}]`, layer, renames[k])}`,
  );
  const shown = recorded.some(([, , layer]) => layer !== null) ? `{${given.join(", ")}}` : "traces";
  return writeProgram(lines, `rw.GradientCurves(${shown}${options})`);
}
