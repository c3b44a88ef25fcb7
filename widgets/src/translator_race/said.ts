// What each translator makes of a few sentences, with the words that are not right struck out.

import { h } from "../lib/page/dom";
import { type Frame, markWords, type Scene } from "./state";

export function makeSaid(scene: Scene): { elements: HTMLElement[]; show(frame: Frame): void } {
  const said = scene.translators.map(() => scene.shown.map(() => h("span", { lang: "fr" })));
  const elements = scene.shown.map(([source, target], at) =>
    h(
      "dl",
      { class: "rv-race-said" },
      h("dt", { class: "rv-race-source" }, source),
      h("dd", { lang: "fr" }, target),
      ...scene.translators.flatMap((name, index) => [h("dt", {}, name), h("dd", {}, said[index][at])]),
    ),
  );
  function show(frame: Frame): void {
    for (const [index, name] of scene.translators.entries())
      for (const [at, [, target]] of scene.shown.entries()) {
        const pieces = markWords(frame[name].shown[at] ?? "", target);
        said[index][at].replaceChildren(
          ...pieces.flatMap(({ text, right }) => [
            right ? h("span", {}, text) : h("s", { title: "not the word that stands here" }, text),
            " ",
          ]),
        );
        if (!pieces.length) said[index][at].textContent = "(says nothing)";
      }
  }
  return { elements, show };
}
