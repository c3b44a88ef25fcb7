// @vitest-environment jsdom
import { expect, it } from "vitest";
import { copyWithStyles } from "../../../src/lib/draw/picture_file";

it("copies what the reader has entered, and leaves controls out but for the legend", () => {
  const card = document.createElement("section");
  card.innerHTML =
    '<button class="rv-chip">LSTM</button><button class="rv-act">Play</button><input type="range" min="0" max="10" value="1">' +
    '<input type="checkbox" checked><select><option selected>tanh</option><option>relu</option></select>';
  document.body.append(card);
  const [range, box] = card.querySelectorAll("input");
  range.value = "7";
  box.checked = false;
  card.querySelector("select")!.value = "relu";
  const copy = copyWithStyles(card);
  expect([...copy.querySelectorAll("button")].map((button) => button.textContent)).toEqual(["LSTM"]);
  const text = new XMLSerializer().serializeToString(copy);
  const read = new DOMParser().parseFromString(text, "text/html");
  expect([...read.querySelectorAll("input")].map(({ value }) => value)[0]).toBe("7");
  expect(read.querySelectorAll("input")[1].checked).toBe(false);
  expect(read.querySelector(".rv-choice")!.textContent).toBe("relu");
});

it("leaves a hidden choice out", () => {
  const card = document.createElement("section");
  card.innerHTML = "<select hidden><option selected>∂L/∂h, hidden state</option></select><p>Curves</p>";
  document.body.append(card);
  expect(copyWithStyles(card).textContent).toBe("Curves");
});
