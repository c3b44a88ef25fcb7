// Texts of questions: plain words, a few inline tags, `code` between backticks, and MathML. Nothing else gets through.
import { h } from "../page/dom";

const INLINE = new Set(["B", "I", "EM", "STRONG", "CODE", "SUB", "SUP", "BR"]);
const MATHML = "http://www.w3.org/1998/Math/MathML";
const MATH = new Set(
  "math mi mn mo mrow msub msup msubsup mfrac msqrt mover munder mtext mspace mtable mtr mtd mpadded".split(
    " ",
  ),
);

/** Elements for a text that may hold inline tags; unknown tags are left out, their words kept. */
export function rich(text: string): Node[] {
  const parsed = new DOMParser().parseFromString(backticksToCode(text), "text/html");
  return [...parsed.body.childNodes].flatMap(copy);
}

/** Text that is taken literally but for `code` between backticks: an error's words, a student's own line. */
export const literal = (text: string): Node[] =>
  text
    .split(/`([^`]+)`/)
    .map((part, at) => (at % 2 === 1 ? h("code", {}, part) : document.createTextNode(part)));

/** The words alone, for names that assistive technology reads. */
export const plain = (text: string): string =>
  rich(text)
    .map((node) => node.textContent)
    .join("");

export function backticksToCode(text: string): string {
  return text.replace(/`([^`]+)`/g, (_, code: string) => `<code>${escapeHtml(code)}</code>`);
}

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function copy(node: Node): Node[] {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.textContent ?? "")];
  if (!(node instanceof Element)) return [];
  const children = [...node.childNodes].flatMap(copy);
  if (node.namespaceURI === MATHML && MATH.has(node.localName)) {
    const made = document.createElementNS(MATHML, node.localName);
    made.append(...children);
    return [made];
  }
  if (INLINE.has(node.tagName)) {
    const made = h(node.localName as "b");
    made.append(...children);
    return [made];
  }
  return node.tagName === "SCRIPT" || node.tagName === "STYLE" ? [] : children;
}
