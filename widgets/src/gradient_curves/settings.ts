// The controls of fresh cells: what they are made with. Python makes them anew, one request at a time.
import type { AnyModel } from "@anywidget/types";
import { makeSlider } from "../lib/controls/slider";
import { h } from "../lib/page/dom";
import { askInTurn } from "../lib/page/requests";

export function makeSettings(
  model: AnyModel,
  signal: AbortSignal,
  tell: (message: string | null) => void,
): HTMLElement {
  const asks = askInTurn(model, signal, tell);
  const cells = model.get("cells") as string[];
  const chosen: Record<string, unknown> = {};
  const choose = (name: string, value: unknown) => {
    chosen[name] = value;
    asks.ask({ ...chosen });
  };
  /** Shows what Python has, unless an answer is still to come. */
  const follow = (name: string, show: (value: never) => void) => {
    const take = () => {
      if (asks.busy()) return;
      chosen[name] = model.get(name);
      show(chosen[name] as never);
    };
    model.on(`change:${name}`, take);
    signal.addEventListener("abort", () => model.off(`change:${name}`, take));
    take();
  };
  const slider = (name: string, label: string, [low, high, step]: [number, number, number]) => {
    const made = makeSlider({
      ...{ label, low, high, step, value: model.get(name) },
      choose: (value) => choose(name, value),
    });
    follow(name, made.show);
    return made.element;
  };
  const choice = (name: string, label: string, options: string[]) => {
    const input = h("select", {}, ...options.map((value) => h("option", { value }, value)));
    input.addEventListener("change", () => choose(name, input.value));
    follow(name, (value: string) => (input.value = value));
    return h("label", { class: "rv-field" }, h("span", {}, label), input);
  };
  const has = (cell: string) => cells.includes(cell);
  return h(
    "div",
    { class: "rv-settings", role: "group", "aria-label": "Settings of the cells" },
    slider("spectral_radius", "spectral radius ρ", [0, 2, 0.01]),
    slider("steps", "steps T", [10, 300, 1]),
    has("LSTM") && slider("forget_bias", "forget bias", [-3, 6, 0.1]),
    choice("initialisation", "initialisation", ["Glorot", "orthogonal", "identity"]),
    has("RNN") && choice("activation", "RNN’s activation", ["tanh", "relu"]),
  );
}
