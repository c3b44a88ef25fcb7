// A widget as a picture file. Styles are written into a copy, because a file has no style sheet.

const SCALE = 2;
/** What a picture needs of an element's style; all several hundred properties would make it megabytes large. */
const PROPERTIES = [
  ...[
    "align-items",
    "align-content",
    "background",
    "border",
    "border-radius",
    "box-sizing",
    "clip-path",
    "color",
  ],
  ...[
    "display",
    "fill",
    "fill-opacity",
    "flex",
    "flex-direction",
    "flex-wrap",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "font-variant-numeric",
    "gap",
    "grid-column",
  ],
  ...[
    "grid-template-columns",
    "height",
    "image-rendering",
    "justify-content",
    "left",
    "line-height",
    "margin",
  ],
  ...[
    "max-width",
    "min-width",
    "opacity",
    "order",
    "outline",
    "outline-offset",
    "overflow",
    "padding",
    "paint-order",
    "position",
  ],
  ...["stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-opacity", "stroke-width"],
  ...["text-align", "text-anchor", "top", "transform", "visibility", "white-space", "width"],
];
/** Controls say nothing in a picture, but for the chips, which are the legend of curves. */
const CONTROLS = ".rv-transport, .rv-controls, .rv-hidden, .rv-tip, .modebar, button:not(.rv-chip)";

/** The whole card as it stands, without its controls, at twice the screen's density. */
export async function pictureAsPng(root: HTMLElement): Promise<Blob> {
  const { width, height: whole } = root.getBoundingClientRect();
  const controls = root.querySelector<HTMLElement>(":scope > .rv-transport");
  const height = whole - (controls?.offsetHeight ?? 0);
  const copy = copyWithStyles(root);
  Object.assign(copy.style, { margin: "0", border: "0", height: "auto" });
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

/** A copied field shows what it began with, unless it is told what the reader has entered. */
function keepEntry(element: Element, copy: Element): void {
  if (element instanceof HTMLInputElement) {
    copy.setAttribute("value", element.value);
    copy.toggleAttribute("checked", element.checked);
  } else if (element instanceof HTMLOptionElement) copy.toggleAttribute("selected", element.selected);
  else if (element instanceof HTMLTextAreaElement) copy.textContent = element.value;
}

/** A copy that needs no style sheet, without controls. */
export function copyWithStyles<E extends Element>(original: E): E {
  const copy = original.cloneNode(true) as E;
  const [from, to] = [
    [original, ...original.querySelectorAll("*")],
    [copy, ...copy.querySelectorAll("*")],
  ];
  from.forEach((element, k) => {
    const style = getComputedStyle(element);
    to[k].setAttribute(
      "style",
      PROPERTIES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"),
    );
    keepEntry(element, to[k]);
    if (element instanceof HTMLCanvasElement) {
      // A copied canvas is empty.
      const image = document.createElement("img");
      image.src = element.toDataURL();
      image.setAttribute("style", to[k].getAttribute("style")!);
      to[k].replaceWith(image);
    }
  });
  for (const control of copy.querySelectorAll(CONTROLS)) control.remove();
  return copy;
}
