// Hints of an exercise, one at a time, when the student asks.
import { h } from "../page/dom";
import { rich } from "../words/rich";

/** An element with the hints, and `draw(solved)`, which hides them once there is nothing left to ask. */
export function makeHints(all: string[]): { element: HTMLElement; draw(solved: boolean): void } {
  const element = h("div", { class: "rv-hints" });
  let given = 0;

  function draw(solved: boolean) {
    element.hidden = solved || all.length === 0;
    element.replaceChildren();
    if (element.hidden) return;
    const told = h("ol", { role: "status" });
    for (const hint of all.slice(0, given)) {
      const item = h("li", {});
      item.append(...rich(hint));
      told.append(item);
    }
    element.append(told);
    if (given < all.length) {
      const label = given === 0 ? "Give me a hint" : "Another hint";
      const more = h(
        "button",
        { type: "button", class: "rv-quiet" },
        `${label} (${all.length - given} left)`,
      );
      more.addEventListener("click", () => {
        given += 1;
        draw(solved);
        (element.querySelector("button") ?? told).focus();
      });
      element.append(more);
    } else {
      told.tabIndex = -1;
      element.append(
        h("p", { class: "rv-note" }, "No more hints. A solution is folded up in the next cell."),
      );
    }
  }

  return { element, draw };
}

/** What the heading above calls it: its number; outside a lesson it has only its name. */
export function nameExercise(number: number | undefined, name: string, own: boolean, kind = ""): string {
  if (!number) return `${own ? "Exercise" : "A solution"}: ${name}`;
  if (!own) return `A solution of exercise ${number}`;
  return kind ? `Exercise ${number}, ${kind}` : `Exercise ${number}`;
}
