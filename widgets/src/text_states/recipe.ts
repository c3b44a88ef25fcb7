// The lines of PyTorch that let a network like the recorded one read the same text.

import type { Matrix, Module } from "../lib/trace/trace";
import type { Input } from "../lib/words/takeaway";
import { moduleOf, write, writeOptions, writeProgram, writeRecording } from "../lib/words/takeaway";

interface Shown {
  modules: Module[];
  /** The symbols of each sequence. */
  texts: string[][];
  /** Whether a symbol is a word and not a character. */
  words: boolean;
  /** How a symbol went in, where each always went in alike. */
  coding: "one-hot" | "vectors" | null;
  head: { weight: Matrix; bias: Matrix | null } | null;
  /** What the head's numbers are called among the arrays; empty without a head. */
  readout: string;
  layer: string;
  array: string;
  unit: number;
}

export function writeTextStates(shown: Shown): string {
  const { modules, texts, words, head, unit } = shown;
  const last = modules[modules.length - 1];
  // A readout stands above the last layer.
  const layer = shown.array === shown.readout ? last.layers[last.layers.length - 1] : shown.layer;
  let [module] = moduleOf(modules, layer);
  const several = texts.length > 1;
  const coding = module === modules[0] && texts.flat().every(Boolean) ? shown.coding : null;
  const readsOut = head !== null && module === last && (coding !== null || head.weight.shape[0] === 1);
  const array = shown.array === shown.readout && !readsOut ? "hidden" : shown.array;

  const written = texts.map((row) => (words ? write(row) : write(row.join(""))));
  const imports = coding ? [`from rnnviz.data import ${words ? "Words" : "Characters"}`] : [];
  const before = [several ? `texts = [${written.join(", ")}]` : `text = ${written[0]}`];
  let input: Input | null = null;
  if (coding) {
    const alphabet = words ? (several ? "texts" : "[text]") : several ? `"".join(texts)` : "text";
    before.push(`alphabet = ${words ? "Words" : "Characters"}(${alphabet})`);
    const width = coding === "vectors" ? String(module.inputs) : "len(alphabet)";
    if (coding === "vectors") before.push(`embedding = torch.nn.Embedding(len(alphabet), ${width})`);
    const go = (codes: string) =>
      coding === "vectors"
        ? `embedding(${codes})`
        : `torch.nn.functional.one_hot(${codes}, len(alphabet)).float()`;
    input = makeInput(go("alphabet.encode(text)"), several, texts);
    module = { ...module, inputs: coding === "vectors" ? module.inputs : width };
  }
  const { lines, rename } = writeRecording([module], { input });
  const options = writeOptions({ layer: rename(layer), array, unit });
  const vocabulary = coding
    ? `, vocabulary=alphabet${coding === "vectors" ? ", embedding=embedding" : ""}`
    : "";
  if (readsOut) {
    const [outputs, units] = head.weight.shape;
    const count = outputs === 1 ? "1" : "len(alphabet)";
    before.push(`head = torch.nn.Linear(${units}, ${count}${head.bias ? "" : ", bias=False"})`);
  }
  const text = several ? `[list(text) for text in texts]` : "text";
  const show = `rw.TextStates(trace, ${text}${vocabulary}${readsOut ? ", head=head" : ""}${options})`;
  return writeProgram([...before, ...lines], show, imports);
}

function makeInput(one: string, several: boolean, texts: string[][]): Input {
  const note = "  # (time, batch, feature)";
  if (!several) return { lines: [`x = ${one}[:, None]${note}`], packed: false };
  const packed = texts.some((row) => row.length !== texts[0].length);
  const lines = [`x = torch.nn.utils.rnn.pad_sequence([${one} for text in texts])${note}`];
  if (packed)
    lines.push(
      "lengths = [len(text) for text in texts]",
      "x = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)",
    );
  return { lines, packed };
}
