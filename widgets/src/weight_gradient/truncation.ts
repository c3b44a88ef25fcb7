// How far gradients may go back, and how much of the gradient is kept then.
import { makeSlider } from "../lib/controls/slider";
import { h, s, set } from "../lib/page/dom";
import type { WeightState } from "./state";
import type { Cut } from "./weight_sum";

const CUTS: Record<Cut, string> = { every: "cut into pieces of", back: "each loss reaches back" };
const KEPT = { left: 44, right: 12, top: 10, bottom: 34, height: 150, widest: 620 };

export function makeTruncation(state: WeightState, changed: () => void) {
  const { steps } = state;
  const cutPicker = h(
    "select",
    {
      "aria-label": "How gradients are cut",
      onchange: () => {
        state.chooseCut(cutPicker.value as Cut);
        changed();
      },
    },
    ...Object.entries(CUTS).map(([value, words]) => h("option", { value }, words)),
  );
  cutPicker.value = state.cut;
  const slider = makeSlider({
    label: "steps back",
    low: 1,
    high: steps,
    step: 1,
    value: state.reach,
    unit: `of ${steps}`,
    say: (reach) => state.sayReach(reach),
    choose: (reach) => {
      state.goBack(reach);
      changed();
    },
  });
  slider.input.setAttribute("aria-label", "Steps that gradients may go back");
  const curve = s("svg", { class: "rv-part-kept", height: KEPT.height, role: "img" });
  curve.addEventListener("pointerdown", (event) => {
    const box = curve.getBoundingClientRect();
    const place = (event.clientX - box.left - KEPT.left) / (box.width - KEPT.left - KEPT.right);
    state.goBack(1 + place * (steps - 1));
    changed();
  });
  const words = h("p", { class: "rv-note", "aria-live": "polite" });
  return {
    element: h(
      "div",
      { class: "rv-part-cut" },
      h("h4", {}, "Truncated: how far may gradients go back?"),
      h("div", { class: "rv-controls" }, cutPicker, slider.element),
      curve,
      words,
    ),
    refill() {
      slider.show(state.reach);
      const width = Math.min(KEPT.widest, curve.parentElement!.clientWidth);
      if (width === 0) return;
      set(curve, { width });
      curve.replaceChildren(...drawKept(state, width));
      curve.setAttribute("aria-label", state.sayKept());
      words.textContent = state.sayTruncation();
    },
  };
}

/** The curve of what is kept, over how many steps gradients go back. */
function drawKept({ kept, steps, reach }: WeightState, width: number): SVGElement[] {
  const [bottom, right] = [KEPT.height - KEPT.bottom, width - KEPT.right];
  const finite = kept.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...finite), Math.max(1, ...finite)];
  const x = (r: number) => KEPT.left + ((right - KEPT.left) * (r - 1)) / Math.max(1, steps - 1);
  const y = (value: number) => bottom - ((bottom - KEPT.top) * (value - low)) / (high - low);
  const shown = kept.flatMap((value, k) => (Number.isFinite(value) ? [{ r: k + 1, value }] : []));
  const path = shown
    .map(({ r, value }, k) => `${k ? "L" : "M"}${x(r).toFixed(1)} ${y(value).toFixed(1)}`)
    .join("");
  const every = Math.max(1, Math.ceil((30 * steps) / (right - KEPT.left)));
  const children: SVGElement[] = [0, 0.5, 1].flatMap((value) => [
    s("line", { class: "rv-rule", x1: KEPT.left, x2: right, y1: y(value), y2: y(value) }),
    s("text", { x: KEPT.left - 6, y: y(value) + 4, "text-anchor": "end" }, `${100 * value} %`),
  ]);
  for (let r = 1; r <= steps; r++)
    if (r === steps || ((r - 1) % every === 0 && steps - r >= every))
      children.push(s("text", { x: x(r), y: bottom + 15, "text-anchor": "middle" }, String(r)));
  return [
    ...children,
    s(
      "text",
      { x: (KEPT.left + right) / 2, y: KEPT.height - 3, "text-anchor": "middle" },
      "steps back, and how much of the gradient is kept",
    ),
    s("path", { class: "rv-kept-line", d: path }),
    ...shown.map(({ r, value }) =>
      s("circle", { class: "rv-kept-dot", cx: x(r), cy: y(value), r: r === reach ? 6 : 2.5 }),
    ),
  ];
}
