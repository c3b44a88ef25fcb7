// What a code check found: each property with its mark, the smallest counterexample, hints on request.
import { makeHints, nameExercise } from "../lib/controls/hints";
import { h } from "../lib/page/dom";
import { openShelf } from "../lib/page/progress";
import { defineWidget } from "../lib/page/widget";
import { rich } from "../lib/words/rich";
import { drawFinding } from "./finding";
import { type Finding, isWorthKeeping, summarise } from "./state";

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
    if (isWorthKeeping(findings, model.get("keep"), model.get("untouched")))
      shelf.keep({ passed, failed: findings.length - passed });
    headline.textContent = summarise(findings, model.get("mends"), model.get("untouched"));
    const wrong = !model.get("untouched") && findings.some(({ state }) => state === "failed");
    root.dataset.state = solved ? "right" : wrong ? "wrong" : "";
    list.replaceChildren(...findings.map((finding, place) => drawFinding(finding, findings.slice(0, place))));
    const next = solved && model.get("then");
    then.replaceChildren(...(next ? [h("b", {}, "Next: "), ...rich(next)] : []));
    hints.draw(solved);
  }
});
