// The numbers of a trace as a table, and the lines of PyTorch that record one like it.
import type { Layer, Trace } from "./trace";
import { valueAt } from "./trace";

const quote = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One line for each unit of each step of some layers, one column an array. */
export function tabulateLayers(layers: Layer[], sequence: number, labels: string[] | undefined): string {
  const names = [...new Set(layers.flatMap((layer) => [...layer.arrays.keys()]))];
  const lines = [["layer", "step", ...(labels ? ["label"] : []), "unit", ...names].join(",")];
  for (const layer of layers)
    for (let step = 0; step < layer.lengths[sequence]; step++) {
      const most = Math.max(...[...layer.arrays.values()].map((block) => block.shape[2]));
      for (let unit = 0; unit < most; unit++) {
        const values = names.map((name) => {
          const block = layer.arrays.get(name);
          return block && unit < block.shape[2] ? valueAt(block, step, sequence, unit) : "";
        });
        lines.push(
          [quote(layer.name), step, ...(labels ? [quote(labels[step])] : []), unit, ...values].join(","),
        );
      }
    }
  return `${lines.join("\n")}\n`;
}

/** Code that records a network of this shape and shows it in the same widget. */
export function writeCode(trace: Trace, show: string): string {
  const [first] = trace.layers;
  const known = ["RNN", "LSTM", "GRU"].includes(first.kind);
  const forward = trace.layers.filter((layer) => !layer.reverse).length;
  const options = [
    String(first.input.shape[2]),
    String(first.arrays.get("cell")?.shape[2] ?? first.units),
    ...(forward > 1 ? [`num_layers=${forward}`] : []),
    ...(forward < trace.layers.length ? ["bidirectional=True"] : []),
    ...(first.weights.has("weight_hr") ? [`proj_size=${first.units}`] : []),
    ...(first.nonlinearity === "relu" ? ['nonlinearity="relu"'] : []),
    ...(first.weights.has("bias_ih") ? [] : ["bias=False"]),
  ];
  const model = known ? `torch.nn.${first.kind}(${options.join(", ")})` : `${first.kind}(…)`;
  const { steps, sequences, input } = first;
  const note = "or your own model, with layers like this one inside";
  return writeRecording(
    model,
    note,
    [steps, sequences, input.shape[2]],
    first.arrays.has("grad_hidden"),
    show,
  );
}

/** The lines that record a model and show it, with the model's line given. */
export function writeRecording(
  model: string,
  note: string,
  shape: number[],
  backward: boolean,
  show: string,
): string {
  return [
    "import torch",
    "import rnnviz as rv, rnnviz_widgets as rw",
    "",
    `model = ${model}  # ${note}`,
    `x = torch.randn(${shape.join(", ")})  # (time, batch, feature)`,
    "with rv.record(model) as trace:",
    "    output, _ = model(x)",
    ...(backward ? ["    output.square().mean().backward()"] : []),
    show,
    "",
  ].join("\n");
}
