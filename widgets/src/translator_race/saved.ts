// What a reader takes along: the curves as a table, and the code that runs the race again.

import { quote } from "../lib/words/takeaway";
import { type Frame, pointsOf, type Scene } from "./state";

export function tabulate(scene: Scene, frame: Frame): string {
  const rows = ["translator,updates,share without a fault"];
  for (const name of scene.translators)
    for (const [at, one] of pointsOf(scene, frame[name])) rows.push([quote(name), at, one].join(","));
  return `${rows.join("\n")}\n`;
}

export function writeCode(scene: Scene, share: number): string {
  return [
    "from rnnviz.data import made_up_pairs",
    "from rnnviz.models import TranslatorRace",
    "",
    "pairs = made_up_pairs()",
    "learn, test = pairs.split(0.9, seed=0)",
    `race = TranslatorRace(learn, test, pairs.vocabularies(), updates=${scene.updates}, teacher_forcing=${share})`,
    `for _ in range(${scene.updates}):`,
    "    race.step()",
    "for name, run in race.frame().items():",
    "    print(name, run.exact)",
    "",
  ].join("\n");
}
