// The picture of a cell: wires that come alive, gates with their levels, and the numbers on them.
import { cssColour, hueProperty, isValve, scaleOf } from "../lib/draw/colours";
import { s, set } from "../lib/page/dom";
import { formatNumber, subscript } from "../lib/words/format";
import { capital } from "../lib/words/sayings";
import type { CellNode, Wire } from "./diagram";
import { type CellState, WHOLE } from "./state";

const BOX = { width: 72, height: 52 };

export interface Wiring {
  picture: SVGSVGElement;
  /** Makes the picture of the kind of cell that is looked at now. */
  build(): void;
  draw(values: Record<string, number>): void;
}

interface DrawnWire {
  wire: Wire;
  path: SVGPathElement;
  chip: SVGGElement | null;
}

/** `handle` makes a gate something that can be held. */
export function makeWiring(
  root: HTMLElement,
  state: CellState,
  handle: (group: SVGGElement, gate: string) => void,
): Wiring {
  const picture = s("svg", { class: "rv-cell", role: "group" });
  let wires: DrawnWire[] = [];
  let nodes: { node: CellNode; group: SVGGElement }[] = [];
  return {
    picture,
    build() {
      const { top, width, height, wires: lines, nodes: parts } = state.diagram;
      set(picture, { viewBox: `0 ${top} ${width} ${height}` });
      wires = lines.map((wire) => ({
        wire,
        path: s("path", { d: wire.d, class: "rv-wire" }),
        chip: wire.at ? makeChip(wire.at) : null,
      }));
      nodes = parts.map((node) => {
        const group = makeNode(node);
        if (node.kind === "gate") handle(group, node.id);
        return { node, group };
      });
      picture.replaceChildren(
        ...wires.map(({ path }) => path),
        ...nodes.map(({ group }) => group),
        ...wires.map(({ chip }) => chip).filter((chip) => chip !== null),
      );
    },
    draw(values) {
      picture.classList.toggle("rv-flowing", state.phase < WHOLE);
      drawWires(root, state, wires, values);
      for (const { node, group } of nodes) {
        if (node.kind === "gate") drawGate(state, node.id, group, values[node.id]);
        if (node.kind === "port") drawPort(state, node, group, values);
      }
    },
  };
}

const makeChip = ([x, y]: [number, number]): SVGGElement =>
  s(
    "g",
    { class: "rv-chip", transform: `translate(${x} ${y})` },
    s("rect", { x: -27, y: -11, width: 54, height: 22, rx: 11 }),
    s("text", { y: 4.5 }),
  );

function makeNode(node: CellNode): SVGGElement {
  return s(
    "g",
    { class: `rv-node rv-node-${node.kind}`, transform: `translate(${node.x} ${node.y})` },
    ...partsOf(node),
  );
}

function partsOf({ kind, id, label }: CellNode): SVGElement[] {
  if (kind === "gate") {
    const { width, height } = BOX;
    const style = `--rv-hue: var(${hueProperty(id)})`;
    return [
      s("rect", { class: "rv-gate", style, x: -width / 2, y: -height / 2, width, height, rx: 8 }),
      s("rect", { class: "rv-level", style, x: -width / 2, width, height: 0, rx: 7 }),
      s("text", { class: "rv-gate-name", style, y: -height / 2 + 17 }, capital(id)),
      s("text", { class: "rv-gate-value", y: 16 }),
    ];
  }
  if (kind === "squash")
    return [s("rect", { x: -34, y: -16, width: 68, height: 32, rx: 16 }), s("text", { y: 5 }, label)];
  if (kind === "port")
    return [
      s("circle", { r: 4 }),
      s("text", { class: "rv-port-name" }),
      s("text", { class: "rv-port-value" }),
    ];
  return [s("circle", { r: 15 }), s("text", { y: 6 }, label)];
}

function drawWires(
  root: HTMLElement,
  { phase }: CellState,
  wires: DrawnWire[],
  values: Record<string, number>,
): void {
  const scale = scaleOf(root, "hidden");
  for (const { wire, path, chip } of wires) {
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

function drawGate(state: CellState, gate: string, group: SVGGElement, value: number): void {
  const { height } = BOX;
  const signed = !isValve(gate);
  const zero = signed ? 0 : height / 2;
  // A gate without a number has no level; its caption says so.
  const level = Number.isFinite(value) ? value : 0;
  const reach = signed ? (level * height) / 2 : level * height;
  set(group.querySelector(".rv-level")!, { y: Math.min(zero, zero - reach), height: Math.abs(reach) });
  const shown = state.phase > 1;
  group.querySelector(".rv-gate-value")!.textContent = shown ? formatNumber(value, 2) : "";
  const byHand = state.isHeld(gate);
  const resting = !byHand && state.decided(gate) !== undefined;
  group.classList.toggle("rv-held", byHand);
  group.classList.toggle("rv-resting", resting);
  set(group, {
    "aria-valuenow": level.toFixed(3),
    "aria-valuetext": `${formatNumber(value, 2)}${byHand ? ", held by hand" : resting ? ", left open" : ""}`,
  });
}

function drawPort(
  state: CellState,
  node: CellNode,
  group: SVGGElement,
  values: Record<string, number>,
): void {
  const [name, value] = [group.querySelector(".rv-port-name")!, group.querySelector(".rv-port-value")!];
  const before = node.id.endsWith("before");
  name.textContent = `${node.label}${subscript(before ? state.step - 1 : state.step)}`;
  value.textContent = node.value === undefined ? state.sayInput() : "";
  const anchor = node.side === "right" ? "end" : "start";
  const place = node.side === "below" ? { x: 14, y: 6 } : { x: node.side === "left" ? -6 : 6, y: -12 };
  set(name, { ...place, style: `text-anchor: ${anchor}` });
  set(value, { x: 42, y: 6, style: "text-anchor: start" });
  group.style.setProperty("--rv-hue", `var(${node.label === "x" ? "--rv-input" : "--rv-state"})`);
  group.setAttribute("data-value", node.value === undefined ? "" : formatNumber(values[node.value]));
}
