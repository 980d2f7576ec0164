/** Who may import whom, what may be called where: the design's rules, held by reading the source. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { codeOnly, sourceFiles } from "./source.ts";

const files = await sourceFiles("src/");

/** The layer a file is in: its folder under src. */
const layerOf = (path: string) => path.split("/")[1] ?? "";

/** What each layer may import, besides itself and core. `types` allows `import type` only. */
const MAY_IMPORT: Readonly<Record<string, { code: readonly string[]; types: readonly string[] }>> = {
  core: { code: [], types: [] },
  collectors: { code: [], types: [] },
  rules: { code: [], types: [] },
  correlate: { code: ["rules"], types: [] },
  journal: { code: [], types: [] },
  config: { code: ["collectors", "correlate", "journal", "api", "rules"], types: [] },
  api: { code: [], types: ["journal", "rules", "correlate"] },
  pipeline: { code: ["collectors", "rules", "correlate", "journal"], types: ["config", "api"] },
  cli: { code: ["collectors", "rules", "correlate", "journal", "config", "api", "pipeline"], types: [] },
};

/** Of another layer, config takes nothing but what declares a configuration, and correlate only what rules are made of. */
const DOORS: Readonly<Record<string, RegExp>> = {
  config: /(\/schema\.ts|collectors\/registry\.ts|collectors\/definition\.ts)$/,
  correlate: /rules\/(rule|condition|compile|message|window_fact|subject|matcher|fingerprint)\.ts$/,
};

function typeImportsOf(text: string): Set<string> {
  const found = text.matchAll(/import\s+type\s+[^;]*?from\s+"(\.{1,2}\/[^"]+)"/g);
  return new Set([...found].map(([, spec]) => spec ?? ""));
}

Deno.test("layering: every import goes the way the design says", () => {
  const breaches: string[] = [];
  for (const { path, text, imports } of files) {
    const from = layerOf(path);
    const may = MAY_IMPORT[from];
    if (may === undefined) {
      breaches.push(`${path}: no such layer in the design`);
      continue;
    }
    const typeOnly = [...typeImportsOf(text)].map((spec) => new URL(spec, `file:///${path}`).pathname.slice(1));
    for (const to of imports) {
      const layer = layerOf(to);
      const isType = typeOnly.includes(to);
      if (layer === from || layer === "core" || !to.startsWith("src/")) continue;
      if (!may.code.includes(layer) && !(isType && may.types.includes(layer))) breaches.push(`${path} imports ${to}`);
      else if (DOORS[from] && !DOORS[from].test(to)) {
        breaches.push(`${path} imports ${to}, which is not that layer's door`);
      }
    }
  }
  deepStrictEqual(breaches, []);
});

Deno.test("layering: a collector imports no other collector", () => {
  const breaches: string[] = [];
  for (const { path, imports } of files) {
    const [, layer, own] = path.split("/");
    if (layer !== "collectors" || own?.endsWith(".ts")) continue;
    for (const to of imports) {
      const [, toLayer, other] = to.split("/");
      if (toLayer === "collectors" && !other?.endsWith(".ts") && other !== own) breaches.push(`${path} imports ${to}`);
      if (to.endsWith("collectors/registry.ts")) breaches.push(`${path} imports the registry`);
    }
  }
  deepStrictEqual(breaches, []);
});

