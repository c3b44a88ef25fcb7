// Equations in MathML, with names or with this step's numbers put in.
import { m } from "../page/dom";
import { formatNumber } from "./format";

type Part = Node | string;

const isNumber = (text: string) => /^[−-]?[\d.]/.test(text);
const isName = (text: string) => /^[A-Za-zσ∂]+$/.test(text);

/** Turns strings into <mn>, <mi> or <mo> as fits, and passes elements through. */
function parts(list: Part[]): Node[] {
  return list.map((part) => {
    if (part instanceof Node) return part;
    const tag = isNumber(part) ? "mn" : isName(part) ? "mi" : "mo";
    // Brackets as tall as a line: nothing here is taller, and stretched ones come out twice as high in some fonts.
    const looks =
      tag === "mi" && part.length > 1 ? { mathvariant: "normal" } : tag === "mo" ? { stretchy: "false" } : {};
    return m(tag, looks, part);
  });
}

export const row = (...list: Part[]): MathMLElement => m("mrow", {}, ...parts(list));

/** A symbol in the legend's colour. */
export function symbol(name: string, property: string, sub?: string, bold = false): MathMLElement {
  const style = `color: var(${property})`;
  const letter = m("mi", { style, mathvariant: bold ? "bold" : "italic" }, name);
  return sub === undefined ? letter : m("msub", { style }, letter, m("mrow", {}, ...parts(tokens(sub))));
}

const tokens = (text: string): string[] => text.match(/[A-Za-z]+|\d+|[^\sA-Za-z\d]/g) ?? [];

export const value = (x: number, decimals = 3): MathMLElement =>
  // A negative number inside a product or a sum wears brackets.
  x < 0 ? row("(", formatNumber(x, decimals), ")") : row(formatNumber(x, decimals));

/** A word inside an equation. */
export const text = (words: string): MathMLElement => m("mtext", {}, words);

export function equation(...lines: MathMLElement[]): MathMLElement {
  const table = m("mtable", { columnalign: "left", rowspacing: "0.45em" });
  for (const line of lines) table.append(m("mtr", {}, m("mtd", {}, line)));
  return m("math", { display: "block" }, table);
}

/** Puts an equation into an element; lines that differ from the last ones only in their numbers are kept. */
export function showEquation(holder: Element, next: MathMLElement): void {
  const lines = (of: Element | null) => [...(of?.querySelector("mtable")?.children ?? [])];
  const [olds, news] = [lines(holder), lines(next)];
  if (olds.length === 0 || olds.length !== news.length) holder.replaceChildren(next);
  else for (const [k, line] of olds.entries()) if (!renumber(line, news[k])) line.replaceWith(news[k]);
}

/** Writes the texts of one tree into another of the same form; false where the forms differ. */
function renumber(into: Element, from: Element): boolean {
  const [olds, news] = [into, from].map((tree) => [tree, ...tree.querySelectorAll("*")]);
  const alike = (one: Element, other: Element | undefined) =>
    other !== undefined &&
    one.tagName === other.tagName &&
    one.childElementCount === other.childElementCount &&
    one.getAttribute("style") === other.getAttribute("style") &&
    one.getAttribute("mathvariant") === other.getAttribute("mathvariant");
  if (olds.length !== news.length || !olds.every((one, k) => alike(one, news[k]))) return false;
  for (const [k, one] of olds.entries())
    if (one.childElementCount === 0 && one.textContent !== news[k].textContent)
      one.textContent = news[k].textContent;
  return true;
}
