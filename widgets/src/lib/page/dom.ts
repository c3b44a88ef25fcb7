// Builds HTML, SVG and MathML elements in one line each.

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | EventListener>;

const NAMESPACES = {
  html: "http://www.w3.org/1999/xhtml",
  svg: "http://www.w3.org/2000/svg",
  math: "http://www.w3.org/1998/Math/MathML",
};

function build(namespace: string, tag: string, attributes: Attributes, children: Child[]): Element {
  const element = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** An HTML element: `h("button", { onclick: play }, "Play")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return build(NAMESPACES.html, tag, attributes, children) as HTMLElementTagNameMap[K];
}

/** An SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return build(NAMESPACES.svg, tag, attributes, children) as SVGElementTagNameMap[K];
}

/** A MathML element: `m("msub", {}, m("mi", {}, "h"), m("mi", {}, "t"))`. */
export function m(tag: string, attributes: Attributes = {}, ...children: Child[]): MathMLElement {
  return build(NAMESPACES.math, tag, attributes, children) as MathMLElement;
}

/** Sets attributes on an element that already stands. */
export function set(element: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
