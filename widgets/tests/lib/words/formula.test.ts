// @vitest-environment jsdom
import { expect, it } from "vitest";
import { equation, row, showEquation, symbol, value } from "../../../src/lib/words/formula";

const line = (name: string, x: number) => row(symbol(name, "--rv-state"), "=", value(x));

it("writes only the numbers anew where an equation keeps its form", () => {
  const holder = document.createElement("div");
  showEquation(holder, equation(line("c", 0.25), line("h", 0.5)));
  const [first, second] = holder.querySelectorAll("mtr");
  // A negative number wears brackets, which is another form; the other line stays what it was.
  showEquation(holder, equation(line("c", 0.75), line("h", -0.5)));
  const [kept, other] = holder.querySelectorAll("mtr");
  expect(kept).toBe(first);
  expect(other).not.toBe(second);
  expect([kept, other].map((one) => one.textContent)).toEqual(["c=0.750", "h=(−0.500)"]);
  showEquation(holder, equation(line("c", 0.75)));
  expect(holder.textContent).toBe("c=0.750");
});
