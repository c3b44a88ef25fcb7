// One cell as a wiring diagram: live values on every wire, gates that can be held by hand, a step in slow motion.

import { makeSaveMenu } from "../lib/controls/save_menu";
import { animate, makeTransport } from "../lib/controls/transport";
import { cssColour, hueProperty, isValve, scaleOf } from "../lib/draw/colours";
import { h, s, set } from "../lib/page/dom";
import { connectCursor } from "../lib/page/shared_cursor";
import { defineWidget, oncePerFrame, onTheme } from "../lib/page/widget";
import type { Run } from "../lib/trace/cells";
import { canCompute, computeRun, recordedRun } from "../lib/trace/cells";
import type { Layer } from "../lib/trace/trace";
import { readTrace } from "../lib/trace/trace";
import type { Selection } from "../lib/words/equations";
import { describeStep } from "../lib/words/equations";
import { formatNumber, plural, subscript } from "../lib/words/format";
import { equation, showEquation } from "../lib/words/formula";
import { capital, sayArray } from "../lib/words/sayings";
import { labelsFor, moduleOf, tabulateLayers, writeCode, writeOptions } from "../lib/words/takeaway";
import type { CellNode, Diagram, Wire } from "./diagram";
import { DIAGRAMS, STAGES } from "./diagram";
import { valuesOnWires } from "./values";

const SLOW_MS = 6000;
const BOX = { width: 72, height: 52 };