/** What is called in one place only, and what to use elsewhere. */
const BANNED: readonly { call: RegExp; only: RegExp; instead: string }[] = [
  { call: /\bDate\.now\(|\bnew Date\(\)/, only: /^src\/core\/clock\.ts$/, instead: "a Clock that is passed in" },
  { call: /\bMath\.random\(/, only: /^$/, instead: "a source of randomness that is passed in" },
  { call: /\bconsole\./, only: /^src\/cli\//, instead: "the log that is passed in, or cli/output.ts" },
  { call: /\bDeno\.exit\(/, only: /^src\/cli\//, instead: "an error that the cli turns into an exit code" },
  { call: /from "node:sqlite"|\bDatabaseSync\b/, only: /^src\/journal\//, instead: "the journal" },
  { call: /from "@hono\/hono/, only: /^src\/api\//, instead: "the api's createApp" },
  { call: /from "commander"/, only: /^src\/cli\//, instead: "a function the cli calls" },
  { call: /\beval\(|\bnew Function\(/, only: /^$/, instead: "a closure" },
  {
    call: /import\.meta\.(url|dirname|filename)/,
    only: /^src\/(cli\/shipped|journal\/aside)\.ts$/,
    instead: "a path that is passed in: a compiled Weir has no source tree, but what its compile task includes",
  },
  {
    call: /\b(setTimeout|setInterval)\(/,
    only: /^src\/core\/clock\.ts$/,
    instead: "Clock.sleep, which a simulated clock can drive",
  },
];

Deno.test("tidy: banned calls stay in their one place", () => {
  const breaches: string[] = [];
  for (const { path, text } of files) {
    const code = codeOnly(text);
    for (const { call, only, instead } of BANNED) {
      const subject = call.source.startsWith("from") ? text : code;
      if (!only.test(path) && call.test(subject)) breaches.push(`${path}: ${call.source} — use ${instead}`);
    }
  }
  deepStrictEqual(breaches, []);
});

Deno.test("tidy: core, rules and correlate do no input or output, rule loading apart", () => {
  const breaches: string[] = [];
  const io = /\bDeno\.|from "node:(fs|net|dgram|child_process|http|os)/;
  for (const { path, text } of files) {
    if (!["core", "rules", "correlate"].includes(layerOf(path))) continue;
    if (["src/rules/load.ts", "src/core/schema.ts"].includes(path)) continue;
    const code = codeOnly(text);
    if (io.test(code) || /from "node:(fs|net|dgram|child_process|http|os)/.test(text)) breaches.push(path);
  }
  deepStrictEqual(breaches, []);
});

Deno.test("tidy: no file is an orphan, and every file of the source is reached from main.ts", async () => {
  const reached = new Set<string>();
  const byPath = new Map(files.map((file) => [file.path, file]));
  const queue = ["src/cli/mod.ts"];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    queue.push(...(byPath.get(path)?.imports ?? []));
  }
  ok((await Deno.readTextFile(new URL("../../main.ts", import.meta.url))).includes("./src/cli/mod.ts"));
  deepStrictEqual(files.map((f) => f.path).filter((path) => !reached.has(path)), []);
});

/** Lines past which a file asks for a room of its own. */
const FILE_LINES_MAX = 450;

Deno.test("tidy: no file has outgrown its room", () => {
  const long = files.map((f) => [f.path, f.text.split("\n").length] as const).filter(([, n]) => n > FILE_LINES_MAX);
  deepStrictEqual(long, []);
});

Deno.test("tidy: the source is Latin-1, as V8 keeps a file with any other character in it at two bytes a character", () => {
  // deno-lint-ignore no-control-regex -- all of Latin-1 is meant
  deepStrictEqual(files.filter((f) => !/^[\x00-\xff]*$/.test(f.text)).map((f) => f.path), []);
});

Deno.test("tidy: no loose ends in the source", () => {
  const words = /\b(TODO|FIXME|XXX|HACK)\b|not implemented|@ts-ignore|@ts-nocheck/;
  const code = /\bexport default\b|\bas any\b|: any\b/;
  const isLoose = (text: string) => words.test(text) || code.test(codeOnly(text));
  deepStrictEqual(files.filter((f) => isLoose(f.text)).map((f) => f.path), []);
});

Deno.test("tidy: each layer with code has tests that mirror it", async () => {
  const layers = new Set(files.map((f) => layerOf(f.path)));
  const tested = new Set((await sourceFiles("tests/")).map((f) => f.path.split("/")[1] ?? ""));
  deepStrictEqual([...layers].filter((layer) => !tested.has(layer)), []);
});
