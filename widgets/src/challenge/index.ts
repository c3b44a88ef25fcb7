// An open challenge: the goal, what came of an attempt, the best score so far, hints on request.
import { makeHints, nameExercise } from "../lib/controls/hints";
import { h } from "../lib/page/dom";
import { openShelf } from "../lib/page/progress";
import { defineWidget } from "../lib/page/widget";
import { literal, rich } from "../lib/words/rich";
import { buildLadder, isBetter, pickBest, writeScore } from "./state";

const HEADLINES: Record<string, string> = {
  measuring: "Measuring your attempt …",
  reached: "You have reached the goal.",
  short: "Not there yet.",
  failed: "This attempt could not be measured to its end.",
  unready: "Run the cells above first.",
  unwritten: "Not written yet. Replace the … in the cell, and run it again.",
};

export default defineWidget("challenge", ({ model, root, signal }) => {
  const id = `rv-challenge-${Math.random().toString(36).slice(2)}`;
  const shelf = openShelf<{ best: number; reached: boolean }>(
    "challenge",
    model.get("lesson"),
    model.get("name"),
  );
  const aim = { goal: model.get("goal"), lower: model.get("lower"), marks: model.get("marks") };
  const headline = h("p", { class: "rv-question", id });
  const goal = h("p", { class: "rv-note" });
  const said = h("div", { role: "status" });
  const time = h("progress", { max: model.get("seconds"), "aria-label": "Time used" });
  const clock = h("p", { class: "rv-note" });
  const ladder = h("ol", { class: "rv-ladder", "aria-label": "Scores, the best first" });
  const hints = makeHints(model.get("hints"));
  const then = h("div", { class: "rv-answer", "data-state": "right", role: "status" });
  const title = nameExercise(model.get("number"), model.get("name"), model.get("keep"), "an open challenge");
  root.classList.add("rv-asks");
  root.setAttribute("aria-labelledby", `${id}-name ${id}`);
  root.append(
    h("p", { class: "rv-eyebrow", id: `${id}-name` }, title),
    headline,
    goal,
    time,
    clock,
    said,
    ladder,
    hints.element,
    then,
  );
  const drawnAt = performance.now();
  let ticking = 0;

  paint();
  model.on("change", paint);
  signal.addEventListener("abort", () => {
    model.off("change", paint);
    clearInterval(ticking);
  });

  function paint() {
    const state: string = model.get("state");
    const score: number | null = model.get("score");
    const finished = state === "reached" || state === "short";
    const own = model.get("keep") && finished ? score : null;
    const kept = shelf.read();
    const best = model.get("keep") ? pickBest(kept?.best, own, aim.lower) : null;
    if (own !== null && (!kept || kept.best === undefined || isBetter(own, kept.best, aim.lower)))
      shelf.keep({ best: own, reached: state === "reached" });
    headline.textContent =
      HEADLINES[state] ?? "Call this challenge with what you have written, in the cell below.";
    goal.textContent = `The goal: ${aim.lower ? "at most" : "at least"} ${writeScore(aim.goal)} ${model.get("measures")}, within ${writeScore(model.get("seconds"))} seconds.`;
    root.dataset.state = state === "reached" ? "right" : state === "failed" ? "wrong" : "";
    paintClock(state === "measuring");
    said.replaceChildren(...(state === "measuring" ? [] : tell(state)));
    const rungs = buildLadder(aim, score, best);
    ladder.hidden = state === "unwritten" || state === "unready" || rungs.length < 2;
    ladder.replaceChildren(
      ...rungs.map((rung) => {
        const bar = h("span", { class: "rv-ladder-bar", "aria-hidden": "true" });
        bar.style.setProperty("--rv-length", String(rung.length));
        return h(
          "li",
          { "data-kind": rung.kind },
          h("span", { class: "rv-ladder-name" }, rung.name),
          bar,
          h("b", {}, writeScore(rung.score)),
        );
      }),
    );
    const next = state === "reached" && model.get("then");
    then.replaceChildren(...(next ? [h("b", {}, "Next: "), ...rich(next)] : []));
    hints.draw(state === "reached" || state === "measuring");
  }

  function tell(state: string): Node[] {
    const parts: Node[] = [];
    const add = (text: string, look: string) => {
      const line = h("p", { class: look });
      line.append(...literal(text));
      parts.push(line);
    };
    if (model.get("sentence")) add(model.get("sentence"), state === "failed" ? "rv-sentence" : "");
    for (const note of model.get("notes") as string[]) add(note, "rv-note");
    const printed: string = model.get("printed");
    if (printed)
      parts.push(
        h(
          "dl",
          { class: "rv-example" },
          h("dt", {}, "printed"),
          h("dd", {}, h("code", {}, printed.trimEnd())),
        ),
      );
    return parts;
  }

  function paintClock(measuring: boolean) {
    time.hidden = clock.hidden = !measuring;
    if (!measuring) {
      clearInterval(ticking);
      ticking = 0;
      return;
    }
    ticking ||= window.setInterval(tick, 250);
    tick();
  }

  /** Python reports while it measures; between two reports the page counts on by itself. */
  function tick() {
    const limit: number = model.get("seconds");
    const used = Math.min(limit, Math.max(model.get("elapsed"), (performance.now() - drawnAt) / 1000));
    time.value = used;
    const done: number | null = model.get("done");
    const part = done === null ? "" : `; ${Math.round(100 * done)} % of the measuring is done`;
    const words = `${used.toFixed(0)} of ${limit} seconds${part}. ${(model.get("notes") as string[]).join(" ")}`;
    if (clock.textContent !== words) clock.textContent = words;
  }
});