export default defineWidget("cell-anatomy", async ({ model, host, root, signal }) => {
  const trace = readTrace(await host.getModel(model.get("trace")));
  const cursor = await connectCursor(model, host, signal);
  const own: string = model.get("layer");
  const { feeds } = trace;
  const obstacle = trace.layers.find((layer) => !canCompute(layer));
  const editable = obstacle === undefined;
  /** Gates held by hand, by layer and gate: the same value for every unit and step. */
  const held = new Map<string, number>();
  let stage = STAGES.length - 1;
  /** How far the slow motion has come, in quarters of a step; 4 is all of it. */
  let phase = 4;
  let stopSlow = () => {};
  let run: Run = recordedRun(trace, 0);
  let runFor = "";

  const indexNow = () => {
    const wanted = trace.layers.findIndex((layer) => layer.name === cursor.get("layer"));
    return wanted >= 0
      ? wanted
      : Math.max(
          0,
          trace.layers.findIndex((layer) => layer.name === own),
        );
  };
  const layerNow = () => trace.layers[indexNow()];
  const sequenceNow = () => Math.min(cursor.get("sequence"), layerNow().sequences - 1);
  const stepNow = () => Math.min(cursor.get("step"), layerNow().lengths[sequenceNow()] - 1);
  const unitNow = () => Math.min(cursor.get("unit"), layerNow().units - 1);

  const title = h("h3");
  const stages = h("div", {
    class: "rv-controls rv-stages",
    role: "group",
    "aria-label": "Build the cell up",
  });
  const slowButton = h("button", { type: "button", onclick: playSlowly }, "Play this step slowly");
  const releaseButton = h(
    "button",
    { type: "button", hidden: true, onclick: release },
    "Let go of the gates",
  );
  const unitField = h("input", {
    type: "number",
    min: 0,
    value: 0,
    "aria-label": "Unit",
    class: "rv-unit-field",
  });
  const picture = s("svg", { class: "rv-cell", role: "group" });
  const frame = h(
    "div",
    { class: "rv-cell-frame", tabindex: 0, role: "group", "aria-label": "The cell's wiring" },
    picture,
  );
  const story = h("p", { class: "rv-caption rv-story", "aria-live": "polite" });
  const lines = h("div", { class: "rv-equation" });
  const transport = makeTransport({
    steps: layerNow().steps,
    signal,
    keys: root,
    move: (step) => cursor.move({ step }),
    where: (step, steps) => {
      const label = trace.labels?.[sequenceNow()]?.[step];
      return label === undefined ? `t = ${step} · step ${step + 1} of ${steps}` : `t = ${step} · “${label}”`;
    },
  });
  const saveMenu = makeSaveMenu({
    name: "cell-anatomy",
    root,
    vectors: picture,
    table: () => tabulateLayers([layerNow()], sequenceNow(), trace.labels?.[sequenceNow()]),
    code: () => {
      const { name } = layerNow();
      const modules = moduleOf(trace.modules, name);
      const labels = labelsFor(trace.labels, modules);
      return writeCode(
        modules,
        (rename) => `rw.CellAnatomy(trace${writeOptions({ layer: rename(name), labels })})`,
      );
    },
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      title,
      h(
        "div",
        { class: "rv-controls" },
        h("label", { class: "rv-field" }, "unit", unitField),
        releaseButton,
        slowButton,
        saveMenu,
      ),
    ),
    stages,
    frame,
    story,
    transport.element,
    lines,
  );
  unitField.addEventListener("input", () => {
    if (Number.isInteger(unitField.valueAsNumber) && unitField.valueAsNumber >= 0)
      cursor.move({ unit: Math.min(unitField.valueAsNumber, layerNow().units - 1) });
  });

  // ---- holding gates ------------------------------------------------------------------------------------
  const keyOf = (gate: string) => `${indexNow()}/${gate}`;
  function hold(gate: string, value: number) {
    const [low, high] = isValve(gate) ? [0, 1] : [-1, 1];
    held.set(keyOf(gate), Math.max(low, Math.min(high, value)));
    changed();
  }
  function release() {
    held.clear();
    changed();
  }
  function chooseStage(next: number) {
    stage = next;
    changed();
  }
  function changed() {
    runFor = "";
    paint();
  }
  /** What the reader or the stage decides of a gate; undefined where the network does. */
  function decided(layer: number, gate: string): number | undefined {
    const byHand = held.get(`${layer}/${gate}`);
    if (byHand !== undefined) return byHand;
    return trace.layers[layer].kind === "LSTM" && !STAGES[stage].live.includes(gate) ? 1 : undefined;
  }
  function refreshRun() {
    const wanted = `${sequenceNow()}`;
    if (runFor === wanted) return;
    runFor = wanted;
    const untouched = held.size === 0 && stage === STAGES.length - 1;
    run = untouched
      ? recordedRun(trace, sequenceNow())
      : computeRun(trace, sequenceNow(), feeds, new Map(), (layer, gate) => decided(layer, gate));
  }

  // ---- slow motion --------------------------------------------------------------------------------------
  function playSlowly() {
    transport.pause();
    stopSlow();
    phase = 0;
    const begin = performance.now();
    const timer = window.setInterval(() => {
      phase = Math.min(4, Math.floor((4 * (performance.now() - begin)) / SLOW_MS) + 1);
      paint();
      if (phase === 4 && performance.now() - begin > SLOW_MS) stopSlow();
    }, 60);
    stopSlow = () => {
      clearInterval(timer);
      phase = 4;
      paint();
    };
    signal.addEventListener("abort", () => clearInterval(timer));
    flow();
    paint();
  }
  /** Dashes run along the wires that are alive. */
  function flow() {
    animate(SLOW_MS, signal, (progress) => {
      picture.style.setProperty("--rv-flow", String(-240 * progress));
    });
  }

  // ---- drawing ------------------------------------------------------------------------------------------
  const paint = oncePerFrame(draw, signal);
  let drawnKind = "";
  let wireElements: { wire: Wire; path: SVGPathElement; chip: SVGGElement | null }[] = [];
  let nodeElements: { node: CellNode; group: SVGGElement }[] = [];

  function build(diagram: Diagram) {
    picture.replaceChildren();
    set(picture, { viewBox: `0 ${diagram.top} ${diagram.width} ${diagram.height}` });
    wireElements = diagram.wires.map((wire) => {
      const path = s("path", { d: wire.d, class: "rv-wire" });
      picture.append(path);
      return { wire, path, chip: wire.at ? makeChip(wire.at) : null };
    });
    nodeElements = diagram.nodes.map((node) => ({ node, group: makeNode(node) }));
    picture.append(...nodeElements.map(({ group }) => group));
    for (const { chip } of wireElements) if (chip) picture.append(chip);
  }

  function makeChip([x, y]: [number, number]): SVGGElement {
    return s(
      "g",
      { class: "rv-chip", transform: `translate(${x} ${y})` },
      s("rect", { x: -27, y: -11, width: 54, height: 22, rx: 11 }),
      s("text", { y: 4.5 }),
    );
  }

  function makeNode(node: CellNode): SVGGElement {
    const group = s("g", {
      class: `rv-node rv-node-${node.kind}`,
      transform: `translate(${node.x} ${node.y})`,
    });
    if (node.kind === "gate") {
      const { width, height } = BOX;
      const hue = `--rv-hue: var(${hueProperty(node.id)})`;
      group.append(
        s("rect", { class: "rv-gate", style: hue, x: -width / 2, y: -height / 2, width, height, rx: 8 }),
        s("rect", { class: "rv-level", style: hue, x: -width / 2, width, height: 0, rx: 7 }),
        s("text", { class: "rv-gate-name", style: hue, y: -height / 2 + 17 }, capital(node.id)),
        s("text", { class: "rv-gate-value", y: 16 }),
      );
      makeHandle(group, node.id);
    } else if (node.kind === "squash") {
      group.append(
        s("rect", { x: -34, y: -16, width: 68, height: 32, rx: 16 }),
        s("text", { y: 5 }, node.label),
      );
    } else if (node.kind === "port") {
      group.append(
        s("circle", { r: 4 }),
        s("text", { class: "rv-port-name" }),
        s("text", { class: "rv-port-value" }),
      );
    } else {
      group.append(s("circle", { r: 15 }), s("text", { y: 6 }, node.label));
    }
    return group;
  }

  /** A gate is a slider: drag it up and down, or use the arrow keys; a double click or Escape lets go of it. */
  function makeHandle(group: SVGGElement, gate: string) {
    if (!editable) return;
    const [low, high] = isValve(gate) ? [0, 1] : [-1, 1];
    set(group, {
      role: "slider",
      tabindex: 0,
      "aria-orientation": "vertical",
      "aria-label": sayArray(gate),
      "aria-valuemin": low,
      "aria-valuemax": high,
    });
    const valueNow = () => run.at(indexNow(), gate, stepNow())[unitNow()];
    const toValue = (event: PointerEvent) => {
      const box = group.querySelector(".rv-gate")!.getBoundingClientRect();
      return low + (high - low) * (1 - (event.clientY - box.top) / box.height);
    };
    let dragging = false;
    group.addEventListener("pointerdown", (event) => {
      dragging = true;
      group.setPointerCapture(event.pointerId);
      group.focus();
      event.preventDefault();
    });
    group.addEventListener("pointermove", (event) => dragging && hold(gate, toValue(event)));
    group.addEventListener("pointerup", (event) => {
      if (dragging) hold(gate, toValue(event));
      dragging = false;
    });
    group.addEventListener("pointercancel", () => (dragging = false));
    const letGo = () => {
      held.delete(keyOf(gate));
      changed();
    };
    group.addEventListener("dblclick", letGo);
    group.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 0.05, ArrowDown: -0.05, PageUp: 0.25, PageDown: -0.25 }[event.key];
      if (by === undefined && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      if (by === undefined) letGo();
      else hold(gate, valueNow() + by);
    });
  }

  function draw() {
    const layer = layerNow();
    const diagram = DIAGRAMS[layer.kind];
    const reason = whyUndrawn(layer);
    frame.hidden = lines.hidden = slowButton.hidden = Boolean(reason);
    if (reason) {
      title.textContent = `${layer.kind} layer ${layer.name}`;
      stages.hidden = true;
      drawnKind = "";
      story.textContent = reason;
      return;
    }
    if (drawnKind !== layer.kind) {
      drawnKind = layer.kind;
      build(diagram);
      buildStages(layer.kind);
    }
    refreshRun();
    const selection: Selection = { layer, layerIndex: indexNow(), step: stepNow(), unit: unitNow() };
    const values = valuesOnWires(run, selection);
    title.textContent = `Inside unit ${unitNow()} of ${layer.kind} layer ${layer.name}`;
    transport.resize(layer.lengths[sequenceNow()]);
    transport.show(stepNow());
    unitField.max = String(layer.units - 1);
    if (document.activeElement !== unitField) unitField.value = String(unitNow());
    releaseButton.hidden = held.size === 0;
    picture.classList.toggle("rv-flowing", phase < 4);
    drawWires(values);
    drawNodes(values);
    [...stages.querySelectorAll("button")].forEach((button, k) => {
      button.setAttribute("aria-pressed", String(k === stage));
    });
    story.textContent = tell(diagram);
    showEquation(
      lines,
      equation(...describeStep(run, selection, (gate) => decided(indexNow(), gate) !== undefined)),
    );
  }

  /** Why a layer has no picture; empty where it has one. */
  function whyUndrawn(layer: Layer): string {
    if (!DIAGRAMS[layer.kind])
      return `The wiring of a ${layer.kind} is not known here; RNN, LSTM and GRU are drawn.`;
    const projection = layer.weights.get("weight_hr");
    if (projection)
      return (
        `This ${layer.kind} was made with proj_size=${projection.shape[0]}: a projection mixes its ` +
        `${projection.shape[1]} units into ${plural(projection.shape[0], "number")}, so no wire leads from one unit ` +
        "to its own hidden state. Record one without proj_size to see its wiring."
      );
    return canCompute(layer)
      ? ""
      : `This ${layer.kind} was recorded without its weights, so nothing is drawn.`;
  }

  function tell(diagram: Diagram): string {
    if (phase >= 1 && phase < 4) return diagram.phases[phase - 1];
    if (held.size > 0) {
      const gates = [...held].map(([key, value]) => `${key.split("/")[1]} at ${formatNumber(value, 2)}`);
      return `Held by hand, for every unit and every step: ${gates.join(", ")}. Everything that follows is computed anew.`;
    }
    if (drawnKind === "LSTM" && stage < STAGES.length - 1) return STAGES[stage].text;
    if (drawnKind === "RNN")
      return "A plain RNN has no gates: it weighs what comes in, adds it up and squashes the sum. Play the step slowly to follow it.";
    if (obstacle)
      return `The gates show what was recorded. They cannot be held by hand, since layer ${obstacle.name} cannot be computed in the page.`;
    return "Drag a gate up or down to hold it open or closed; the layer is computed anew with it. A double click lets go.";
  }

  function drawWires(values: Record<string, number>) {
    const scale = scaleOf(root, "hidden");
    for (const { wire, path, chip } of wireElements) {
      const alive = wire.phase < phase;
      const property =
        wire.hue === "h" ? "--rv-state" : wire.hue === "x" ? "--rv-input" : hueProperty(wire.hue);
      set(path, { class: alive ? "rv-wire rv-alive" : "rv-wire", style: `--rv-hue: var(${property})` });
      if (!chip) continue;
      const value = values[wire.value!];
      chip.style.opacity = alive ? "1" : "0";
      chip.querySelector("text")!.textContent = formatNumber(value, 2);
      set(chip.querySelector("rect")!, {
        style: `--rv-hue: var(${property}); --rv-value: ${cssColour(value, scale)}`,
      });
    }
  }

  function drawNodes(values: Record<string, number>) {
    for (const { node, group } of nodeElements) {
      if (node.kind === "gate") drawGate(node, group, values[node.id]);
      if (node.kind === "port") drawPort(node, group, values);
    }
  }

  function drawGate(node: CellNode, group: SVGGElement, value: number) {
    const { height } = BOX;
    const signed = !isValve(node.id);
    const zero = signed ? 0 : height / 2;
    // A gate without a number has no level; its caption says so.
    const level = Number.isFinite(value) ? value : 0;
    const reach = signed ? (level * height) / 2 : level * height;
    set(group.querySelector(".rv-level")!, {
      y: Math.min(zero, zero - reach),
      height: Math.abs(reach),
    });
    const shown = 1 < phase || phase === 4;
    group.querySelector(".rv-gate-value")!.textContent = shown ? formatNumber(value, 2) : "";
    const byHand = held.has(keyOf(node.id));
    const resting = !byHand && decided(indexNow(), node.id) !== undefined;
    group.classList.toggle("rv-held", byHand);
    group.classList.toggle("rv-resting", resting);
    set(group, {
      "aria-valuenow": level.toFixed(3),
      "aria-valuetext": `${formatNumber(value, 2)}${byHand ? ", held by hand" : resting ? ", left open" : ""}`,
    });
  }

  function drawPort(node: CellNode, group: SVGGElement, values: Record<string, number>) {
    const before = node.id.endsWith("before");
    const [name, value] = [group.querySelector(".rv-port-name")!, group.querySelector(".rv-port-value")!];
    const time = before ? stepNow() - 1 : stepNow();
    name.textContent = `${node.label}${subscript(time)}`;
    value.textContent = node.value === undefined ? inputNow() : "";
    const anchor = node.side === "right" ? "end" : "start";
    const place = node.side === "below" ? { x: 14, y: 6 } : { x: node.side === "left" ? -6 : 6, y: -12 };
    set(name, { ...place, style: `text-anchor: ${anchor}` });
    set(value, { x: 42, y: 6, style: "text-anchor: start" });
    group.style.setProperty("--rv-hue", `var(${node.label === "x" ? "--rv-input" : "--rv-state"})`);
    group.setAttribute("data-value", node.value === undefined ? "" : formatNumber(values[node.value]));
  }

  function inputNow(): string {
    const x = Array.from(run.input(indexNow(), stepNow()));
    const shown = x.slice(0, 6).map((value) => formatNumber(value, 2));
    return x.length > 6 ? `${shown.join("  ")}  … ${x.length} in all` : shown.join("  ");
  }

  function buildStages(kind: string) {
    stages.hidden = kind !== "LSTM" || !editable;
    stages.replaceChildren(
      h("span", { class: "rv-note" }, "Build it up:"),
      ...STAGES.map((each, k) =>
        h(
          "button",
          { type: "button", "aria-pressed": "false", onclick: () => chooseStage(k) },
          `${k ? "+ " : ""}${each.name}`,
        ),
      ),
    );
  }

  cursor.on(paint);
  onTheme(signal, paint);
  draw();
});
