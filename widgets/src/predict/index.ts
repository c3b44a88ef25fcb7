// A prediction: nothing is revealed until the student has committed; then the truth stands beside the prediction.
import { type Choices, makeChoices } from "../lib/controls/choices";
import { recognise, shuffle } from "../lib/controls/order";
import { h } from "../lib/page/dom";
import { bringIntoSight } from "../lib/page/in_sight";
import { openShelf, pageStorage } from "../lib/page/progress";
import { defineWidget } from "../lib/page/widget";
import { CONFIDENCE, calibrate, compareNumbers, makeStrip, shortNumber } from "../lib/words/prediction";
import { rich } from "../lib/words/rich";

type Guess = string | number;

export default defineWidget("predict", async ({ model, host, root, signal }) => {
  // Every widget's script is a module of its own, so a counter would start afresh in each.
  const drawn = Math.random().toString(36).slice(2);
  const id = `rv-predict-${drawn}`;
  const isNumber = model.get("kind") === "number";
  const truth: Guess = model.get("truth");
  const unit: string = model.get("unit");
  const [lesson, name]: [string, string] = [model.get("lesson"), model.get("name")];
  const replies: string[] = model.get("answers");
  const told = (model.get("options") as string[]).map((text, place) => ({ text, reply: replies[place] }));
  // What goes from little to much is read in that order; all else in an order of the student's own.
  const dealt = model.get("ordered") ? told : shuffle(told, recognise(pageStorage()), lesson, name);
  const options = dealt.map(({ text }) => text);
  const shelf = openShelf<{ guess: Guess; confidence: string }>("predict", lesson, name);

  const question = h("p", { class: "rv-question", id });
  question.append(...rich(model.get("question")));
  const choices = isNumber ? null : makeChoices(options, id, paint, commit);
  const number = isNumber ? makeNumber() : null;
  const confidence = makeConfidence();
  const button = h(
    "button",
    { type: "button", class: "rv-primary", onclick: commit },
    "Commit to this prediction",
  );
  const again = h("button", { type: "button", class: "rv-quiet", onclick: startAgain }, "Predict again");
  const answer = h("div", { class: "rv-answer", role: "status", tabindex: -1 });
  const shown = h("div", { class: "rv-shown" });

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

  let committed: { guess: Guess; confidence: string } | null = null;
  shelf.watch(() => void showKept(), signal);
  await showKept();

  async function showKept() {
    committed = readKept();
    if (committed !== null) {
      choices?.choose(options.indexOf(String(committed.guess)));
      number?.set(Number(committed.guess));
      confidence.set(committed.confidence);
    }
    paint();
    await reveal();
  }

  function readKept() {
    const kept = shelf.read();
    if (kept === null) return null;
    const fits = isNumber ? Number.isFinite(kept.guess) : options.includes(String(kept.guess));
    return fits ? { guess: kept.guess, confidence: String(kept.confidence ?? "") } : null;
  }

  function guessed(): Guess | null {
    if (choices !== null) return options[choices.chosen()] ?? null;
    const value = number!.get();
    return Number.isFinite(value) ? value : null;
  }

  async function commit() {
    const guess = guessed();
    if (committed !== null || guess === null) return;
    committed = { guess, confidence: confidence.get() };
    shelf.keep(committed);
    paint();
    await reveal();
    answer.focus({ preventScroll: true });
    bringIntoSight(answer);
  }

  async function startAgain() {
    committed = null;
    shelf.forget();
    paint();
    await reveal();
    (choices ?? number)!.focus();
  }

  function paint() {
    const done = committed !== null;
    choices?.lock(done);
    number?.lock(done);
    confidence.lock(done);
    button.hidden = done;
    again.hidden = !done;
    button.disabled = guessed() === null;
    if (choices !== null) markChoices(choices, done);
  }

  function markChoices(list: Choices, done: boolean) {
    for (const [place, text] of options.entries()) {
      const mine = text === committed?.guess;
      if (!done) list.mark(place, "");
      else if (text === truth) list.mark(place, "right", mine ? "you, and the truth" : "the truth");
      else list.mark(place, mine ? "mine" : "other", mine ? "you" : "");
    }
  }

  async function reveal() {
    answer.replaceChildren();
    shown.replaceChildren();
    if (committed === null) return;
    const { guess } = committed;
    const right = isNumber
      ? Math.abs(Number(guess) - Number(truth)) <= model.get("tolerance") * Math.abs(Number(truth))
      : guess === truth;
    answer.dataset.state = right ? "right" : "wrong";
    const verdict = isNumber
      ? compareNumbers(Number(guess), Number(truth), model.get("tolerance"))
      : right
        ? "You saw it coming."
        : "It comes out differently.";
    if (isNumber) answer.append(drawStrip(Number(guess), Number(truth)));
    answer.append(h("p", {}, h("b", {}, verdict), " ", calibrate(right, committed.confidence)));
    // First an answer to what the student thought, then what is true.
    const reply = right || isNumber ? "" : dealt.find(({ text }) => text === guess)?.reply;
    if (reply) answer.append(h("p", {}, ...rich(reply)));
    const words = h("p", {});
    words.append(...rich(model.get("reveal")));
    answer.append(words);
    const reference = model.get("show");
    if (reference) {
      const child = await host.getWidget(reference);
      await child.render({ el: shown, signal });
    }
  }

  function drawStrip(guess: number, real: number): HTMLElement {
    const { start, end, place } = makeStrip(guess, real, model.get("low"), model.get("high"));
    const mark = (value: number, who: string, words: string) => {
      const at = place(value);
      const side = at > 0.7 ? "left" : at < 0.3 ? "right" : "middle";
      const label = h("span", {}, `${words} ${withUnit(value)}`);
      return h(
        "div",
        { class: `rv-strip-mark rv-strip-${who}`, "data-side": side, style: `left:${at * 100}%` },
        label,
      );
    };
    return h(
      "div",
      {
        class: "rv-strip",
        role: "img",
        "aria-label": `You said ${withUnit(guess)}; it is ${withUnit(real)}.`,
      },
      mark(guess, "mine", "you"),
      h("div", { class: "rv-strip-line" }),
      mark(real, "truth", "truth"),
      h("span", { class: "rv-strip-end" }, shortNumber(start)),
      h("span", { class: "rv-strip-end" }, shortNumber(end)),
    );
  }

  function withUnit(value: number): string {
    return unit ? `${shortNumber(value)} ${unit}` : shortNumber(value);
  }

  function makeNumber() {
    const low: number | null = model.get("low");
    const high: number | null = model.get("high");
    const slides = low !== null && high !== null;
    const output = h("output", {});
    let touched = false;
    const input = slides
      ? h("input", {
          type: "range",
          min: low,
          max: high,
          step: nice((high - low) / 100),
          "aria-labelledby": id,
        })
      : h("input", { type: "number", step: "any", "aria-labelledby": id, inputmode: "decimal" });
    // A slider has to stand somewhere: in the middle and pale, until it has been touched.
    if (slides) input.value = String((low + high) / 2);
    const show = () => {
      if (slides) output.textContent = touched ? withUnit(Number(input.value)) : "move the slider";
      else output.textContent = unit;
      input.classList.toggle("rv-unset", slides && !touched);
    };
    const touch = () => {
      touched = true;
      show();
      paint();
    };
    input.addEventListener("input", touch);
    // Whoever means the middle presses it, and moves nothing.
    if (slides) input.addEventListener("pointerdown", touch);
    input.addEventListener("keydown", (event) => {
      if (slides && event.key === " ") touch();
      if (event.key === "Enter") void commit();
    });
    show();
    return {
      element: slides
        ? h(
            "div",
            { class: "rv-field rv-number rv-slides" },
            h("span", { class: "rv-slide-end" }, shortNumber(low)),
            input,
            h("span", { class: "rv-slide-end" }, withUnit(high)),
            output,
          )
        : h("label", { class: "rv-field rv-number" }, input, output),
      get: () => (touched && input.value !== "" ? Number(input.value) : Number.NaN),
      set(value: number) {
        touched = true;
        input.value = String(value);
        show();
      },
      lock(locked: boolean) {
        input.disabled = locked;
      },
      focus: () => input.focus(),
    };
  }

  function makeConfidence() {
    const group = `rv-sure-${drawn}`;
    const inputs = CONFIDENCE.map((words) => h("input", { type: "radio", name: group, value: words }));
    const labels = CONFIDENCE.map((words, place) => h("label", {}, inputs[place], h("span", {}, words)));
    const caption = h("span", { class: "rv-note", id: group }, "How sure are you?");
    return {
      element: h(
        "div",
        { class: "rv-sure", role: "radiogroup", "aria-labelledby": group },
        caption,
        ...labels,
      ),
      get: () => inputs.find((input) => input.checked)?.value ?? "",
      set(words: string) {
        for (const input of inputs) input.checked = input.value === words;
      },
      lock(locked: boolean) {
        for (const input of inputs) input.disabled = locked;
      },
    };
  }
});

/** A step that reads well: 1, 2 or 5 times a power of ten. */
function nice(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const lead = step / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}
