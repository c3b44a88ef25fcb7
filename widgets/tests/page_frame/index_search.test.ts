import { expect, test } from "vitest";
import { type CourseIndex, cutExcerpt, makeSearch } from "../../src/page_frame/index_search";

const index: CourseIndex = {
  pages: [
    { address: "one.html", title: "One", number: "01" },
    { address: "glossary.html", title: "Glossary", number: "" },
  ],
  entries: [
    { page: 0, place: "", title: "One", text: "A beginning with gates." },
    { page: 0, place: "The-forget-gate", title: "The forget gate", text: "It closes. Élan vital." },
    { page: 1, place: "gate", title: "gate", text: "A number between 0 and 1." },
  ],
};
const find = (query: string) => makeSearch(index)(query).map(({ address }) => address);

test("a title counts for more than a text, and a beginning of a word is enough", () => {
  expect(find("gat")).toEqual(["glossary.html#gate", "one.html#The-forget-gate", "one.html"]);
});

test("all words have to be there, unless none has all of them", () => {
  expect(find("forget gate")).toEqual(["one.html#The-forget-gate"]);
  expect(find("number closes").sort()).toEqual(["glossary.html#gate", "one.html#The-forget-gate"]);
});

test("accents, case and one wrong letter do not matter", () => {
  expect(find("ELAN")).toEqual(["one.html#The-forget-gate"]);
  expect(find("begining")).toEqual(["one.html"]);
  expect(find("xyzzy")).toEqual([]);
  expect(find("  ?! ")).toEqual([]);
});

test("what is found says where it is", () => {
  const [first] = makeSearch(index)("closes");
  expect(first.where).toBe("Lesson 1 · One");
  expect(first.excerpt).toEqual([
    { text: "It ", hit: false },
    { text: "closes", hit: true },
    { text: ". Élan vital.", hit: false },
  ]);
});

test("where the title says it, the text is read from its beginning", () => {
  expect(cutExcerpt("A valve. Then a gate.", ["gate"], 0)[0]).toEqual({
    text: "A valve. Then a ",
    hit: false,
  });
  const long = `A valve. ${"more ".repeat(60)} gate`;
  expect(cutExcerpt(long, ["gate"], 0)[0].text).toMatch(/^A valve/);
});

test("an excerpt is cut between words around the first hit", () => {
  const text = `${"before ".repeat(40)}a needle here and ${"after ".repeat(60)}`;
  const pieces = cutExcerpt(text, ["needle"]);
  const said = pieces.map((piece) => piece.text).join("");
  expect(pieces.find((piece) => piece.hit)?.text).toBe("needle");
  expect(said.length).toBeLessThan(220);
  expect(said).toMatch(/^… before .* after …$/);
  // Signs of a pattern are only signs, and letters outside the basic plane stay in place.
  expect(
    cutExcerpt("𝐘 of (a+b)", ["(a+b)"])
      .map((piece) => piece.text)
      .join(""),
  ).toBe("𝐘 of (a+b)");
});
