// What a code check found: each property with its mark, the smallest counterexample, hints on request.
import { h } from "../lib/page/dom";
import { openShelf } from "../lib/page/progress";
import { defineWidget } from "../lib/page/widget";
import { literal, rich } from "../lib/words/rich";

export interface Finding {
  says: string;
  state: "passed" | "failed" | "unwritten";
  sentence: string;
  advice: string;
  inputs: [string, string][];
  expected: string;
  got: string;
  printed: string;
  smallest: boolean;
}

/** The headline: how far the student is. */
export function summarise(findings: Finding[]): string {
  if (findings.length === 0) return "Call this check with your function, in the cell below.";
  if (findings.some((finding) => finding.state === "unwritten"))
    return "Not written yet. Replace the … in the cell, and run it again.";
  const passed = findings.filter((finding) => finding.state === "passed").length;
  if (passed === findings.length)
    return findings.length === 1 ? "It holds." : `All ${passed} properties hold.`;
  if (findings.length === 1) return "It does not hold yet.";
  return `${passed || "None"} of the ${findings.length} properties ${passed === 1 ? "holds" : "hold"}.`;
}

const WORDS = { passed: "holds", failed: "fails", unwritten: "waits" };
const MARKS = { passed: "✓", failed: "✗", unwritten: "·" };

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
  const hints = h("div", { class: "rv-hints" });
  const then = h("div", { class: "rv-answer", "data-state": "right", role: "status" });
  root.classList.add("rv-asks");
  // What it has found so far is the same of many: only with its name is it told from the others on a page.
  root.setAttribute("aria-labelledby", `${id}-name ${id}`);
  root.append(
    h(
      "p",
      { class: "rv-eyebrow", id: `${id}-name` },
      nameExercise(model.get("number"), model.get("name"), model.get("keep")),
    ),
    headline,
    list,
    hints,
    then,
  );
  let given = 0;

  paint();
  model.on("change:findings", paint);
  signal.addEventListener("abort", () => model.off("change:findings", paint));

  function paint() {
    const findings: Finding[] = model.get("findings");
    const passed = findings.filter((finding) => finding.state === "passed").length;
    const solved = findings.length > 0 && passed === findings.length;
    if (worthKeeping(findings)) shelf.keep({ passed, failed: findings.length - passed });
    headline.textContent = summarise(findings);
    root.dataset.state = solved ? "right" : findings.some(({ state }) => state === "failed") ? "wrong" : "";
    list.replaceChildren(...findings.map((finding, place) => drawFinding(finding, findings.slice(0, place))));
    const next = solved && model.get("then");
    then.replaceChildren(...(next ? [h("b", {}, "Next: "), ...rich(next)] : []));
    drawHints(solved);
  }

  /** A stub says nothing about the student, and the lesson's own solution even less. */
  function worthKeeping(findings: Finding[]): boolean {
    return model.get("keep") && findings.some(({ state }) => state !== "unwritten");
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
    item.append(body);
    return item;
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

  function drawHints(solved: boolean) {
    const all: string[] = model.get("hints");
    hints.hidden = solved || all.length === 0;
    hints.replaceChildren();
    if (hints.hidden) return;
    const told = h("ol", { role: "status" });
    for (const hint of all.slice(0, given)) {
      const item = h("li", {});
      item.append(...rich(hint));
      told.append(item);
    }
    hints.append(told);
    if (given < all.length) {
      const label = given === 0 ? "Give me a hint" : "Another hint";
      const more = h(
        "button",
        { type: "button", class: "rv-quiet" },
        `${label} (${all.length - given} left)`,
      );
      more.addEventListener("click", () => {
        given += 1;
        drawHints(solved);
        (hints.querySelector("button") ?? told).focus();
      });
      hints.append(more);
    } else {
      told.tabIndex = -1;
      hints.append(h("p", { class: "rv-note" }, "No more hints. A solution is folded up in the next cell."));
    }
  }
});

/** What the heading above calls it: its number; outside a lesson it has only its name. */
function nameExercise(number: number | undefined, name: string, own: boolean): string {
  if (number) return own ? `Exercise ${number}` : `A solution of exercise ${number}`;
  return `${own ? "Exercise" : "A solution"}: ${name}`;
}

/** One row of a table a line. */
const breakRows = (value: string): string => value.replaceAll("], [", "],\n [");
