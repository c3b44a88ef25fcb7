import { describe, expect, it } from "vitest";
import { compareMeans, countDropped, DropoutState, drawMask } from "../../src/dropout_map/state";
import { trace } from "../lib/trace/small_trace";

describe("masks of dropout", () => {
  it("keep about as many as they should, made larger by as much", () => {
    const mask = drawMask(10_000, 0.25, 3);
    expect(countDropped(mask) / 10_000).toBeCloseTo(0.75, 1);
    expect(new Set(mask)).toEqual(new Set([0, 4]));
    expect(drawMask(10_000, 0.25, 3)).toEqual(mask);
    expect(drawMask(10_000, 0.25, 4)).not.toEqual(mask);
    expect(countDropped(drawMask(1000, 1, 1))).toBe(0);
  });

  it("change nothing on average", () => {
    const values = Float64Array.from({ length: 20_000 }, (_, k) => Math.sin(k));
    const [before, after] = compareMeans(values, drawMask(20_000, 0.5, 1));
    expect(after).toBeCloseTo(before, 1);
  });
});

describe("between two layers", () => {
  const place = { step: 9, sequence: 4, unit: 9 };
  const make = (keep = 0.5) => {
    const state = new DropoutState(trace, "l0", keep, {
      get: (key: string) => place[key as keyof typeof place],
    } as never);
    state.settle();
    return state;
  };
  const shown = (state: DropoutState) =>
    [0, 1, 2].flatMap((step) => [0, 1].map((unit) => state.at("hears", unit, step)));

  it("a cursor beyond the end shows the last", () => {
    const { sequence, step, unit, steps } = make();
    expect([sequence, step, unit, steps]).toEqual([0, 2, 1, 3]);
  });

  it("a value is dropped, or made larger by what is kept", () => {
    const state = make();
    const said = [3, 4, 0, 1, 0.5, 0];
    const heard = shown(state);
    const dropped = heard.filter(Number.isNaN).length;
    expect(dropped).toBeGreaterThan(0);
    heard.forEach((value, k) => {
      expect(Number.isNaN(value) || value === 2 * said[k]).toBe(true);
      const [unit, step] = [k % 2, k >> 1];
      expect(state.at("says", unit, step)).toBe(said[k]);
      expect(state.describe("hears", unit, step).endsWith(": dropped")).toBe(Number.isNaN(value));
    });
    expect(state.tell()).toMatch(
      new RegExp(`^${dropped} of 6 values are dropped, hatched; what is kept is divided by 0.50\\.`),
    );
    expect([state.largest("says"), state.largest("hears"), make(0.1).largest("hears")]).toEqual([1, 2, 2]);
  });

  it("drawing again drops others, and in use nothing is dropped", () => {
    const state = make();
    const before = shown(state);
    state.drawAgain();
    state.settle();
    expect(shown(state)).not.toEqual(before);
    state.inUse = true;
    state.settle();
    expect(shown(state)).toEqual([3, 4, 0, 1, 0.5, 0]);
    expect(state.sayMap("hears")).toBe(
      "What the layer above hears. In use nothing is dropped, and nothing is made larger.",
    );
    expect(state.tabulate()).toBe(
      "step,unit,said,heard\n0,0,3,3\n0,1,4,4\n1,0,0,0\n1,1,1,1\n2,0,0.5,0.5\n2,1,0,0\n",
    );
  });

  it("is written as torch counts: what is dropped, not what is kept", () => {
    expect(make(0.9).writeCode()).toContain("torch.nn.LSTM(2, 2, num_layers=2, dropout=0.1)");
  });
});
