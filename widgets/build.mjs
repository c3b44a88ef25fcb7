// Bundles every widget, src/<widget>/index.ts, into one ES module beside the Python side, and minifies the one style
// sheet. What our own pages load as an ordinary script (page_*) becomes one.
//   node build.mjs            build all            node build.mjs quiz check   build these
//   node build.mjs --watch    build at each save   node build.mjs --check      fail if what is committed is stale
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "rnnviz_widgets", "static");
const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));

const widgets = readdirSync(source).filter((folder) => existsSync(join(source, folder, "index.ts")));
const entries = [
  ...widgets.map((name) => [name, join(source, name, "index.ts")]),
  ["rnnviz", join(source, "rnnviz.css")],
]
  .filter(([name]) => names.length === 0 || names.includes(name))
  .map(([name, path]) => ({ out: name, in: path }));

const options = {
  entryPoints: entries,
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
};

if (flags.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
  console.log(`watching ${source}`);
} else {
  const isScript = ({ out }) => out.startsWith("page_");
  const built = await Promise.all([
    esbuild.build({ ...options, entryPoints: entries.filter((entry) => !isScript(entry)), write: false }),
    esbuild.build({ ...options, entryPoints: entries.filter(isScript), format: "iife", write: false }),
  ]);
  const outputFiles = built.flatMap(({ outputFiles }) => outputFiles);
  const stale = [];
  for (const file of outputFiles) {
    const name = basename(file.path);
    if (flags.includes("--check")) {
      let committed = "";
      try {
        committed = readFileSync(file.path, "utf8");
      } catch {
        // A missing bundle is the stalest of all: it stays "".
      }
      if (committed !== file.text) stale.push(name);
    } else {
      writeFileSync(file.path, file.text);
      console.log(`${name.padEnd(24)} ${(file.contents.byteLength / 1024).toFixed(1).padStart(6)} kB`);
    }
  }
  const expected = new Set(outputFiles.map((file) => basename(file.path)));
  if (flags.includes("--check"))
    for (const name of readdirSync(target)) if (!expected.has(name)) stale.push(`${name} (has no source)`);
  if (stale.length > 0) {
    console.error(
      `Stale bundles: ${stale.join(", ")}. Run \`npm run build\` in widgets/ and commit the result.`,
    );
    process.exit(1);
  }
}
