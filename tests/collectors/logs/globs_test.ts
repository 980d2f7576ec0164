import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { expand, matchesName, matchesPath } from "../../../src/collectors/logs/tail/globs.ts";
import { isRotatedName } from "../../../src/collectors/logs/tail/rotation.ts";

Deno.test("globs: names", () => {
  const fit: [string, string, boolean][] = [
    ["*", "a.log", true],
    ["*", ".hidden", false],
    [".*", ".hidden", true],
    ["*.log", "a.log", true],
    ["*.log", "a.log.1", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[!a-c]x", "dx", true],
    ["[x", "[x", true],
    ["a*b*c", "aXbYbZc", true],
    ["", "", true],
    ["**", "any", true],
  ];
  for (const [step, name, expected] of fit) strictEqual(matchesName(step, name), expected, `${step} ${name}`);
});

Deno.test("globs: a pattern that goes back and forth ends soon", () => {
  const startMs = performance.now();
  strictEqual(matchesName("*a".repeat(200) + "b", "a".repeat(20_000)), false);
  ok(performance.now() - startMs < 10_000);
});

Deno.test("globs: exclusions, by name or by path", () => {
  ok(matchesPath("*.gz", "/var/log/a.gz"));
  ok(matchesPath("/var/**/a.log", "/var/log/x/a.log"));
  ok(!matchesPath("/var/*/a.log", "/var/log/x/a.log"));
});

Deno.test("globs: what is there, and where what is new would show", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/a/b`, { recursive: true });
    await Deno.symlink(`${folder}/a`, `${folder}/a/b/loop`);
    for (const path of ["x.log", "a/y.log", "a/b/z.log", "a/.h.log"]) await Deno.writeTextFile(`${folder}/${path}`, "");
    const paths = (pattern: string) => expand(pattern).paths.map((path) => path.slice(folder.length + 1));
    deepStrictEqual(paths(`${folder}/*.log`), ["x.log"]);
    deepStrictEqual(paths(`${folder}/*/*.log`), ["a/y.log"]);
    deepStrictEqual(paths(`${folder}/**/*.log`), ["a/b/z.log", "a/y.log", "x.log"]);
    deepStrictEqual(paths(`${folder}/none/*.log`), []);
    deepStrictEqual(expand(`${folder}/none/n.log`).paths, [`${folder}/none/n.log`]);
    deepStrictEqual(expand(`${folder}/none/*.log`).folders, [`${folder}/none/`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("rotation: names that it gives", () => {
  const yes = [
    "app.log.1",
    "app.log-20260101",
    "app.log.2026-01-01",
    "app.log.old",
    "app-20260101.log",
    "app.1.log",
    "app.log-20260101-12:00",
  ];
  const no = [
    "app.log",
    "app.log.gz",
    "app.logs",
    "app2.txt",
    "application.log",
    "app-error.log",
    "other.log.1",
    "app.log.x",
  ];
  for (const name of yes) ok(isRotatedName("app.log", name), name);
  for (const name of no) ok(!isRotatedName("app.log", name), name);
  ok(isRotatedName("syslog", "syslog.1"));
  ok(!isRotatedName("syslog", "syslog-ng"));
});
