// One tooltip per widget; it follows the pointer and stays inside the card and on screen.
import { h } from "../page/dom";

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
      // The card is a container, hence what the tip is placed against; it stays inside the card's width.
      const card = root.getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = element;
      const left = Math.max(4, Math.min(x - card.left + 14, card.width - width - 4));
      const below = y + 18 + height <= window.innerHeight;
      element.style.left = `${left}px`;
      element.style.top = `${y - card.top + (below ? 18 : -height - 10)}px`;
    },
    hide() {
      element.hidden = true;
    },
  };
}
