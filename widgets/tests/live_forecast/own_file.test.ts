import { expect, it } from "vitest";
import { type FileColumn, listChoices, sayOnItsWay } from "../../src/live_forecast/own_file";

const column = (title: string, role: FileColumn["role"]): FileColumn => ({ title, role, example: "" });

it("answers a file whatever Python is doing", () => {
  expect(sayOnItsWay("rain.csv", "live")).toBe("Reading rain.csv …");
  expect(sayOnItsWay("rain.csv", "starting")).toBe(
    "rain.csv will be read when Python is there; it is still starting.",
  );
  expect(sayOnItsWay("rain.csv", "lost")).toMatch(/^rain.csv will be read when the connection/);
  expect(sayOnItsWay("rain.csv", "ended")).toMatch(/Python has stopped, so rain.csv was not read/);
  expect(sayOnItsWay("rain.csv", "none")).toMatch(/saved without Python.*rain.csv was not read/);
});

it("offers the columns that can be forecast, and says what the others are", () => {
  const columns = [
    column("No", "counter"),
    column("day", "dates"),
    column("rain", "number"),
    column("station", "constant"),
    column("sky", "text"),
    column("remark", "empty"),
  ];
  expect(listChoices(columns)).toEqual([
    { value: "", label: "column: all numbers" },
    { value: "No", label: "column: No (counts the rows)" },
    { value: "rain", label: "column: rain" },
    { value: "station", label: "column: station (never changes)" },
    { value: "sky", label: "column: sky (text)" },
  ]);
});

it("offers nothing where there is nothing to choose", () => {
  expect(listChoices([column("day", "dates"), column("rain", "number")])).toEqual([]);
  expect(listChoices([])).toEqual([]);
});
