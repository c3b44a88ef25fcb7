// The networks, one a row: the ratio of its gradients as a bar, the bet on it, and how far it is.
import { logTicks } from "../lib/draw/plot";
import { curveDash, curveProperty, swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { onAxis, percentRatio, type Scene, spanRatios } from "../lib/training/bets";
import { tellRatio } from "../lib/words/gradient_story";
import type { BetState } from "./state";

export interface Rows {
  element: HTMLElement;
  /** Makes the rows of the scene that there is now. */
  build(): void;
  show(): void;
  focusFirst(): void;
}

interface Row {
  element: HTMLElement;
  show(): void;
  focus(): void;
}

export function makeRows(state: BetState, changed: () => void): Rows {
  const group = `rv-bet-${Math.random().toString(36).slice(2)}`;
  const element = h("div", {
    class: "rv-bets",
    role: "group",
    "aria-label": "The networks, and your bet on each",
  });
  let rows: Row[] = [];
  return {
    element,
    build() {
      rows = state.scene.names.map((name, index) => makeRow(state, name, index, group, changed));
      element.replaceChildren(makeHead(), ...rows.map((row) => row.element), makeScale(state.scene));
    },
    show() {
      for (const row of rows) row.show();
    },
    focusFirst: () => rows[0]?.focus(),
  };
}

function makeRow(state: BetState, name: string, index: number, group: string, changed: () => void): Row {
  const radio = (of: string, label: string, act: () => void) =>
    h("input", {
      type: "radio",
      name: `${group}-${of}`,
      "aria-label": `${name}: ${label}`,
      onchange: () => {
        act();
        changed();
      },
    });
  const learns = radio(`learns-${index}`, "learns", () => state.choose(name, true));
  const fails = radio(`learns-${index}`, "does not", () => state.choose(name, false));
  const fastest = radio("fastest", "is the fastest", () => state.chooseFastest(name));
  const status = h("span", { class: "rv-bet-status" });
  const { bar, value, label, one } = drawRatio(state.scene, name);
  const element = h(
    "div",
    { class: "rv-bet-row", role: "group", "aria-label": `${name}: ratio ${label}` },
    h(
      "span",
      { class: "rv-bet-name" },
      h("b", { class: "rv-bet-number" }, index + 1),
      swatch(curveProperty(index), curveDash(index)),
      h("span", {}, name),
    ),
    h("span", { class: "rv-bet-track" }, bar),
    value,
    h(
      "span",
      { class: "rv-bet-choice" },
      h("label", {}, learns, "learns"),
      h("label", {}, fails, "does not"),
    ),
    h("label", { class: "rv-bet-fastest" }, fastest, h("span", {}, "fastest")),
    status,
  );
  element.style.setProperty("--rv-swatch", `var(${curveProperty(index)})`);
  element.style.setProperty("--rv-one", `${one}%`);

  function show(): void {
    const placed = state.bet !== null;
    const word = state.wordOn(name);
    learns.checked = word === true;
    fails.checked = word === false;
    fastest.checked = state.isFastest(name);
    learns.disabled = fails.disabled = placed;
    fastest.disabled = placed || word !== true;
    const right = state.score?.right[name];
    const mark = right === undefined ? "" : right ? "✓ right: " : "✗ wrong: ";
    status.hidden = !placed;
    status.textContent = mark + state.statusOf(name);
    element.dataset.state = right === undefined ? "" : right ? "right" : "wrong";
  }
  return { element, show, focus: () => learns.focus() };
}

/** From 1, where both ends count alike, to the ratio; torn off where it lies beyond the axis. */
function drawRatio(scene: Scene, name: string) {
  const ratio = scene.ratios[name];
  const [at, one] = [percentRatio(scene, ratio), percentRatio(scene, 1)];
  const [from, to] = at < one ? [at, one] : [one, at];
  const bar = h("i", { class: "rv-bet-bar" });
  bar.style.left = `${from}%`;
  bar.style.width = `${Math.max(0.6, to - from)}%`;
  bar.classList.toggle("rv-torn", !onAxis(ratio));
  const said = ratio === null ? "nothing arrives" : tellRatio(ratio);
  const value = h("span", { class: "rv-bet-value" }, said);
  return { bar, value, label: ratio === null ? `unknown, ${said}` : said, one };
}

const makeHead = (): HTMLElement =>
  h(
    "div",
    { class: "rv-bet-row rv-bet-names", "aria-hidden": "true" },
    h("span", {}, "network"),
    h("span", {}, "ratio of input gradients, log axis"),
    h("span"),
    h("span", {}, "will it learn?"),
    h("span", {}, "fastest"),
  );

function makeScale(scene: Scene): HTMLElement {
  const ticks = logTicks(spanRatios(scene), 6)
    .filter((tick) => Number.isInteger(tick.at))
    .map(({ at, label }) => h("i", { style: `left: ${percentRatio(scene, 10 ** at)}%` }, label));
  return h(
    "div",
    { class: "rv-bet-row rv-bet-scale", "aria-hidden": "true" },
    h("span"),
    h("span", { class: "rv-bet-ticks" }, ...ticks),
  );
}
