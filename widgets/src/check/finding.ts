// A property with its mark, and the smallest input where it fails.
import { h } from "../lib/page/dom";
import { literal, rich } from "../lib/words/rich";
import type { Finding } from "./state";

const WORDS = { passed: "holds", failed: "fails", unwritten: "waits", unready: "waits" };
const MARKS = { passed: "✓", failed: "✗", unwritten: "·", unready: "·" };

/** A property with its mark, and, where it fails, the counterexample; `above` are the findings before it. */
export function drawFinding(finding: Finding, above: Finding[]): HTMLElement {
  const says = h("span", {});
  says.append(...rich(finding.says));
  const mark = h("span", { class: "rv-finding-mark", "aria-hidden": "true" }, MARKS[finding.state]);
  const item = h("li", { "data-state": finding.state }, mark);
  const body = h("div", {}, h("p", {}, says, h("span", { class: "rv-hidden" }, `: ${WORDS[finding.state]}`)));
  const known = above.some(({ sentence }) => sentence === finding.sentence);
  if (finding.state === "failed" && known) body.append(h("p", { class: "rv-note" }, "For the same reason."));
  else if (finding.state === "failed") body.append(...drawCounterexample(finding));
  else if (finding.sentence && !known) body.append(drawNote(finding.sentence));
  item.append(body);
  return item;
}

/** What is to be known of it though nothing failed: that not every case was tried, or what to do first. */
function drawNote(sentence: string): HTMLElement {
  const note = h("p", { class: "rv-note" });
  note.append(...literal(sentence));
  return note;
}

function drawCounterexample(finding: Finding): Node[] {
  const sentence = h("p", { class: "rv-sentence" });
  sentence.append(...literal(finding.sentence));
  const rows: [string, string][] = [...finding.inputs];
  const table = h("dl", { class: "rv-example" });
  const add = (name: string, value: string, kind: string) =>
    table.append(h("dt", {}, name), h("dd", { class: kind }, h("code", {}, breakRows(value))));
  for (const [name, value] of rows) add(name, value, "");
  if (finding.expected) add("expected", finding.expected, "rv-good");
  if (finding.got) add("got", finding.got, "rv-bad");
  if (finding.printed) add("printed", finding.printed.trimEnd(), "");
  const parts: Node[] = [sentence];
  if (rows.length > 0)
    parts.push(
      h(
        "p",
        { class: "rv-note" },
        finding.smallest ? "The smallest input found where it fails:" : "With this input:",
      ),
    );
  if (table.childElementCount > 0) parts.push(table);
  if (finding.advice) {
    const advice = h("p", { class: "rv-note" });
    advice.append(...rich(finding.advice));
    parts.push(advice);
  }
  return parts;
}

/** One row of a table a line. */
const breakRows = (value: string): string => value.replaceAll("], [", "],\n [");
