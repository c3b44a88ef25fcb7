// What a code check found: each property with its mark, the smallest counterexample, hints on request.
import { makeHints, nameExercise } from "../lib/controls/hints";
import { h } from "../lib/page/dom";
import { openShelf } from "../lib/page/progress";
import { defineWidget } from "../lib/page/widget";
import { literal, rich } from "../lib/words/rich";

export interface Finding {
  says: string;
  state: "passed" | "failed" | "unwritten" | "unready";
  sentence: string;
  advice: string;
  inputs: [string, string][];
  expected: string;
  got: string;
  printed: string;
  smallest: boolean;
}

/** The headline: how far the student is. */
export function summarise(findings: Finding[], mends = false, untouched = false): string {
  if (findings.length === 0) return "Call this check with your function, in the cell below.";
  if (findings.some((finding) => finding.state === "unwritten"))
    return "Not written yet. Replace the … in the cell, and run it again.";
  if (findings.some((finding) => finding.state === "unready")) return "Run the cells above first.";
  const passed = findings.filter((finding) => finding.state === "passed").length;
  if (untouched) return "Broken on purpose, and still as you found it. This is what goes wrong:";
  if (passed === findings.length && mends) return "Mended: everything holds.";
  if (passed === findings.length)
    return findings.length === 1 ? "It holds." : `All ${passed} properties hold.`;
  if (findings.length === 1) return "It does not hold yet.";
  return `${passed || "None"} of the ${findings.length} properties ${passed === 1 ? "holds" : "hold"}.`;
}

const WORDS = { passed: "holds", failed: "fails", unwritten: "waits", unready: "waits" };
const MARKS = { passed: "✓", failed: "✗", unwritten: "·", unready: "·" };

export default defineWidget("check", ({ model, root, signal }) => {
  // Every widget's script is a module of its own, so a counter would start afresh in each.
  const drawn = Math.random().toString(36).slice(2);
  const id = `rv-check-${drawn}`;
  const shelf = openShelf<{ passed: number; failed: number }>(
    "check",
    model.get("lesson"),
    model.get("name"),
  );
  const headline = h("p", { class: "rv-question", id });
  const list = h("ul", { class: "rv-findings" });
  const hints = makeHints(model.get("hints"));
  const then = h("div", { class: "rv-answer", "data-state": "right", role: "status" });
  root.classList.add("rv-asks");
  // What it has found so far is the same of many: only with its name is it told from the others on a page.
  root.setAttribute("aria-labelledby", `${id}-name ${id}`);
  root.append(
    h(
      "p",
      { class: "rv-eyebrow", id: `${id}-name` },
      nameExercise(
        model.get("number"),
        model.get("name"),
        model.get("keep"),
        model.get("mends") ? "broken on purpose" : "",
      ),
    ),
    headline,
    list,
    hints.element,
    then,
  );

  paint();
  model.on("change:findings", paint);
  signal.addEventListener("abort", () => model.off("change:findings", paint));

  function paint() {
    const findings: Finding[] = model.get("findings");
    const passed = findings.filter((finding) => finding.state === "passed").length;
    const solved = findings.length > 0 && passed === findings.length;
    if (worthKeeping(findings)) shelf.keep({ passed, failed: findings.length - passed });
    headline.textContent = summarise(findings, model.get("mends"), model.get("untouched"));
    const wrong = !model.get("untouched") && findings.some(({ state }) => state === "failed");
    root.dataset.state = solved ? "right" : wrong ? "wrong" : "";
    list.replaceChildren(...findings.map((finding, place) => drawFinding(finding, findings.slice(0, place))));
    const next = solved && model.get("then");
    then.replaceChildren(...(next ? [h("b", {}, "Next: "), ...rich(next)] : []));
    hints.draw(solved);
  }

  /** A stub says nothing about the student, whole or broken, and the lesson's own solution even less. */
  function worthKeeping(findings: Finding[]): boolean {
    return (
      model.get("keep") &&
      !model.get("untouched") &&
      findings.some(({ state }) => state === "passed" || state === "failed")
    );
  }

  function drawFinding(finding: Finding, above: Finding[]): HTMLElement {
    const says = h("span", {});
    says.append(...rich(finding.says));
    const mark = h("span", { class: "rv-finding-mark", "aria-hidden": "true" }, MARKS[finding.state]);
    const item = h("li", { "data-state": finding.state }, mark);
    const body = h(
      "div",
      {},
      h("p", {}, says, h("span", { class: "rv-hidden" }, `: ${WORDS[finding.state]}`)),
    );
    const known = above.some(({ sentence }) => sentence === finding.sentence);
    if (finding.state === "failed" && known)
      body.append(h("p", { class: "rv-note" }, "For the same reason."));
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
});

/** One row of a table a line. */
const breakRows = (value: string): string => value.replaceAll("], [", "],\n [");
