import { describe, expect, it } from "vitest";
import type { Module } from "../../../src/lib/trace/trace";
import {
  quote,
  tabulateLayers,
  write,
  writeCode,
  writeOptions,
  writeRecordings,
} from "../../../src/lib/words/takeaway";
import { loadCase } from "../trace/load_case";

describe("tabulateLayers", () => {
  const trace = loadCase("LSTM");
  const [head, ...lines] = tabulateLayers(trace.layers, 1, ["a", 'say "b"', "c,d", "e"])
    .trimEnd()
    .split("\n");

  it("has one column an array and one line a unit and step", () => {
    expect(head).toBe("layer,step,label,unit,hidden,cell,input,forget,candidate,output");
    expect(lines).toHaveLength(2 * 4 * 4);
  });
  it("writes the very values, and quotes what needs it", () => {
    expect(lines[4]).toMatch(/^l0,1,"say ""b""",0,/);
    const value = trace.layers[0].arrays.get("hidden")!.data[(1 * 2 + 1) * 4 + 0];
    expect(Number(lines[4].split(",").at(-6))).toBe(value);
    expect(lines[8]).toContain('"c,d"');
  });
});

it("quotes a field of a table where it must", () => {
  expect([",", '"', "\n", "\r", "a"].map(quote)).toEqual(['","', '""""', '"\n"', '"\r"', "a"]);
});

const made = (path: string, more: Partial<Module> = {}): Module => ({
  path,
  layers: [path ? `${path}.l0` : "l0"],
  alone: ["l0"],
  kind: "torch.nn.GRU",
  inputs: 2,
  options: ["3"],
  shape: [5, 1, 2],
  lengths: [5],
  backward: false,
  ...more,
});
const draw = (rename: (layer: string) => string) => `rw.Widget(trace, layer="${rename("net.rnn.l0")}")`;

describe("writeCode", () => {
  it("records a nested module alone, and calls its layers as they are called there", () => {
    expect(writeCode([made("net.rnn", { backward: true })], draw)).toBe(
      [
        "import torch",
        "import rnnviz as rv, rnnviz_widgets as rw",
        "",
        "model = torch.nn.GRU(2, 3)  # or your own model, with such a layer inside",
        "x = torch.randn(5, 1, 2)  # (time, batch, feature)",
        "with rv.record(model) as trace:",
        "    output, _ = model(x)",
        "    output.square().mean().backward()",
        'rw.Widget(trace, layer="l0")',
        "",
      ].join("\n"),
    );
  });
  it("packs sequences that end at different steps", () => {
    const code = writeCode([made("net.rnn", { shape: [5, 2, 2], lengths: [2, 5], backward: true })], draw);
    expect(code).toContain("pack_padded_sequence(x, [2, 5], enforce_sorted=False)");
    expect(code).toContain("output.data.square().mean()");
  });
  it("hands a decoder its encoder's state, and says where it cannot", () => {
    const modules = [
      made("net.rnn", { kind: "torch.nn.LSTM", layers: ["net.rnn.l0", "net.rnn.l1"], alone: ["l0", "l1"] }),
      made("decoder"),
    ];
    let linked: boolean | undefined;
    const show = (rename: (layer: string) => string, whole: boolean) => {
      linked = whole;
      return draw(rename);
    };
    const code = writeCode(modules, show, { origins: [-1, -1, 1] });
    expect(code).toContain('model["decoder"](x, states[0][0][[1]])');
    expect(code).toContain('layer="net_rnn.l0"');
    expect(linked).toBe(true);
    writeCode([modules[0], made("decoder", { layers: ["a", "b"] })], show, {
      origins: [-1, -1, 1, -1],
    });
    expect(linked).toBe(false);
  });
  it("loads a recording that was saved, and calls its layers as they were recorded", () => {
    let linked: boolean | undefined;
    const show = (rename: (layer: string) => string, whole: boolean) => {
      linked = whole;
      return draw(rename);
    };
    expect(writeCode([made("net.rnn"), made("decoder")], show, { file: "maps.nc" })).toBe(
      [
        "import torch",
        "import rnnviz as rv, rnnviz_widgets as rw",
        "",
        'trace = rv.load("maps.nc")  # the saved recording, in the folder that this runs in',
        'rw.Widget(trace, layer="net.rnn.l0")',
        "",
      ].join("\n"),
    );
    expect(linked).toBe(true);
  });
});

describe("writeRecordings", () => {
  it("gives models of the same input the same numbers", () => {
    const names = ["a", 'b "two"', "c"];
    const models = [
      [made("")],
      [made("x", { options: ["9"] })],
      [made("", { shape: [6, 1, 2], lengths: [6] })],
    ];
    const { lines } = writeRecordings(names, models);
    expect(lines.filter((line) => line.startsWith("x = "))).toHaveLength(2);
    expect(lines).toContain('with rv.record(model) as traces["b \\"two\\""]:');
  });
});

describe("write", () => {
  it("writes values as Python does", () => {
    expect(write([["a", "b", "c"], [true, null], "é", 1.5])).toBe('[list("abc"), [True, None], "é", 1.5]');
    expect(writeOptions({ array: "cell", labels: null, unit: 0 })).toBe(', array="cell", unit=0');
  });
});
