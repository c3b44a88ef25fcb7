// A widget as a picture file. Styles are written into a copy, because a file has no style sheet.

const SCALE = 2;
/** What a picture needs of an element's style; all several hundred properties would make it megabytes large. */
const PROPERTIES = `
  align-items align-content background border border-collapse border-radius box-sizing clip-path color display fill
  fill-opacity fill-rule filter dominant-baseline
  flex flex-direction flex-wrap font-family font-size font-style font-weight font-variant-numeric gap grid-column
  grid-template-columns height image-rendering justify-content left line-height list-style margin max-width min-width
  opacity order outline outline-offset overflow padding paint-order position stroke stroke-dasharray stroke-dashoffset
  stroke-linecap stroke-linejoin stroke-opacity stroke-width text-align text-anchor top transform vertical-align
  visibility white-space width z-index`
  .trim()
  .split(/\s+/);
/** What says nothing in a picture: what moves and saves it, and buttons that only do something. */
const CONTROLS =
  ".rv-transport, .rv-save, .rv-hidden, .rv-tip, .rv-icon, .rv-act, .modebar-container, [hidden]";
/** In a bar of controls these go, too, unless what they are in says more; a legend there stays. */
const IN_BARS = "button, input, textarea, label, .rv-choice";
const SAYS_MORE = ".rv-in-picture";

/** The whole card as it stands, without its controls, at twice the screen's density. */
export async function pictureAsPng(root: HTMLElement): Promise<Blob> {
  const { width } = root.getBoundingClientRect();
  const copy = copyWithStyles(root);
  Object.assign(copy.style, { margin: "0", border: "0", height: "auto" });
  const height = measureHeight(copy);
  copy.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
  const drawn = new XMLSerializer().serializeToString(copy);
  const source =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<foreignObject width="100%" height="100%">${drawn}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * SCALE);
  canvas.height = Math.ceil(height * SCALE);
  const context = canvas.getContext("2d")!;
  context.fillStyle = getComputedStyle(root).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The picture is too large."))),
      "image/png",
    ),
  );
}

/** A drawing of vectors as a file of its own, which any drawing program opens. */
export function vectorsAsSvg(picture: SVGSVGElement): string {
  const copy = copyWithStyles(picture);
  const { width, height } = picture.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(Math.round(width)));
  copy.setAttribute("height", String(Math.round(height)));
  return new XMLSerializer().serializeToString(copy);
}

/** How high a copy is without what it leaves out. */
function measureHeight(copy: HTMLElement): number {
  const place = copy.style.cssText;
  Object.assign(copy.style, { position: "fixed", left: "-99999px", top: "0" });
  document.body.append(copy);
  const { height } = copy.getBoundingClientRect();
  copy.remove();
  copy.style.cssText = place;
  return height;
}

export function copyWithStyles<E extends Element>(original: E): E {
  const copy = original.cloneNode(true) as E;
  const [from, to] = [
    [original, ...original.querySelectorAll("*")],
    [copy, ...copy.querySelectorAll("*")],
  ];
  from.forEach((element, k) => {
    to[k].setAttribute("style", writeStyle(getComputedStyle(element)));
    copyInside(element, to[k]);
  });
  for (const control of copy.querySelectorAll(CONTROLS)) control.remove();
  for (const bar of copy.querySelectorAll(".rv-controls")) {
    for (const control of bar.querySelectorAll(IN_BARS)) if (!control.closest(SAYS_MORE)) control.remove();
    if (bar.childElementCount === 0) bar.remove();
  }
  return copy;
}

const writeStyle = (style: CSSStyleDeclaration): string =>
  PROPERTIES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");

/** What a clone of an element does not have: a canvas's picture, what stands in a field, what a style sheet adds. */
function copyInside(element: Element, copy: Element): void {
  // It goes with all that is hidden; what takes the place of a field would be seen.
  if (element.hasAttribute("hidden")) return;
  const style = copy.getAttribute("style")!;
  if (element instanceof HTMLCanvasElement) {
    const image = document.createElement("img");
    image.src = element.toDataURL();
    image.setAttribute("style", style);
    copy.replaceWith(image);
  } else if (element instanceof HTMLSelectElement) {
    const choice = document.createElement("span");
    choice.textContent = element.selectedOptions[0]?.textContent ?? "";
    choice.setAttribute("style", `${style};display:inline-flex;align-items:center`);
    choice.className = "rv-choice";
    copy.replaceWith(choice);
  } else if (element instanceof HTMLTextAreaElement) {
    copy.textContent = element.value;
  } else if (element instanceof HTMLInputElement) {
    copy.setAttribute("value", element.value);
    copy.toggleAttribute("checked", element.checked);
  } else if (element instanceof HTMLElement) {
    for (const side of ["before", "after"] as const) {
      const added = getComputedStyle(element, `::${side}`);
      const text = readContent(added.content, element);
      if (text === null || added.display === "none") continue;
      const stand = document.createElement("span");
      stand.textContent = text;
      stand.setAttribute("style", writeStyle(added));
      if (side === "before") copy.prepend(stand);
      else copy.append(stand);
    }
  }
}

/** The text of a style sheet's `content`, or null where nothing is added. */
function readContent(content: string, element: Element): string | null {
  if (!content || content === "none" || content === "normal") return null;
  const parts = [...content.matchAll(/"((?:[^"\\]|\\.)*)"|attr\(([\w-]+)\)/g)];
  return parts
    .map(([, text, name]) => (name ? (element.getAttribute(name) ?? "") : text.replaceAll(/\\(.)/g, "$1")))
    .join("");
}
