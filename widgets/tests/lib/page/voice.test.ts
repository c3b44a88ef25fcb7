// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { giveVoice } from "../../../src/lib/page/voice";

let root: HTMLElement;
let voice: HTMLElement;
let stop: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = `
    <section class="rnnviz">
      <button>Turn</button>
      <p class="one" role="status">0 steps.</p>
      <p class="two" aria-live="polite">It decays.</p>
      <section class="rnnviz"><p role="status">another widget's</p></section>
    </section>`;
  root = document.querySelector("section")!;
  stop = new AbortController();
  giveVoice(root, stop.signal);
  voice = root.querySelector(".rv-voice")!;
});
afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

const find = (selector: string) => root.querySelector<HTMLElement>(selector)!;
/** Lets observers hear of what has happened, and then some time pass. */
async function rest(milliseconds: number) {
  await Promise.resolve();
  await vi.advanceTimersByTimeAsync(milliseconds);
}

test("nothing is said of how a widget begins, and regions no longer speak for themselves", async () => {
  await rest(5000);
  expect(voice.textContent).toBe("");
  for (const region of [".one", ".two"]) expect(find(region).getAttribute("aria-live")).toBe("off");
  expect(root.querySelector(":scope > section p")!.hasAttribute("aria-live")).toBe(false);
});

test("five moves of the hand are one announcement, of what has changed by then", async () => {
  const said: string[] = [];
  new MutationObserver(() => said.push(voice.textContent!)).observe(voice, { childList: true });
  for (const steps of [1, 2, 3, 4, 5]) {
    find(".one").textContent = `${steps} steps.`;
    find(".two").textContent = steps % 2 ? "It rings." : "It decays.";
    find(".two").textContent = "It decays.";
    await rest(100);
  }
  await rest(1000);
  expect(said).toEqual(["5 steps."]);
  find(".one").textContent = "5 steps.";
  await rest(1000);
  expect(said).toHaveLength(1);
});

test("what never rests is told of after a while", async () => {
  for (let k = 0; k < 30; k++) {
    find(".one").textContent = `${k} updates.`;
    await rest(500);
  }
  expect(voice.textContent).toMatch(/^(19|20|21) updates\.$/);
});

test("what is hidden is silent, and is said when it appears", async () => {
  find(".two").hidden = true;
  find(".one").textContent = "";
  await rest(1000);
  expect(voice.textContent).toBe("");
  find(".two").hidden = false;
  await rest(1000);
  expect(voice.textContent).toBe("It decays.");
});

test("a region that is made later speaks as the others do", async () => {
  const late = document.createElement("p");
  late.setAttribute("role", "status");
  root.append(late);
  root.querySelector("button")!.click();
  late.textContent = "Saved.";
  await rest(1000);
  expect(voice.textContent).toBe("Saved.");
});
