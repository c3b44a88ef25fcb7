import { expect, test } from "vitest";
import {
  blank,
  describeState,
  isBlank,
  keepSetting,
  readDescription,
  readStates,
} from "../../src/page_frame/widget_state";

test("what was set last is set again last", () => {
  let state = keepSetting(keepSetting(blank(), "layer-shown", "1"), "noise", "0.2");
  state = keepSetting(state, "layer-shown", "0");
  expect(Object.entries(state.settings)).toEqual([
    ["noise", "0.2"],
    ["layer-shown", "0"],
  ]);
  expect(isBlank(state)).toBe(false);
  expect(isBlank(blank())).toBe(true);
});

test("an address says where the cursor is, then the settings, and which widget it is", () => {
  const state = { settings: { noise: "0.5", step: "9" }, cursor: { step: 3, layer: "lstm.l0" }, kept: {} };
  const said = describeState(state, 2);
  expect([...said]).toEqual([
    ["widget", "2"],
    ["step", "3"],
    ["layer", "lstm.l0"],
    ["noise", "0.5"],
    ["set-step", "9"],
  ]);
  expect(readDescription(said)).toEqual({ ordinal: 2, state });
  expect(describeState(blank(), 1).size).toBe(0);
});

test.each(["", "torn", "[]", "null", '{"a/1": 3}', '{"a/1": []}'])("of %j nothing is kept", (text) => {
  expect(readStates(text).size).toBe(0);
});

test("what is kept is read, part by part", () => {
  const states = readStates('{"a/1": {"settings": {"x": "1"}, "cursor": 7}}');
  expect(states.get("a/1")).toEqual({ settings: { x: "1" }, cursor: {}, kept: {} });
  expect(readStates(null).size).toBe(0);
});
