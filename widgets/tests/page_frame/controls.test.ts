// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { makeSlider } from "../../src/lib/controls/slider";
import { CHOSEN } from "../../src/lib/page/kept";
import { keptFor, nameControls, readControl, setControl, slug } from "../../src/page_frame/controls";

let root: HTMLElement;

beforeEach(() => {
  document.body.innerHTML = `
    <section class="rnnviz" id="outer">
      <label>noise 0.35 <input type="range" min="0" max="1" step="0.05" value="0.35"></label>
      <input type="number" aria-label="Noise">
      <label><input type="checkbox" checked> centre and size it</label>
      <select aria-label="Layer"><option value="0">one</option><option value="1">two</option></select>
      <div role="radiogroup" aria-label="Cell">
        <label><input type="radio" name="c" checked> RNN</label><label><input type="radio" name="c"> GRU</label>
      </div>
      <button aria-pressed="false">Show the arithmetic</button>
      <button>Start</button>
      <input type="file"><input type="range" hidden>
      <div class="rv-transport"><input type="range" aria-label="Step"><select aria-label="Speed"></select></div>
      <details class="rv-save"><input type="checkbox"></details>
      <section class="rnnviz"><input type="checkbox" aria-label="another widget's"></section>
    </section>`;
  root = document.getElementById("outer")!;
});

test("controls go by what a reader calls them, without what they are set to", () => {
  expect([...nameControls(root).keys()]).toEqual([
    "noise",
    "noise-2",
    "centre-and-size-it",
    "layer",
    "cell-rnn",
    "cell-gru",
    "show-the-arithmetic",
    "step",
  ]);
  expect(nameControls(root, true).has("step")).toBe(false);
  expect(slug("ρ = 1.05 (max)")).toBe("ρ-max");
});

test("a control is set as a hand sets it", () => {
  const controls = nameControls(root);
  const heard: string[] = [];
  for (const name of ["input", "change", "click"])
    root.addEventListener(name, (event) => heard.push(`${name} ${(event.target as Element).localName}`));
  const set = (name: string, value: string) => setControl(controls.get(name)!, value);
  expect(set("noise", "0.35")).toBe(false);
  expect(set("noise", "0.5")).toBe(true);
  expect(heard).toEqual(["input input", "change input"]);
  expect(set("centre-and-size-it", "0")).toBe(true);
  expect(set("cell-gru", "1")).toBe(true);
  expect(set("cell-rnn", "0")).toBe(false);
  expect(set("layer", "1")).toBe(true);
  expect(set("layer", "9")).toBe(false);
  expect(set("show-the-arithmetic", "1")).toBe(true);
  expect(heard.at(-1)).toBe("click button");
  const values = [...nameControls(root)].map(([name, control]) => `${name}=${readControl(control)}`);
  expect(values).toEqual(
    expect.arrayContaining(["noise=0.5", "centre-and-size-it=0", "cell-gru=1", "layer=1"]),
  );
  (controls.get("noise-2") as HTMLInputElement).disabled = true;
  expect(set("noise-2", "3")).toBe(false);
});

test("a slider and its field are one setting, kept as it is typed and told of by every key", () => {
  const chosen: number[] = [];
  const { element, input } = makeSlider({
    ...{ label: "Learning rate", low: 0.001, high: 1, step: 0.1, value: 0.1, log: true },
    choose: (value) => chosen.push(value),
  });
  root.append(element);
  const controls = nameControls(root);
  expect([...controls.keys()].filter((name) => name.startsWith("learning"))).toEqual(["learning-rate"]);
  const field = controls.get("learning-rate")!;
  expect(keptFor(input)).toBe(field);
  let kept = "";
  document.addEventListener(CHOSEN, ({ target }) => {
    kept = readControl(keptFor(target as Element) as HTMLInputElement);
  });
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
  expect(kept).toBe("0.0794");
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
  expect(kept).toBe("0.1");
  expect(setControl(field, "0.25")).toBe(true);
  expect(chosen.at(-1)).toBe(0.25);
  expect(Number(input.value)).toBeCloseTo(Math.log10(0.25), 1);
});
