// @vitest-environment jsdom
import { expect, it } from "vitest";
import { makeSaveMenu } from "../../../src/lib/controls/save_menu";

it("shows the code in one field where the clipboard is closed, however often it is asked for", async () => {
  let code = "first";
  const root = document.body.appendChild(document.createElement("section"));
  const menu = makeSaveMenu({ name: "a", root, table: () => "", code: () => code });
  const copy = [...menu.querySelectorAll("button")].find(
    ({ textContent }) => textContent === "Copy the code",
  )!;
  for (code of ["first", "second"]) {
    copy.click();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const fields = menu.querySelectorAll("textarea");
  expect(fields).toHaveLength(1);
  expect([fields[0].value, fields[0].hidden]).toEqual(["second", false]);
});
