// The unrolled graph: one network, folded into a loop or spread out over time, every number of it open to the reader.
import { makeArithmetic } from "./lib/arithmetic";
import type { Run } from "./lib/cells";
import { canCompute, computeRun, findSources, recordedRun } from "./lib/cells";
import type { Scale } from "./lib/colours";
import { cssColour, hueProperty, inkOn, scaleOf } from "./lib/colours";
import { connectCursor } from "./lib/cursor";
import { h, s, set } from "./lib/dom";
import { formatNumber, plural } from "./lib/format";
import { makeTooltip } from "./lib/tooltip";
import type { Layer, Trace } from "./lib/trace";
import { readTrace, vectorAt } from "./lib/trace";
import { animate, makeTransport } from "./lib/transport";
import type { Band, Layout } from "./lib/unrolled_layout";
import { columnX, firstVisible, layOut, ribbonWidth } from "./lib/unrolled_layout";
import { defineWidget, oncePerFrame, onTheme, onWidth } from "./lib/widget";

interface Column {
  group: SVGGElement;
  label: SVGTextElement;
  frames: SVGRectElement[];
  /** The tinted ground of the column; it lies under the arrows, which lie under the vectors. */
  ground: SVGRectElement;
}

export default defineWidget("unrolled-graph", async ({ model, host, root, signal }) => {
  const recorded = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  // Edits go to a copy of the weights; the recording stays what it was.
  const trace: Trace = { ...recorded, layers: recorded.layers.map(copyWeights) };
  const sources = findSources(recorded);
  const editable = recorded.layers.every(canCompute);
  const hasGradient = recorded.layers.some((layer) => layer.arrays.has("grad_hidden"));
  const inputs = new Map<string, Float64Array>();
  const rows = rowsOf(recorded, sources);

  let edited = false;
  let folded = Boolean(model.get("folded"));
  let fold = folded ? 0 : 1;
  let backward = false;
  let open = false;
  let first = 0;
  let sequence = -1;
  let layout: Layout = layOut(rows, 600, 1);
  let run: Run = recordedRun(recorded, 0);
  let unedited: Run = run;
  let scales: Scale[] = [];
  let inputEditor: { layer: number; step: number; unit: number } | null = null;
  const columns = new Map<number, Column>();

  // ---- what stands on the page --------------------------------------------------------------------------
  const foldButton = h("button", { type: "button", class: "rv-primary", onclick: () => setFold(!folded) });
  const backwardButton = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => setBackward(!backward) },
    "Backward pass",
  );
  const openButton = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => setOpen(!open) },
    "Show the arithmetic",
  );
  const undoButton = h("button", { type: "button", hidden: true, onclick: undo }, "Undo my changes");
  const sequencePicker = h("select", { "aria-label": "Sequence" });
  const picture = s("svg", { "aria-hidden": "true" });
  const ribbons = s("g", { class: "rv-ribbons" });
  const arrows = s("g", { class: "rv-arrows" });
  const nodes = s("g");
  const grounds = s("g");
  const loops = s("g", { class: "rv-loops" });
  const notes = s("g", { class: "rv-names" });
  // Marker ids are global to the page, and several graphs may stand on one.
  const id = Math.random().toString(36).slice(2);
  picture.append(arrowHeads(id), grounds, arrows, ribbons, loops, nodes, notes);
  const board = h("div", { class: "rv-board", tabindex: 0, role: "group" }, picture);
  const spoken = h("p", { class: "rv-hidden", "aria-live": "polite" });
  const inputPanel = h("div", { class: "rv-input-editor", hidden: true });
  const tooltip = makeTooltip(root);
  const arithmetic = makeArithmetic({
    run: () => run,
    editable,
    edit(layer, matrix, index, value) {
      layer.weights.get(matrix)!.data[index] = value;
      recompute();
    },
    close: () => setOpen(false),
  });
  const transport = makeTransport({
    steps: recorded.layers[0].steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => `t = ${step} · step ${step + 1} of ${steps}`,
  });

  recorded.layers[0].lengths.forEach((_, k) => {
    sequencePicker.append(h("option", { value: k }, `sequence ${k}`));
  });
  sequencePicker.hidden = recorded.layers[0].sequences < 2;
  sequencePicker.addEventListener("change", () => cursor.move({ sequence: Number(sequencePicker.value) }));
  backwardButton.hidden = !hasGradient;
  openButton.hidden = !editable;

  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, titleOf(recorded)),
      h("div", { class: "rv-controls" }, sequencePicker, undoButton, openButton, backwardButton, foldButton),
    ),
    legend(recorded, hasGradient),
    board,
    transport.element,
    inputPanel,
    arithmetic.element,
    spoken,
  );

  // ---- moving -------------------------------------------------------------------------------------------
  const paint = oncePerFrame(draw, signal);
  const lengthNow = () => recorded.layers[0].lengths[sequence];
  const stepNow = () => Math.max(0, Math.min(cursor.get("step"), lengthNow() - 1));
  const layerNow = () =>
    Math.max(
      0,
      recorded.layers.findIndex((layer) => layer.name === cursor.get("layer")),
    );
  const unitNow = () => Math.min(cursor.get("unit"), recorded.layers[layerNow()].units - 1);

  function setFold(next: boolean) {
    folded = next;
    foldButton.textContent = folded ? "Unfold in time" : "Fold into a loop";
    const from = fold;
    const to = folded ? 0 : 1;
    animate(650, signal, (progress) => {
      fold = from + (to - from) * progress;
      draw();
    });
  }
  function setBackward(next: boolean) {
    backward = next;
    backwardButton.setAttribute("aria-pressed", String(backward));
    root.classList.toggle("rv-backward", backward);
    paint();
  }
  function setOpen(next: boolean) {
    open = next && editable;
    openButton.setAttribute("aria-pressed", String(open));
    arithmetic.element.hidden = !open;
    paint();
  }
  function recompute() {
    edited = true;
    undoButton.hidden = false;
    runEdited();
    refill();
  }
  function runEdited() {
    run = computeRun(trace, sequence, sources, inputs);
    // Both in the page's double precision, so that only what an edit moved differs.
    unedited = computeRun(recorded, sequence, sources, new Map());
  }
  function undo() {
    recorded.layers.forEach((layer, k) => {
      for (const [name, matrix] of layer.weights) trace.layers[k].weights.get(name)!.data.set(matrix.data);
    });
    inputs.clear();
    edited = false;
    undoButton.hidden = true;
    inputEditor = null;
    run = recordedRun(recorded, sequence);
    board.focus();
    refill();
  }
  function refill() {
    clearColumns();
    paint();
  }
  function chooseSequence() {
    const wanted = Math.min(cursor.get("sequence"), recorded.layers[0].sequences - 1);
    if (wanted === sequence) return;
    sequence = wanted;
    sequencePicker.value = String(sequence);
    inputs.clear();
    inputEditor = null;
    if (edited) runEdited();
    else run = recordedRun(recorded, sequence);
    transport.resize(lengthNow());
    scales = rows.map((band) => scaleOf(root, nameOf(band), limitOf(recorded, band, sequence)));
    clearColumns();
  }
  function clearColumns() {
    columns.clear();
    grounds.replaceChildren();
    nodes.replaceChildren();
  }

  root.addEventListener("keydown", (event) => {
    if (event.target !== board || event.ctrlKey || event.metaKey || event.altKey) return;
    const units = recorded.layers[layerNow()].units;
    const layer = (by: number) =>
      recorded.layers[Math.max(0, Math.min(recorded.layers.length - 1, layerNow() + by))].name;
    const act = {
      ArrowDown: () => cursor.move({ unit: Math.min(units - 1, unitNow() + 1) }),
      ArrowUp: () => cursor.move({ unit: Math.max(0, unitNow() - 1) }),
      PageUp: () => cursor.move({ layer: layer(1), unit: 0 }),
      PageDown: () => cursor.move({ layer: layer(-1), unit: 0 }),
      Enter: () => setOpen(!open),
      f: () => setFold(!folded),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  // ---- drawing ------------------------------------------------------------------------------------------
  function draw() {
    chooseSequence();
    const step = stepNow();
    transport.show(step);
    first = firstVisible(step, layout.visible, lengthNow(), first);
    const last = Math.min(lengthNow(), first + layout.visible) - 1;
    for (const [k, column] of columns)
      if (k < first || k > last) {
        column.group.remove();
        column.ground.remove();
        columns.delete(k);
      }
    for (let k = first; k <= last; k++) placeColumn(k, step);
    drawArrows(first, last, step);
    drawLoops(step);
    drawNames(step);
    drawInputEditor();
    if (open)
      arithmetic.show({ layer: trace.layers[layerNow()], layerIndex: layerNow(), step, unit: unitNow() });
    const name = recorded.layers[layerNow()].name;
    const now = run.at(layerNow(), "hidden", step)[unitNow()];
    spoken.textContent = `t = ${step}, layer ${name}, unit ${unitNow()}: hidden state ${formatNumber(now)}`;
  }

  /** Steps yet to come are pale, unless a change has to be seen there. Folded, only the current one is left. */
  const presenceOf = (k: number, step: number) => (k === step ? 1 : (k > step && !edited ? 0.45 : 1) * fold);

  function placeColumn(k: number, step: number) {
    let column = columns.get(k);
    if (!column) {
      column = makeColumn(k);
      columns.set(k, column);
      nodes.append(column.group);
      grounds.append(column.ground);
    }
    const current = k === step;
    const presence = presenceOf(k, step);
    const transform = `translate(${columnX(layout, k, first, fold).toFixed(1)} 0)`;
    set(column.ground, { transform, opacity: current ? 1 : 0 });
    set(column.group, {
      transform,
      opacity: presence.toFixed(3),
      "pointer-events": presence < 0.1 ? "none" : "auto",
      class: current ? "rv-column rv-now" : "rv-column",
    });
    column.label.textContent = folded && fold < 0.5 ? `t = ${step}` : `t = ${k}`;
    layout.bands.forEach((band, b) => {
      column.frames[b].classList.toggle(
        "rv-chosen",
        current && band.layer === layerNow() && band.what === "hidden",
      );
    });
  }

  function makeColumn(k: number): Column {
    const group = s("g");
    const label = s("text", { y: layout.height - 6, class: "rv-time" });
    const frames: SVGRectElement[] = [];
    const ground = s("rect", {
      class: "rv-band",
      x: -layout.pitch / 2 + 3,
      y: 2,
      width: layout.pitch - 6,
      height: layout.height - 4,
      rx: 8,
    });
    group.append(label);
    layout.bands.forEach((band, b) => {
      const values = valuesOf(band, k);
      const before = edited ? valuesIn(unedited, band, k) : null;
      const left = -band.strip.width / 2;
      const frame = s("rect", {
        class: "rv-vector",
        style: `stroke: var(${hueProperty(nameOf(band))})`,
        x: left - 3,
        y: band.y - 3,
        width: band.strip.width + 6,
        height: band.strip.height + 6,
        rx: 5,
      });
      frames.push(frame);
      group.append(frame);
      const rects = Array.from({ length: band.units }, (_, unit) => {
        const { columns: n, cellWidth, cellHeight } = band.strip;
        const changed = before !== null && before[unit] !== values[unit];
        const rect = s("rect", {
          class: changed ? "rv-unit rv-changed" : "rv-unit",
          x: left + (unit % n) * cellWidth,
          y: band.y + Math.floor(unit / n) * cellHeight,
          width: cellWidth,
          height: cellHeight,
          fill: cssColour(values[unit], scales[b]),
        });
        rect.addEventListener("pointermove", (event) =>
          tooltip.show(
            `${sayBand(band)} ${unit} at t = ${k}: ${formatNumber(valuesOf(band, k)[unit])}`,
            event.clientX,
            event.clientY,
          ),
        );
        rect.addEventListener("pointerleave", tooltip.hide);
        rect.addEventListener("click", () => pick(band, k, unit));
        return rect;
      });
      group.append(...rects, ...numbersOf(band, values, scales[b]));
    });
    return { group, label, frames, ground };
  }

  function pick(band: Band, step: number, unit: number) {
    transport.pause();
    inputEditor = band.what === "x" && editable ? { layer: band.layer, step, unit } : null;
    cursor.move(band.what === "x" ? { step } : { step, unit, layer: recorded.layers[band.layer].name });
    if (band.what !== "x") setOpen(true);
    paint();
  }

  const valuesIn = (from: Run, band: Band, k: number): ArrayLike<number> =>
    band.what === "x" ? from.input(band.layer, k) : from.at(band.layer, band.what, k);
  const valuesOf = (band: Band, k: number) => valuesIn(run, band, k);

  function drawArrows(from: number, to: number, step: number) {
    const lines: SVGElement[] = [];
    const heads: SVGElement[] = [];
    for (let k = from; k <= to; k++) {
      const x = columnX(layout, k, first, fold);
      const presence = presenceOf(k, step);
      if (presence < 0.02) continue;
      layout.bands.forEach((band, b) => {
        const above = layout.bands[b + 1];
        const feeds = above && (above.layer === band.layer || sources[above.layer] === band.layer);
        if (above && feeds && !(band.what === "cell"))
          lines.push(
            arrow(
              id,
              `M${x} ${band.y - 4}V${above.y + above.strip.height + 7}`,
              band.what === "x" ? "x" : "h",
              presence,
              k === step,
            ),
          );
        if (band.what === "x") return;
        const middle = band.y + band.strip.height / 2;
        const left = x - band.strip.width / 2 - 6;
        const previous = columnX(layout, k - 1, first, fold) + band.strip.width / 2 + 5;
        // The arrow out of sight on the left still says that there was a step before.
        const start = k > from ? previous : Math.max(2, left - 26);
        const share = presence * fold;
        if (share > 0.02) {
          lines.push(arrow(id, `M${start} ${middle}H${left}`, "h", share, k === step));
          if (k === 0)
            heads.push(
              s(
                "text",
                { x: start - 1, y: middle - 6, class: "rv-initial", opacity: share },
                initialName(band),
              ),
            );
        }
      });
    }
    arrows.replaceChildren(...lines, ...heads);
    drawRibbons(from, to);
  }

  function drawRibbons(from: number, to: number) {
    const paths: SVGElement[] = [];
    if (backward && fold > 0.02)
      for (const band of layout.bands) {
        const grad = band.what === "hidden" && recorded.layers[band.layer].arrays.get("grad_hidden");
        if (!grad) continue;
        const norms = Array.from({ length: lengthNow() }, (_, k) =>
          Math.hypot(...vectorAt(grad, k, sequence)),
        );
        const largest = Math.max(...norms);
        const middle = band.y + band.strip.height / 2;
        for (let k = Math.max(1, from); k <= to; k++) {
          const width = ribbonWidth(norms[k - 1], largest);
          const right = columnX(layout, k, first, fold) - band.strip.width / 2 - 6;
          const left = columnX(layout, k - 1, first, fold) + band.strip.width / 2 + 6;
          const path = s("path", {
            d: `M${right} ${middle}H${left}`,
            "stroke-width": width,
            "stroke-opacity": 0.25 + (0.6 * width) / 14,
            opacity: fold,
          });
          path.addEventListener("pointermove", (event) =>
            tooltip.show(
              `‖∂L/∂h‖ at t = ${k - 1}: ${formatNumber(norms[k - 1])}`,
              event.clientX,
              event.clientY,
            ),
          );
          path.addEventListener("pointerleave", tooltip.hide);
          paths.push(path);
        }
      }
    ribbons.replaceChildren(...paths);
  }

  function drawLoops(step: number) {
    const share = (1 - fold) ** 2;
    const x = columnX(layout, step, first, fold);
    const paths =
      share < 0.02
        ? []
        : layout.bands
            .filter((band) => band.what !== "x")
            .flatMap((band) => {
              const middle = band.y + band.strip.height / 2;
              const half = band.strip.width / 2;
              const reach = Math.min(54, layout.width / 2 - half - 14);
              // The hidden state's loop runs over its vector, the cell state's under it.
              const side = band.what === "cell" ? -1 : 1;
              const far = band.what === "cell" ? band.y + band.strip.height + 14 : band.y - 27;
              const d =
                `M${x + half + 5} ${middle}h${reach - 26}q12 0 12 ${-12 * side}V${far + 10 * side}` +
                `q0 ${-10 * side} -10 ${-10 * side}H${x - half - reach + 10}q-10 0 -10 ${10 * side}` +
                `V${middle - 12 * side}q0 ${12 * side} 12 ${12 * side}h${reach - 28}`;
              return [
                arrow(id, d, "h", share, true),
                // Where the card is too narrow for the words, the loop speaks for itself.
                x + half + reach + 110 < layout.width &&
                  s(
                    "text",
                    { x: x + half + reach - 4, y: middle + 4, class: "rv-loop-name", opacity: share },
                    band.what === "cell" ? "c, one step later" : "h, one step later",
                  ),
              ];
            })
            .filter((node) => node !== false);
    loops.replaceChildren(...paths);
  }

  function drawNames(step: number) {
    const x = columnX(layout, step, first, fold);
    const chosen = layout.bands.find((band) => band.layer === layerNow() && band.what === "hidden")!;
    const { columns: n, cellWidth, cellHeight, width } = chosen.strip;
    // Drawn last, over the neighbours' edges.
    const mark = s("rect", {
      class: "rv-picked",
      x: x - width / 2 + (unitNow() % n) * cellWidth,
      y: chosen.y + Math.floor(unitNow() / n) * cellHeight,
      width: cellWidth,
      height: cellHeight,
      rx: 2,
    });
    notes.replaceChildren(
      mark,
      ...layout.bands.map((band) =>
        s(
          "text",
          {
            x: x - band.strip.width / 2 - 3,
            y: band.y - 7,
            style: `fill: var(${hueProperty(nameOf(band))})`,
          },
          nameIn(recorded, band, step),
        ),
      ),
    );
  }

  function drawInputEditor() {
    inputPanel.hidden = inputEditor === null;
    if (!inputEditor || inputPanel.contains(document.activeElement)) return;
    const { layer, step, unit } = inputEditor;
    const field = h("input", {
      type: "number",
      step: "0.5",
      value: Number(run.input(layer, step)[unit].toFixed(4)),
      "aria-label": `Input ${unit} at t = ${step}`,
    });
    field.addEventListener("input", () => {
      if (!Number.isFinite(field.valueAsNumber)) return;
      const vector = Float64Array.from(run.input(layer, step));
      vector[unit] = field.valueAsNumber;
      inputs.set(`${layer}/${step}`, vector);
      recompute();
    });
    inputPanel.replaceChildren(
      h("label", { class: "rv-field" }, `Input ${unit} at t = ${step}`, field),
      h("span", { class: "rv-note" }, "Change it: every state from here on follows."),
    );
  }

  onWidth(board, signal, (width) => {
    layout = layOut(rows, width, recorded.layers[0].steps);
    set(picture, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}` });
    refill();
  });
  onTheme(signal, () => {
    scales = rows.map((band) => scaleOf(root, nameOf(band), limitOf(recorded, band, sequence)));
    refill();
  });
  cursor.on(paint);
  foldButton.textContent = folded ? "Unfold in time" : "Fold into a loop";
  board.setAttribute(
    "aria-label",
    `${titleOf(recorded)}. Left and right arrows move through time, up and down choose a unit, ` +
      "Enter opens its arithmetic, F folds and unfolds, space plays.",
  );
});

// ---- facts about a trace ----------------------------------------------------------------------------------

const nameOf = (band: Pick<Band, "what">): string => band.what;
const sayBand = (band: Band): string => (band.what === "x" ? "input" : `${band.what} state, unit`);

/** The values themselves, written into the cells where there is room. */
function numbersOf({ strip, units, y }: Band, values: ArrayLike<number>, scale: Scale): SVGElement[] {
  if (strip.cellWidth < 34) return [];
  return Array.from({ length: units }, (_, unit) =>
    s(
      "text",
      {
        class: "rv-number",
        x: (unit + 0.5) * strip.cellWidth - strip.width / 2,
        y: y + strip.cellHeight / 2 + 4,
        style: `fill: ${inkOn(values[unit], scale)}`,
      },
      formatNumber(values[unit], 2),
    ),
  );
}

function copyWeights(layer: Layer): Layer {
  const weights = new Map(
    [...layer.weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
  return { ...layer, weights };
}

/** The bands from the bottom up: an input wherever one comes from outside, then each layer's states. */
function rowsOf(trace: Trace, sources: number[]): { layer: number; what: Band["what"]; units: number }[] {
  return trace.layers.flatMap((layer, index) => [
    ...(sources[index] < 0 ? [{ layer: index, what: "x" as const, units: layer.input.shape[2] }] : []),
    ...(layer.arrays.has("cell")
      ? [{ layer: index, what: "cell" as const, units: layer.arrays.get("cell")!.shape[2] }]
      : []),
    { layer: index, what: "hidden" as const, units: layer.units },
  ]);
}

/** The value at which the colour scale ends: 1 for what a tanh bounds, else the largest in this sequence. */
function limitOf(trace: Trace, band: { layer: number; what: Band["what"] }, sequence: number): number {
  const layer = trace.layers[band.layer];
  if (band.what === "hidden" && layer.nonlinearity !== "relu") return 1;
  const block = band.what === "x" ? layer.input : layer.arrays.get(band.what)!;
  let largest = 0;
  for (let t = 0; t < layer.lengths[sequence]; t++)
    for (const value of vectorAt(block, t, sequence))
      if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest || 1;
}

function titleOf(trace: Trace): string {
  const kinds = [...new Set(trace.layers.map((layer) => layer.kind))].join(" and ");
  const sizes = [...new Set(trace.layers.map((layer) => layer.units))].join(" and ");
  const { steps } = trace.layers[0];
  return `${kinds}, ${plural(trace.layers.length, "layer")} of ${sizes} units, ${plural(steps, "step")}`;
}

const subscript = (step: number) => [...String(step)].map((d) => "₀₁₂₃₄₅₆₇₈₉"[Number(d)]).join("");

function nameIn(trace: Trace, band: Band, step: number): string {
  if (band.what === "x") return `x${subscript(step)}`;
  const many = trace.layers.length > 1 ? ` ${trace.layers[band.layer].name}` : "";
  return `${band.what === "cell" ? "c" : "h"}${subscript(step)}${many}`;
}

const initialName = (band: Band): string => (band.what === "cell" ? "c₋₁" : "h₋₁");

function arrow(id: string, d: string, hue: "x" | "h", opacity: number, current: boolean): SVGPathElement {
  return s("path", {
    d,
    opacity: opacity.toFixed(3),
    class: current ? "rv-arrow rv-current" : "rv-arrow",
    "marker-end": `url(#rv-head-${hue}-${id})`,
    style: `stroke: var(${hue === "x" ? "--rv-input" : "--rv-state"})`,
  });
}

function arrowHeads(id: string): SVGElement {
  const head = (hue: "x" | "h") =>
    s(
      "marker",
      {
        id: `rv-head-${hue}-${id}`,
        viewBox: "0 0 8 8",
        refX: 6,
        refY: 4,
        markerWidth: 11,
        markerHeight: 11,
        markerUnits: "userSpaceOnUse",
        orient: "auto",
      },
      s("path", { d: "M0 0.5L7 4L0 7.5z", style: `fill: var(${hue === "x" ? "--rv-input" : "--rv-state"})` }),
    );
  return s("defs", {}, head("x"), head("h"));
}

function legend(trace: Trace, hasGradient: boolean): HTMLElement {
  const item = (property: string, text: string, line = false) =>
    h("li", {}, h("i", { class: line ? "rv-line" : null, style: `--rv-swatch: var(${property})` }), text);
  return h(
    "ul",
    { class: "rv-legend" },
    item("--rv-input", "input x"),
    item("--rv-state", trace.layers.some((layer) => layer.arrays.has("cell")) ? "states h and c" : "state h"),
    h("li", {}, h("i", { class: "rv-scale" }), "negative to positive"),
    hasGradient && item("--rv-grad", "gradient flowing back", true),
  );
}
