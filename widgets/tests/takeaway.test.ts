import { describe, expect, it } from "vitest";
import { tabulateLayers, writeCode } from "../src/lib/takeaway";
import { loadCase } from "./load_case";

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

describe("writeCode", () => {
  it.each([
    ["LSTM", "torch.nn.LSTM(3, 4, num_layers=2)"],
    ["relu without bias", 'torch.nn.RNN(2, 3, nonlinearity="relu", bias=False)'],
    ["two directions", "torch.nn.GRU(2, 3, num_layers=2, bidirectional=True)"],
  ])("names the network of %s", (name, model) => {
    const code = writeCode(loadCase(name), "rw.UnrolledGraph(trace)");
    expect(code).toContain(model);
    expect(code).not.toContain("backward");
    expect(code.trimEnd().endsWith("rw.UnrolledGraph(trace)")).toBe(true);
  });
});
