import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { formatDiagnostic } from "../../src/core/errors.ts";
import { RULE_FILE_BYTES_MAX } from "../../src/rules/documents.ts";
import { loadRules } from "../../src/rules/load.ts";
import { parseRules } from "./parse.ts";

const rule = (id: string) => `id: ${id}\ntitle: T\nlevel: low\nselect: { one: { kind: process.start } }\n`;

/** Runs with a folder of these files, by path within it. */
async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "weir-rules-" });
  try {
    for (const [path, content] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(`${folder}/${path}`, content);
      else await Deno.writeFile(`${folder}/${path}`, content);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function load(...paths: string[]) {
  const { rules, diagnostics, files } = await loadRules(paths);
  return { ids: rules.map(({ id }) => id), told: diagnostics.map(formatDiagnostic), files };
}

Deno.test("rules are read from all files under a folder, in sorted order", async () => {
  const files = {
    "b/two.yml": rule("two"),
    "a/one.yaml": `${rule("one")}---\n${rule("one-and-a-half")}---\n`,
    "c.yaml": "# nothing but a comment\n",
    "b/notes.txt": "id: [",
    ".hidden/x.yaml": rule("hidden"),
    "b/.draft.yaml": rule("draft"),
  };
  await withFolder(files, async (folder) => {
    deepStrictEqual(await load(folder), { ids: ["one", "one-and-a-half", "two"], told: [], files: 3 });
    deepStrictEqual((await load(`${folder}/b/`)).ids, ["two"]);
    deepStrictEqual((await load(`${folder}/b/two.yml`, `${folder}/a`)).ids, ["one", "one-and-a-half", "two"]);
    deepStrictEqual(
      (await load(folder, `${folder}/b`, folder)).ids,
      ["one", "one-and-a-half", "two"],
      "each file once",
    );
  });
});

Deno.test("a file that cannot be read costs nobody else", async () => {
  const files = {
    "a.yaml": rule("a"),
    "bytes.yaml": new Uint8Array([0x69, 0x64, 0x3a, 0xff, 0xfe]),
    "large.yaml": `${rule("large")}# ${"x".repeat(RULE_FILE_BYTES_MAX)}\n`,
    "syntax.yaml": "id: [unclosed\n",
    "z.yaml": rule("z"),
  };
  await withFolder(files, async (folder) => {
    await Deno.symlink(`${folder}/nowhere`, `${folder}/dangling.yaml`);
    const { ids, told, files } = await load(folder, `${folder}/missing`);
    deepStrictEqual(ids, ["a", "z"]);
    strictEqual(files, 3);
    const named = told.map((line) => line.slice(folder.length + 1).split(":")[0]);
    deepStrictEqual([...new Set(named)], ["bytes.yaml", "dangling.yaml", "large.yaml", "missing", "syntax.yaml"]);
    strictEqual(told[0]?.endsWith("1:1: error: Cannot read rules as it must be UTF-8 text"), true, told[0]);
  });
});

Deno.test("folders that hold links to one another are read once", async () => {
  await withFolder({ "a/one.yaml": rule("one") }, async (folder) => {
    await Deno.symlink(folder, `${folder}/a/up`);
    await Deno.symlink(`${folder}/a`, `${folder}/b`);
    await Deno.symlink(`${folder}/a/one.yaml`, `${folder}/two.yaml`);
    const { ids, told } = await load(folder);
    deepStrictEqual(ids, ["one"]);
    strictEqual(told.length, 1, "the link to the file is a second rule of the same id");
  });
});

Deno.test("of 3,000 files of which 5 are broken, exactly those 5 are told, in order", async () => {
  const files: Record<string, string> = {};
  const broken = [7, 400, 1_999, 2_000, 2_999];
  for (let i = 0; i < 3_000; i++) {
    const text = rule(`r${i}`);
    files[`${String(i).padStart(4, "0")}.yaml`] = broken.includes(i) ? text.replace("level: low", "level: lo") : text;
  }
  await withFolder(files, async (folder) => {
    const { ids, told } = await load(folder);
    strictEqual(ids.length, 2_995);
    deepStrictEqual(told.map((line) => Number(line.slice(folder.length + 1, folder.length + 5))), broken);
  });
});

Deno.test("one document with an error leaves the others of its file", () => {
  const text = `${rule("a")}---\n${rule("b").replace("low", "lwo")}---\n${rule("c")}`;
  const { rules, diagnostics } = parseRules("r.yaml", text);
  deepStrictEqual(rules.map(({ id }) => id), ["a", "c"]);
  deepStrictEqual(diagnostics.map(({ place }) => `${place.line}:${place.column}`), ["8:8"]);
});

Deno.test("an alias bomb is refused", () => {
  const rungs = Array.from(
    { length: 12 },
    (_, i) => `${"abcdefghijklm"[i + 1]}: &${"abcdefghijklm"[i + 1]} [${`*${"abcdefghijklm"[i]},`.repeat(10)}]`,
  );
  const { rules, diagnostics } = parseRules("r.yaml", `a: &a [x]\n${rungs.join("\n")}\n`);
  deepStrictEqual(rules, []);
  strictEqual(diagnostics.some(({ message }) => message.includes("aliases")), true);
});

Deno.test("a document that no front end takes is told", () => {
  const none = {
    name: "none",
    accepts: () => false,
    read: () => ({ id: undefined, ruleId: undefined, diagnostics: [] }),
    link: () => ({ rules: [], diagnostics: [], references: new Map() }),
  };
  const { rules, diagnostics } = parseRules("r.yaml", `\n${rule("a")}`, { frontEnds: [none] });
  deepStrictEqual(rules, []);
  strictEqual(diagnostics[0]?.place.line, 2);
});

Deno.test("rules of different files may refer to one another", () => {
  const text = `${rule("base")}---\nid: on-top\ntitle: T\nlevel: high\nselect: { one: { rule: bsae } }\n`;
  const { rules, diagnostics } = parseRules("r.yaml", text);
  deepStrictEqual(rules.map(({ id }) => id), ["base"]);
  deepStrictEqual(diagnostics.map(formatDiagnostic), [
    'r.yaml:9:24: error: Cannot load rule as "rule" must name one that is loaded: current value is "bsae" ' +
    '(did you mean "base"?)',
  ]);
  strictEqual(parseRules("r.yaml", text.replace("bsae", "base")).rules.length, 2);
});
