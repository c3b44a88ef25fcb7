// What Python found out about its installation, and what only the page can know, in one table. A page saved without
// Python holds nothing of the former: it would be told of a machine that its reader does not sit at.
import { h } from "../lib/page/dom";
import { isSaved } from "../lib/page/kernel";
import { defineWidget } from "../lib/page/widget";

interface Finding {
  what: string;
  found: string;
  state: "good" | "note" | "bad" | "wait";
  advice: string;
}

const WORDS = { good: "✓ ok", note: "○ note", bad: "✗ to do", wait: "… soon" };

export default defineWidget("environment", ({ model, root }) => {
  const findings = [...(model.get("findings") as Finding[]), lookAtDrawing(), lookAtStorage()];
  const bad = findings.filter(({ state }) => state === "bad").length;
  const good = isSaved(model)
    ? "This page was saved without Python and needs none. Your browser has what it takes."
    : "Everything is there. You can start.";
  // What was shipped with the course says what will be looked at, and Python says what it finds.
  const waits = findings.some(({ state }) => state === "wait");
  const well = waits ? "Python is starting, and will say here what it finds." : good;
  const verdict =
    bad === 0 ? well : `${bad === 1 ? "One thing is" : `${bad} things are`} to be done first: see below.`;
  const line = ({ what, found, state, advice }: Finding) =>
    h(
      "tr",
      { "data-state": state },
      h("th", { scope: "row" }, what),
      h("td", {}, found),
      h("td", {}, h("b", {}, WORDS[state]), advice && ` ${advice}`),
    );
  const head = ["what", "found", "is it all right?"].map((word) => h("th", { scope: "col" }, word));
  root.append(
    h("p", { class: "rv-verdict", role: "status", "data-state": bad === 0 ? "good" : "bad" }, verdict),
    h(
      "table",
      { class: "rv-checklist" },
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...findings.map(line)),
    ),
  );
});

function lookAtDrawing(): Finding {
  const context = h("canvas").getContext("2d");
  return context
    ? { what: "drawing", found: "this browser draws", state: "good", advice: "" }
    : {
        what: "drawing",
        found: "no canvas",
        state: "bad",
        advice: "Open the page in a current Firefox, Chrome, Edge or Safari.",
      };
}

function lookAtStorage(): Finding {
  try {
    window.localStorage.setItem("rnnviz/probe", "1");
    window.localStorage.removeItem("rnnviz/probe");
    return { what: "your answers", found: "kept in this browser", state: "good", advice: "" };
  } catch {
    return {
      what: "your answers",
      found: "this browser keeps nothing",
      state: "note",
      advice:
        "Lessons work, but your answers are gone when you close the page. Leave the private window to keep them.",
    };
  }
}
