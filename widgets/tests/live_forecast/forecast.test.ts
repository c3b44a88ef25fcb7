import { describe, expect, it } from "vitest";
import {
  nameStep,
  rank,
  readSight,
  sayError,
  sayForBox,
  tellRace,
  writeForecast,
  writeRace,
} from "../../src/live_forecast/forecast";
import { header, lines, numbers, scene } from "./small_race";

describe("readSight", () => {
  it("takes the curves apart", () => {
    const sight = readSight(header, lines, scene)!;
    expect([...sight.forecast.get("GRU")!]).toEqual([13, 14]);
    expect([...sight.oneStep.get("linear")!.slice(1)]).toEqual([21, 22]);
    expect([...sight.forecast.get("naive")!]).toEqual([31, 32]);
  });
  it("refuses what belongs to another scene", () => {
    expect(readSight({ ...header, version: 1 }, lines, scene)).toBeNull();
    expect(readSight(header, lines.slice(1), scene)).toBeNull();
  });
});

describe("words", () => {
  const sight = readSight(header, lines, scene)!;
  it("say who leads, and whether that is any good", () => {
    expect(tellRace(scene, sight)).toBe(
      "After 320 updates, GRU leads with a typical error of 31.2 spots over 2 steps (linear 40.0 spots): less than the best baseline, naive, with 33.0 spots.",
    );
    expect(tellRace({ ...scene, constant: true }, sight)).toBe(
      "spots is the same at every step: there is nothing to forecast, and no model leads.",
    );
    const bad = { ...sight, step: 0, models: [numbers("GRU", 50)] };
    expect(tellRace(scene, bad)).toMatch(/^Before any update, GRU .*: not yet less than the best baseline/);
    expect(tellRace(scene, { ...sight, models: [numbers("GRU", null)] })).toContain("not finite");
  });
  it("rank what has no finite error last", () => {
    const order = rank([numbers("a", null), numbers("b", 2), numbers("c", 1)]).map((one) => one.name);
    expect(order).toEqual(["c", "b", "a"]);
  });
  it("give an error the digits it deserves", () => {
    expect([0.0421, 2.345, 31.24, 431.2, null].map((error) => sayError(error))).toEqual([
      "0.042",
      "2.35",
      "31.2",
      "431",
      "not finite",
    ]);
  });
  it("name a step by its year, month or day, or by its number", () => {
    expect(nameStep(scene, 1)).toBe("1701");
    expect(nameStep({ ...scene, dates: ["1958-03-01", "1958-04-01"] }, 0)).toBe("1958-03");
    expect(nameStep({ ...scene, dates: ["1958-03-29"] }, 0)).toBe("1958-03-29");
    expect(nameStep({ ...scene, dates: [] }, 7)).toBe("step 7");
    expect(nameStep(scene, 9)).toBe("step 9");
  });
});

it("says what to do about gaps in the words of the page", () => {
  const gap =
    "Line 8: the cell in the column 'rain' is empty. Fill in the value, or ask for gaps to be filled: " +
    "fill='linear' (straight line), 'previous' (value before) or 'drop' (leave out).";
  const word = "Correct it; or leave the cell empty, and ask for gaps to be filled (fill='linear').";
  const date = "the steps are taken as equally long. fill='linear' would fill them in.";
  for (const message of [gap, word, date]) {
    expect(sayForBox(message)).not.toContain("fill=");
    expect(sayForBox(message)).toContain("“gaps");
  }
  expect(sayForBox(gap)).toMatch(/or choose in the box “gaps” what to do with it\.$/);
  expect(sayForBox("Choose one, as in where={'country': 'Peru'}.")).toBe(
    "Choose one, as in where={'country': 'Peru'}. (In code, where is an option of read_csv.)",
  );
});

it("writes truth, predictions and forecasts as a table that goes on beyond the series", () => {
  const table = writeForecast(scene, Float32Array.of(1, 2, 0.1), readSight(header, lines, scene)!);
  expect(table.trimEnd().split("\n")).toEqual([
    'step,date,spots,"GRU, one step ahead","linear, one step ahead","GRU, forecast","linear, forecast","naive, forecast"',
    "0,1700-01-01,1,,,,,",
    "1,1701-01-01,2,11,21,,,",
    "2,1702-01-01,0.1,12,22,13,23,31",
    "3,,,,,14,24,32",
  ]);
});

it("writes the race down as code, with the settings and updates shown", () => {
  const sight = readSight(header, lines, scene)!;
  expect(writeRace(scene, sight).split("\n")).toEqual([
    "import rnnviz_widgets as rw",
    "from rnnviz.data import sunspots",
    "",
    "models = {",
    '    "GRU": "gru",',
    '    "linear": "gru",  # or the function that builds your own model',
    "}",
    "live = rw.LiveForecast(",
    "    sunspots(), models, window=1, horizon=2,",
    "    learning_rate=0.001, batch=50, units=32, seed=7,",
    ")",
    "live.train(320)",
    "live  # .race.frame() has the curves and errors as arrays",
    "",
  ]);
  const several = { ...scene, features: ["wind", "spots"] };
  expect(writeRace(several, { ...sight, step: 0 })).toContain('    target="spots",\n)\nlive  #');
});
