// The house: what serves one widget stands in its folder, what several need in a room of lib, and tests mirror both.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "rolldown/utils";
import { expect, test } from "vitest";

const tests = dirname(fileURLToPath(import.meta.url));
const source = join(tests, "..", "src");
const filesIn = (folder, end) =>
  readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(end));
const files = filesIn(source, ".ts");
/** The folder a file stands in: a widget's, or lib. */
const home = (file) => file.split("/")[0];

/** Every import of a file of ours: from where, and of what. */
const imports = files.flatMap((file) =>
  [...readFileSync(join(source, file), "utf8").matchAll(/(?:from|import) "(\.[^"]+)"/g)].map(([, path]) => ({
    file,
    of: relative(source, resolve(source, dirname(file), path)),
  })),
);

test("a widget takes from its own folder and from lib, and lib takes from no widget", () => {
  expect(imports.length).toBeGreaterThan(300);
  expect(imports.filter(({ file, of }) => home(of) !== "lib" && home(of) !== home(file))).toEqual([]);
});

test("what lib holds serves two widgets at least", () => {
  const users = new Map(files.map((file) => [file, new Set(home(file) === "lib" ? [] : [home(file)])]));
  // A user of what imports a file is a user of the file.
  for (let grown = true; grown; ) {
    grown = false;
    for (const { file, of } of imports) {
      const [above, below] = [users.get(file), users.get(`${of}.ts`)];
      const before = below.size;
      for (const user of above) below.add(user);
      grown ||= below.size > before;
    }
  }
  expect(
    [...users].filter(([file, found]) => home(file) === "lib" && found.size < 2).map(([file]) => file),
  ).toEqual([]);
});

test("no name stands at two levels", () => {
  const widgets = new Set(files.filter((file) => home(file) !== "lib").map(home));
  const names = files.map((file) => file.split("/").at(-1).replace(".ts", ""));
  expect(names.filter((name) => widgets.has(name))).toEqual([]);
});

test("each test stands where the file it tests stands", () => {
  const tested = filesIn(tests, ".test.ts").map((file) => file.replace(".test.ts", ".ts"));
  expect(tested.length).toBeGreaterThan(40);
  expect(tested.filter((file) => !existsSync(join(source, file)))).toEqual([]);
});

/** Lines of a function, and kilobytes of a minified bundle with all it shares, that a reader and a page can bear. */
const LONGEST = 120;
const LARGEST = 80_000;

/** Widgets that are still one long function each; the list only ever gets shorter. */
const STILL_LONG = ["text_states/index.ts", "unrolled_graph/index.ts"];

/** Every function of a file: its name, as far as it has one, and its lines. */
function measureFunctions(file) {
  const text = readFileSync(join(source, file), "utf8");
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  const found = [];
  const walk = (node, name) => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) {
      for (const one of node) walk(one, name);
      return;
    }
    const own = node.id?.name ?? node.key?.name ?? name;
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type))
      found.push({ name: own, lines: 1 + ends.filter((at) => at >= node.start && at < node.end).length });
    for (const [key, value] of Object.entries(node)) if (key !== "type") walk(value, own);
  };
  const { program, errors } = parseSync(file, text, { lang: "ts" });
  expect(errors).toEqual([]);
  walk(program, file);
  return found;
}

test("no function is longer than a reader can hold", { timeout: 60_000 }, () => {
  const all = files.map((file) => ({ file, functions: measureFunctions(file) }));
  expect(all.flatMap(({ functions }) => functions).length).toBeGreaterThan(2000);
  const long = all.filter(({ functions }) => functions.some(({ lines }) => lines > LONGEST));
  expect(long.map(({ file }) => file).sort()).toEqual(STILL_LONG);
});

test("no bundle is larger than a page should load for one widget", () => {
  const bundles = join(tests, "..", "rnnviz_widgets", "static");
  const sizes = filesIn(bundles, ".js").map((file) => ({ file, bytes: statSync(join(bundles, file)).size }));
  expect(sizes.length).toBeGreaterThan(25);
  expect(sizes.filter(({ bytes }) => bytes > LARGEST)).toEqual([]);
});

test("every colour that a ramp may mix is written as #rrggbb", () => {
  const sheet = readFileSync(join(source, "rnnviz.css"), "utf8");
  const mixed = [
    ...sheet.matchAll(/(--rv-(?:mid|ink|neg|pos|gate-\w+|state|input|output|grad)): *([^;]+);/g),
  ];
  expect(mixed.length).toBeGreaterThan(20);
  expect(mixed.map(([, , value]) => value).filter((value) => !/^#[0-9a-f]{6}$/.test(value))).toEqual([]);
});
