// The states of the encoder and of the decoder, side by side.
import { scaleOf } from "../lib/draw/colours";
import { GUTTER, type MapPanel, makeMapPanel } from "../lib/draw/map_panel";
import { whole } from "../lib/draw/region";
import { makeTooltip } from "../lib/draw/tooltip";
import { h } from "../lib/page/dom";
import { formatNumber, plural } from "../lib/words/format";
import type { Part, TranslatorState } from "./state";

export function makeMaps(
  root: HTMLElement,
  state: TranslatorState,
  goTo: (step: number, unit: number) => void,
) {
  const tooltip = makeTooltip(root);
  const panels: Record<Part, MapPanel> = { encoder: makePanel("encoder"), decoder: makePanel("decoder") };
  const { encoder, decoder } = panels;
  encoder.note.textContent = "its state after each word read";
  decoder.note.textContent = "its state before each word said";

  function makePanel(part: Part): MapPanel {
    const reads = part === "encoder";
    const press = ({ row, column }: { row: number; column: number }) =>
      goTo(reads ? column : state.stepOf(column), row);
    return makeMapPanel({
      name: "hidden",
      title: reads ? "Encoder" : "Decoder",
      hue: "--rv-state",
      across: reads ? "word read" : "word said",
      hover: ({ row, column }, event) => {
        const value = state.vectorsOf(part)[column]?.[row];
        if (value === undefined) return;
        const text = `unit ${row}, “${state.labelsOf(part)[column]}”: ${formatNumber(value)}`;
        tooltip.show(text, event.clientX, event.clientY);
      },
      leave: tooltip.hide,
      press,
      drag: press,
      release() {},
    });
  }

  function fill(part: Part, nothing: string): void {
    const [panel, vectors, labels, { units }] = [
      panels[part],
      state.vectorsOf(part),
      state.labelsOf(part),
      state,
    ];
    const columns = Math.max(1, vectors.length);
    panel.element.classList.toggle("rv-nothing", vectors.length === 0);
    panel.paint({
      map: { rows: units, columns, at: (row, column) => vectors[column]?.[row] ?? Number.NaN },
      region: whole(units, columns),
      scale: scaleOf(root, "hidden"),
      height: 150,
      rowName: String,
      labels: vectors.length ? labels : [""],
    });
    panel.figure.setAttribute(
      "aria-label",
      vectors.length ? `State of ${plural(units, "unit")} at ${labels.join(", ")}.` : nothing,
    );
  }

  return {
    element: h("div", { class: "rv-translating" }, encoder.element, decoder.element),
    fill() {
      fill("encoder", "No word is read yet.");
      fill("decoder", "No word is said yet.");
    },
    size() {
      for (const panel of [encoder, decoder]) panel.size(panel.element.clientWidth - GUTTER);
    },
    mark() {
      const { step, place, unit, states, said } = state;
      encoder.mark({ row: unit, column: place < 0 ? step : -1 });
      decoder.mark({ row: unit, column: place });
      encoder.reading.textContent = place < 0 && states[step] ? formatNumber(states[step][unit]) : "";
      decoder.reading.textContent = place >= 0 && said[place] ? formatNumber(said[place].hidden[unit]) : "";
    },
  };
}
