// The card of the cliff: from above, from the side, in numbers and in words.
import { makeSaveMenu } from "../lib/controls/save_menu";
import { makeTransport } from "../lib/controls/transport";
import { swatch } from "../lib/draw/swatch";
import { h } from "../lib/page/dom";
import { oncePerFrame, onTheme, onWidth } from "../lib/page/widget";
import { makeMap, type Picture } from "./map";
import { makeReading } from "./reading";
import { makeRelief } from "./relief";
import { makeSettings } from "./settings";
import { BALLS, type CliffState, type Settings } from "./state";
import { Surface } from "./surface";

const HEIGHT = 320;
/** How long the hand must rest before the outcome is said, in milliseconds. */
const REST = 250;

export interface View {
  /** The balls descend otherwise now. */
  showChange(): void;
}

export function makeView(root: HTMLElement, signal: AbortSignal, state: CliffState): View {
  const choose = (change: Partial<Settings>) => {
    state.choose(change);
    showChange();
  };
  const turn = (angle: number) => {
    state.turnTo(angle);
    settings.show();
    repaint();
  };
  const surface = new Surface(root);
  const map = makeMap(root, state, surface, (w, b) => choose({ w, b }));
  const relief = makeRelief(root, state, surface, turn);
  const settings = makeSettings(state, choose, turn);
  const reading = makeReading(state);
  const story = h("p", { class: "rv-caption", "aria-live": "polite" });
  const transport = makeTransport({
    steps: state.updates + 1,
    signal,
    keys: root,
    move(step) {
      state.now = step;
      repaint();
    },
    where: (step, steps) => `update ${step} of ${steps - 1}`,
  });
  const saveMenu = makeSaveMenu({
    name: "cliff",
    root,
    table: () => state.tabulate(),
    code: () => state.writeCode(),
  });
  root.append(
    h(
      "div",
      { class: "rv-head" },
      h("h3", {}, "The cliff and the clip"),
      makeLegend(),
      h("div", { class: "rv-controls" }, saveMenu),
    ),
    h(
      "div",
      { class: "rv-results" },
      h("div", {}, h("h4", {}, "From above: drag the start"), map.element),
      h("div", {}, h("h4", {}, "From the side: drag to turn"), relief.element),
    ),
    transport.element,
    reading.element,
    settings.element,
    story,
  );

  const widths = new Map<Picture, number>();
  const repaint = oncePerFrame(() => {
    surface.prepare(state.settings.steps);
    transport.show(state.now);
    reading.show();
    for (const [picture, width] of widths) picture.paint(width, HEIGHT);
  }, signal);
  for (const picture of [map, relief])
    onWidth(picture.element, signal, (width) => {
      widths.set(picture, width);
      picture.element.style.height = `${HEIGHT}px`;
      repaint();
    });
  onTheme(signal, repaint);

  let telling = 0;
  signal.addEventListener("abort", () => clearTimeout(telling));
  const tell = () => {
    story.textContent = state.tell();
    map.element.setAttribute("aria-label", `Error over weight and bias, from above. ${story.textContent}`);
    relief.element.setAttribute(
      "aria-label",
      "The same as a landscape. A plain, low where the unit stays on, ends in a cliff of about 0.35.",
    );
  };
  function showChange(): void {
    settings.show();
    repaint();
    clearTimeout(telling);
    telling = window.setTimeout(tell, REST);
  }
  showChange();
  return { showChange };
}

const makeLegend = (): HTMLElement =>
  h(
    "ul",
    { class: "rv-legend" },
    ...BALLS.map(({ name, property, dash }) =>
      h("li", {}, swatch(property, [...dash]), `${name} ${name === "plain" ? "■" : "●"}`),
    ),
    h("li", {}, h("i", { class: "rv-cliff-ramp" }), "error, 0 to 0.5"),
  );
