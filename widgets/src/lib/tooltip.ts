// One tooltip per widget; it follows the pointer and stays on screen.
import { h } from "./dom";

export interface Tooltip {
  show(text: string, x: number, y: number): void;
  hide(): void;
}

export function makeTooltip(root: HTMLElement): Tooltip {
  const element = h("div", { class: "rv-tip", hidden: true, role: "presentation" });
  root.append(element);
  return {
    show(text, x, y) {
      element.hidden = false;
      if (element.textContent !== text) element.textContent = text;
      const { offsetWidth: width, offsetHeight: height } = element;
      element.style.left = `${Math.max(4, Math.min(x + 14, window.innerWidth - width - 4))}px`;
      element.style.top = `${y + 18 + height > window.innerHeight ? y - height - 10 : y + 18}px`;
    },
    hide() {
      element.hidden = true;
    },
  };
}
