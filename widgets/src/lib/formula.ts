// Equations in MathML, with names or with this step's numbers put in.
import { m } from "./dom";
import { formatNumber } from "./format";

type Part = Node | string;

const isNumber = (text: string) => /^[−-]?[\d.]/.test(text);
const isName = (text: string) => /^[A-Za-zσ∂]+$/.test(text);

/** Turns strings into <mn>, <mi> or <mo> as fits, and passes elements through. */
function parts(list: Part[]): Node[] {
  return list.map((part) => {
    if (part instanceof Node) return part;
    const tag = isNumber(part) ? "mn" : isName(part) ? "mi" : "mo";
    return m(tag, tag === "mi" && part.length > 1 ? { mathvariant: "normal" } : {}, part);
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
