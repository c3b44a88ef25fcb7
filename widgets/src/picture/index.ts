// A still picture: its shapes come as SVG, its colours from the page, so that it is right in light and dark.
import { h, set } from "../lib/page/dom";
import { defineWidget } from "../lib/page/widget";
import { rich } from "../lib/words/rich";

export default defineWidget("picture", ({ model, root }) => {
  const drawing = new DOMParser().parseFromString(model.get("svg"), "image/svg+xml").documentElement;
  const [, , width] = (drawing.getAttribute("viewBox") ?? "0 0 400 300").split(" ").map(Number);
  // What is read out is the label; a <title> of its own would also pop up under every mouse.
  for (const words of drawing.querySelectorAll("title, desc")) words.remove();
  set(drawing, { role: "img", "aria-label": `${model.get("title")}. ${model.get("description")}` });
  drawing.style.maxWidth = `${width}px`;
  const caption = h("figcaption", { class: "rv-caption" });
  caption.append(...rich(model.get("caption")));
  caption.hidden = !model.get("caption");
  root.append(h("figure", {}, document.importNode(drawing, true), caption));
});
