// One bar a class; the longest says its name loudest.
import { h } from "../lib/page/dom";
import { favourite, percent } from "./reader";

export interface Bars {
  element: HTMLElement;
  show(opinion: Float64Array): void;
}

export function makeBars(classes: number): Bars {
  const bars = Array.from({ length: classes }, (_, k) => {
    const [bar, share] = [h("i"), h("span")];
    const line = h(
      "div",
      { class: "rv-digit-bar", "aria-hidden": "true" },
      h("span", {}, k),
      h("div", { class: "rv-digit-track" }, bar),
      share,
    );
    return { line, bar, share };
  });
  const element = h("div", { class: "rv-digit-bars", role: "img" }, ...bars.map(({ line }) => line));
  return {
    element,
    show(opinion) {
      const best = favourite(opinion);
      bars.forEach(({ line, bar, share }, k) => {
        const value = Number.isFinite(opinion[k]) ? opinion[k] : 0;
        bar.style.transform = `scaleX(${value})`;
        share.textContent = percent(value);
        line.classList.toggle("rv-best", k === best);
      });
      const order = Array.from(opinion.keys()).sort((a, b) => opinion[b] - opinion[a]);
      const list = order.slice(0, 3).map((k) => `${k} with ${percent(opinion[k])}`);
      element.setAttribute("aria-label", `Probabilities, the largest first: ${list.join(", ")}.`);
    },
  };
}
