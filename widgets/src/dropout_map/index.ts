// Dropout between two layers: what the lower one says, and what of it the upper one hears, dropped values crossed out.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeSequencePicker } from "../lib/controls/sequence_picker";
import { makeSlider } from "../lib/controls/slider";
import { scaleOf } from "../lib/draw/colours";
import { type MapPanel, makeMapPanel } from "../lib/draw/map_panel";
import { whole } from "../lib/draw/region";
import { h } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { readTrace, valueAt } from "../lib/trace/trace";
import { formatNumber } from "../lib/words/format";
import { compareMeans, countDropped, drawMask } from "./state";

export default defineWidget("dropout-map", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const layer = trace.layers.find(({ name }) => name === model.get("layer"))!;
  const states = layer.arrays.get("hidden")!;
  let keep: number = model.get("keep");
  let seed = 1;
  let inUse = false;
  const sequenceNow = () => Math.min(cursor.get("sequence"), layer.sequences - 1);
  const length = () => layer.lengths[sequenceNow()];

  const repaint = oncePerFrame(draw, signal);
  const picker = makeSequencePicker(cursor, layer.sequences);
  const slider = makeSlider({
    label: "keep",
    low: 0.1,
    high: 1,
    step: 0.05,
    value: keep,
    choose: (value) => {
      keep = value;
      repaint();
    },
  });
  const again = h(
    "button",
    {
      type: "button",
      onclick: () => {
        seed++;
        repaint();
      },
    },
    "Draw again",
  );
  const [training, using] = (
    [
      ["In training", false],
      ["In use", true],
    ] as const
  ).map(([name, which]) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => {
          inUse = which;
          repaint();
        },
      },
      name,
    ),
  );
  const panels = ["says", "hears"].map((name): MapPanel => {
    const panel = makeMapPanel({
      name: "hidden",
      title: name === "says" ? `What ${layer.name} says` : "What the layer above hears",
      across: trace.labels ? "read so far" : "step t",
      hover: ({ row, column }) => {
        panel.reading.textContent = `unit ${row}, step ${column}: ${tell(name, row, column)}`;
      },
      leave: () => {
        panel.reading.textContent = "";
      },
      press: ({ row, column }) => cursor.move({ unit: row, step: column }),
      drag: ({ row, column }) => cursor.move({ unit: row, step: column }),
      release: () => {},
    });
    return panel;
  });
  const said = h("p", { class: "rv-caption", role: "status" });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "Dropout between two layers"),
      h(
        "div",
        { class: "rv-controls" },
        picker,
        training,
        using,
        again,
        makeSaveMenu({ name: "dropout", root, table: tabulate, code: writeCode }),
      ),
    ),
    slider.element,
    h("div", { class: "rv-dropout" }, ...panels.map(({ element }) => element)),
    said,
  );

  let mask: ArrayLike<number> = [];
  let drawn = "";
  const value = (unit: number, step: number) => valueAt(states, step, sequenceNow(), unit);
  const factor = (unit: number, step: number) => mask[step * layer.units + unit];
  const heard = (unit: number, step: number) =>
    factor(unit, step) === 0 ? Number.NaN : value(unit, step) * factor(unit, step);
  const tell = (name: string, unit: number, step: number): string =>
    name === "says"
      ? formatNumber(value(unit, step), 2)
      : factor(unit, step) === 0
        ? "dropped"
        : formatNumber(heard(unit, step), 2);

  function draw(): void {
    const count = length() * layer.units;
    const key = `${count} ${keep} ${seed} ${inUse}`;
    if (key !== drawn) {
      drawn = key;
      mask = inUse ? new Float64Array(count).fill(1) : drawMask(count, keep, seed);
    }
    picker.value = String(sequenceNow());
    training.setAttribute("aria-pressed", String(!inUse));
    using.setAttribute("aria-pressed", String(inUse));
    again.disabled = inUse;
    slider.lock(inUse);
    const largest = inUse ? 1 : 1 / keep;
    panels.forEach((panel, k) => {
      panel.paint({
        map: { rows: layer.units, columns: length(), at: k === 0 ? value : heard },
        region: whole(layer.units, length()),
        scale: scaleOf(root, "hidden", k === 0 ? 1 : Math.min(2, largest)),
        height: Math.max(120, Math.min(260, 9 * layer.units)),
        rowName: String,
        labels: trace.labels?.[sequenceNow()]?.slice(0, length()),
      });
      panel.size(panel.figure.clientWidth);
      panel.mark({
        row: Math.min(cursor.get("unit"), layer.units - 1),
        column: Math.min(cursor.get("step"), length() - 1),
      });
    });
    const values = Array.from({ length: count }, (_, k) =>
      value(k % layer.units, Math.floor(k / layer.units)),
    );
    const [before, after] = compareMeans(values, mask);
    said.textContent = inUse
      ? "In use nothing is dropped, and nothing is made larger."
      : `${countDropped(mask)} of ${count} values are dropped, hatched; what is kept is divided by ${formatNumber(keep, 2)}. ` +
        `Mean size before ${formatNumber(before)}, after ${formatNumber(after)}.`;
    panels[0].figure.setAttribute("aria-label", `Hidden states of ${layer.name}. ${said.textContent}`);
    panels[1].figure.setAttribute("aria-label", `What the layer above hears. ${said.textContent}`);
  }

  function tabulate(): string {
    const lines = ["step,unit,said,heard"];
    for (let step = 0; step < length(); step++)
      for (let unit = 0; unit < layer.units; unit++)
        lines.push([step, unit, value(unit, step), value(unit, step) * factor(unit, step)].join(","));
    return `${lines.join("\n")}\n`;
  }

  const probability = () => Number((1 - keep).toFixed(3));
  function writeCode(): string {
    return [
      "import torch",
      "",
      `lstm = torch.nn.LSTM(${layer.input.shape[2]}, ${layer.units}, num_layers=2, dropout=${probability()})`,
      "lstm.train()  # values between the layers are dropped, others at every step",
      "lstm.eval()  # nothing is dropped",
      "",
    ].join("\n");
  }

  cursor.on(repaint);
  onWidth(root, signal, repaint);
  onTheme(signal, repaint);
  draw();
});
