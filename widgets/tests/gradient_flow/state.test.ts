import { expect, test } from "vitest";
import { FlowState } from "../../src/gradient_flow/state";

/** Two sequences of up to three steps; nothing arrives at the last step of the second. */
const VALUES = [
  [8, 0, 0, 2, 4, 0, 1, 2, 16],
  [5, 0, 0, 1, 9, 0, 0, 0, 0],
];

function make(of = "gradient") {
  const traits: Record<string, unknown> = {
    map: { shape: [2, 3, 3], offset: 0 },
    data: new DataView(Float32Array.from(VALUES.flat()).buffer),
    lengths: [3, 3],
    labels: [],
    of,
    layer: "l0",
    module: { kind: "LSTM" },
  };
  return new FlowState({ get: (name: string) => traits[name] } as never);
}

test("the row looked at first is the last at which anything arrives", () => {
  const state = make();
  expect([state.row, state.largest]).toEqual([2, 16]);
  state.goTo(7);
  expect([state.sequence, state.row, state.largest]).toEqual([1, 1, 9]);
});

test("a row and a column are read off the map", () => {
  const state = make();
  expect([...state.alongRow()]).toEqual([1, 2, 16]);
  expect([...state.alongColumn(0)]).toEqual([8, 2, 1]);
  expect(state.tell(0)).toBe("From t = 2 to k = 0: 1.000, 0.063 of what stands at t = 2 itself.");
  state.row = 0;
  expect(state.tell(2)).toBe("From t = 0 to k = 2: 0.000 (a later step: nothing flows there).");
  expect([state.clamp(-1), state.clamp(9)]).toEqual([0, 2]);
});

test("the table holds the lower half, where something can flow", () => {
  expect(make().tabulate()).toBe("t,k,norm\n0,0,8\n1,0,2\n1,1,4\n2,0,1\n2,1,2\n2,2,16\n");
});

test("influence speaks of inputs", () => {
  expect(make("influence").words.row(2)).toBe("which inputs the state at t = 2 depends on");
  expect(make().sayMap()).toBe("Gradient flow ‖∂Lₜ/∂hₖ‖: 3 by 3 steps, largest 16.000.");
});
