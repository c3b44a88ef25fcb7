// A question with options: the student commits, reads what stands behind the chosen one, and may try again.
import { makeChoices } from "../lib/controls/choices";
import { recognise, shuffle } from "../lib/controls/order";
import { h } from "../lib/page/dom";
import { bringIntoSight } from "../lib/page/in_sight";
import { openShelf, pageStorage } from "../lib/page/progress";
import { defineWidget } from "../lib/page/widget";
import { rich } from "../lib/words/rich";
import { commit, type Option, restore, retry, START, verdict } from "./state";

export default defineWidget("quiz", ({ model, root, signal }) => {
  // Every widget's script is a module of its own, so a counter would start afresh in each.
  const drawn = Math.random().toString(36).slice(2);
  const id = `rv-quiz-${drawn}`;
  const [lesson, name]: [string, string] = [model.get("lesson"), model.get("name")];
  const options: Option[] = shuffle(model.get("options"), recognise(pageStorage()), lesson, name);
  const shelf = openShelf<{ tried: string[]; right: boolean }>("quiz", lesson, name);
  let state = restore(shelf.read()?.tried, options);

  const question = h("p", { class: "rv-question", id });
  question.append(...rich(model.get("question")));
  const choices = makeChoices(
    options.map((option) => option.text),
    id,
    paint,
    act,
  );
  const button = h("button", { type: "button", class: "rv-primary", onclick: act });
  const again = h("button", { type: "button", class: "rv-quiet", onclick: startAgain }, "Answer again");
  const answer = h("div", { class: "rv-answer", role: "status", tabindex: -1 });

  root.classList.add("rv-asks");
  root.setAttribute("aria-labelledby", id);
  root.append(
    h("p", { class: "rv-eyebrow" }, "Question"),
    question,
    choices.element,
    h("div", { class: "rv-controls" }, button, again),
    answer,
  );

  showState();
  shelf.watch(() => {
    state = restore(shelf.read()?.tried, options);
    showState();
  }, signal);

  function showState() {
    for (const input of choices.element.querySelectorAll("input")) input.checked = false;
    if (state.stage !== "asking") choices.choose(state.tried[state.tried.length - 1]);
    paint();
    tell();
  }

  function act() {
    if (state.stage === "answered") {
      state = retry(state);
      paint();
      tell();
      choices.focus();
      return;
    }
    const next = commit(state, choices.chosen(), options);
    if (next === state) return;
    state = next;
    shelf.keep({ tried: state.tried.map((place) => options[place].text), right: state.stage === "solved" });
    paint();
    tell();
    if (state.stage === "solved") answer.focus({ preventScroll: true });
    else button.focus({ preventScroll: true });
    bringIntoSight(answer);
  }

  function startAgain() {
    state = START;
    shelf.forget();
    showState();
    choices.focus();
  }

  function paint() {
    const { stage, tried } = state;
    choices.lock(stage !== "asking");
    for (const [place, option] of options.entries()) {
      const wasTried = tried.includes(place);
      if (!wasTried) choices.mark(place, "");
      else choices.mark(place, option.right ? "right" : "wrong", option.right ? "right" : "not this one");
    }
    const chosen = choices.chosen();
    button.hidden = stage === "solved";
    again.hidden = stage !== "solved";
    button.textContent = stage === "answered" ? "Try again" : "Commit to this answer";
    button.disabled = stage === "asking" && (chosen < 0 || tried.includes(chosen));
  }

  function tell() {
    answer.replaceChildren();
    answer.dataset.state = state.stage === "solved" ? "right" : "wrong";
    if (state.stage === "asking") return;
    const option = options[state.tried[state.tried.length - 1]];
    answer.append(h("p", {}, h("b", {}, verdict(state))));
    if (option.misconception) {
      const idea = h("p", { class: "rv-idea" }, "The mistaken idea: ");
      idea.append(...rich(option.misconception.replace(/\.?$/, ".")));
      answer.append(idea);
    }
    const words = h("p", {});
    words.append(...rich(option.answer));
    answer.append(words);
    if (state.stage === "solved") answer.append(...tellOthers());
  }

  /** Once solved, the other options' answers are worth reading too. */
  function tellOthers(): Node[] {
    const others = options.filter((option) => !option.right);
    const list = h("ul", {});
    for (const option of others) {
      const item = h("li", {});
      item.append(h("b", {}, ...rich(option.text), ":"), " ", ...rich(option.answer));
      list.append(item);
    }
    return [h("details", {}, h("summary", {}, "Why not the others?"), list)];
  }
});
