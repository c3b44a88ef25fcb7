import { expect, test } from "vitest";
import { nameSwitches, PLAIN, REMEDIES, type Switches, tellCosts } from "../../src/remedies/switches";

const plain = { ...PLAIN, steps: 30 } as unknown as Switches;

test("without a remedy there is nothing to name and nothing to pay", () => {
  expect(nameSwitches(plain)).toBe("no remedy");
  expect(tellCosts(plain)).toEqual([]);
});

test("each remedy has a name and a price", () => {
  for (const { key, choices } of REMEDIES)
    for (const { value } of choices.slice(1)) {
      const on = { ...plain, [key]: value } as Switches;
      expect(nameSwitches(on)).not.toBe("no remedy");
      expect(tellCosts(on)).toHaveLength(1);
    }
});

test("several are named in the order of the switches", () => {
  const on = { ...plain, initialisation: "identity", activation: "relu", clip: 1, optimiser: "Adam" };
  expect(nameSwitches(on)).toBe("identity + ReLU + clip + Adam");
});
