import { expect, test } from "vitest";
import { recognise, shuffle } from "../../../src/lib/controls/order";

const OPTIONS = ["a", "b", "c", "d"];

function makeStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    key: () => null,
    clear: () => kept.clear(),
    length: 0,
  };
}

test("a student keeps an order over reloads, and the options stay the same", () => {
  const storage = makeStorage();
  const student = recognise(storage);
  expect(recognise(storage)).toBe(student);
  const dealt = shuffle(OPTIONS, student, "02", "echo");
  expect(shuffle(OPTIONS, student, "02", "echo")).toEqual(dealt);
  expect([...dealt].sort()).toEqual(OPTIONS);
  expect(OPTIONS).toEqual(["a", "b", "c", "d"]);
});

test("every option comes to lie at every place, for about as many students", () => {
  const counts = OPTIONS.map(() => OPTIONS.map(() => 0));
  for (let student = 0; student < 4000; student++)
    for (const [place, option] of shuffle(OPTIONS, student, "02", "shared-weights").entries())
      counts[OPTIONS.indexOf(option)][place]++;
  for (const row of counts) for (const count of row) expect(Math.abs(count - 1000)).toBeLessThan(110);
});

test("the questions of one student do not all put the right answer at one place", () => {
  const places = Array.from({ length: 60 }, (_, k) =>
    shuffle(OPTIONS, 7, "01", `question-${k}`).indexOf("b"),
  );
  for (const place of [0, 1, 2, 3]) expect(places.filter((p) => p === place).length).toBeGreaterThan(6);
});

test("what lies in the storage and is no student is drawn anew; without storage everybody is the same", () => {
  const storage = makeStorage();
  storage.setItem("rnnviz/student", "<b>");
  const student = recognise(storage);
  expect(storage.getItem("rnnviz/student")).toBe(String(student));
  expect(recognise(null)).toBe(0);
  const refusing = {
    ...makeStorage(),
    getItem: () => {
      throw new Error("refused");
    },
  };
  expect(recognise(refusing)).toBe(0);
});
