// A prediction: nothing is revealed until the student has committed; then the truth stands beside the prediction.
import { makeChoices } from "../lib/controls/choices";
import { recognise } from "../lib/controls/order";
import { h } from "../lib/page/dom";
import { bringIntoSight } from "../lib/page/in_sight";
import { openShelf, pageStorage } from "../lib/page/progress";
import { defineWidget } from "../lib/page/widget";
import { rich } from "../lib/words/rich";
import { makeConfidence } from "./confidence";
import { makeNumberGuess } from "./number_guess";
import { type Committed, type Guess, PredictState } from "./state";
import { drawStrip } from "./strip";

export default defineWidget("predict", async ({ model, host, root, signal }) => {
  // Every widget's script is a module of its own, so a counter would start afresh in each.
  const drawn = Math.random().toString(36).slice(2);
  const id = `rv-predict-${drawn}`;
  const state = new PredictState(model, recognise(pageStorage()));
  const shelf = openShelf<Committed>("predict", state.lesson, state.name);
  const question = h("p", { class: "rv-question", id });
  question.append(...rich(model.get("question")));
  const choices = state.isNumber ? null : makeChoices(state.options, id, paint, commit);
  const number = state.isNumber ? makeNumberGuess(state, question, () => paint(), commit) : null;
  const confidence = makeConfidence(`rv-sure-${drawn}`);
  const button = h("button", { type: "button", class: "rv-primary" }, "Commit to this prediction");
  const again = h("button", { type: "button", class: "rv-quiet" }, "Predict again");
  const answer = h("div", { class: "rv-answer", role: "status", tabindex: -1 });
  const shown = h("div", { class: "rv-shown" });
  button.addEventListener("click", commit);
  again.addEventListener("click", startAgain);
  root.classList.add("rv-asks");
  root.setAttribute("aria-labelledby", id);
  root.append(
    h("p", { class: "rv-eyebrow" }, "Your prediction"),
    question,
    choices?.element ?? number!.element,
    confidence.element,
    h("div", { class: "rv-controls" }, button, again),
    answer,
    shown,
  );

  shelf.watch(() => void showKept(), signal);
  await showKept();

  async function showKept(): Promise<void> {
    state.recall(shelf.read());
    if (state.committed !== null) {
      const { guess, confidence: sure } = state.committed;
      choices?.choose(state.options.indexOf(String(guess)));
      number?.set(Number(guess));
      confidence.set(sure);
    }
    paint();
    await reveal();
  }

  function guessed(): Guess | null {
    if (choices !== null) return state.options[choices.chosen()] ?? null;
    const value = number!.get();
    return Number.isFinite(value) ? value : null;
  }

  async function commit(): Promise<void> {
    const guess = guessed();
    if (state.committed !== null || guess === null) return;
    state.committed = { guess, confidence: confidence.get() };
    shelf.keep(state.committed);
    paint();
    await reveal();
    answer.focus({ preventScroll: true });
    bringIntoSight(answer);
  }

  async function startAgain(): Promise<void> {
    state.committed = null;
    shelf.forget();
    paint();
    await reveal();
    (choices ?? number)!.focus();
  }

  function paint(): void {
    const done = state.committed !== null;
    choices?.lock(done);
    number?.lock(done);
    confidence.lock(done);
    button.hidden = done;
    again.hidden = !done;
    button.disabled = guessed() === null;
    for (const [place, option] of state.options.entries()) choices?.mark(place, ...state.markOf(option));
  }

  async function reveal(): Promise<void> {
    answer.replaceChildren();
    shown.replaceChildren();
    const told = state.tell();
    if (told === null) return;
    answer.dataset.state = state.isRight ? "right" : "wrong";
    if (state.isNumber) answer.append(drawStrip(state, Number(state.committed!.guess), Number(state.truth)));
    answer.append(h("p", {}, h("b", {}, told.verdict), " ", told.calibration));
    // First an answer to what the student thought, then what is true.
    if (told.reply) answer.append(h("p", {}, ...rich(told.reply)));
    answer.append(h("p", {}, ...rich(model.get("reveal"))));
    const reference = model.get("show");
    if (!reference) return;
    const child = await host.getWidget(reference);
    await child.render({ el: shown, signal });
  }
});
