/** Rules that are wrong or hostile, all the way from their text to the matcher: each costs itself alone, and nobody time. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { formatDiagnostic } from "../../src/core/errors.ts";
import type { Fields } from "../../src/core/event.ts";
import { RULE_FILE_BYTES_MAX } from "../../src/rules/documents.ts";
import type { LoadOptions } from "../../src/rules/load.ts";
import { parseRules } from "./parse.ts";
import { createMatcher } from "../../src/rules/matcher.ts";
import type { Match } from "../../src/rules/rule.ts";
import { makeEvent } from "./fixtures.ts";

const GOOD = "id: good\ntitle: Good\nlevel: low\nselect: { s: { kind: process.start } }\n";

const native = (id: string, rest: string) => `id: ${id}\ntitle: T\nlevel: low\n${rest}\n`;
const sigma = (id: string, detection: string) =>
  `title: ${id}\nid: ${id}\nlogsource: { category: process_creation }\ndetection: ${detection}\n`;
const counting = (id: string, of: string) =>
  `title: ${id}\nid: ${id}\ncorrelation: { type: event_count, rules: [${of}], timespan: 1m, condition: { gte: 2 } }\n`;

/** What is said of these documents with a good rule after them, which must be the one that loads. */
function told(...documents: string[]): string[] {
  const { rules, diagnostics } = parseRules("r.yaml", [...documents, GOOD].join("---\n"));
  deepStrictEqual(rules.map(({ id }) => id), ["good"]);
  return diagnostics.map(formatDiagnostic);
}

/** Ids of rules that the event meets. */
function met(text: string, fields: Fields, options: LoadOptions = {}): string[] {
  const { rules, diagnostics } = parseRules("r.yaml", text, options);
  deepStrictEqual(diagnostics.map(formatDiagnostic), []);
  const matches: Match[] = [];
  createMatcher(rules).match(makeEvent({ fields }), matches);
  return matches.map(({ rule }) => rule.id);
}

/** What takes longer than this grows faster than its input: milliseconds, for work that takes some hundred at most. */
const LINEAR_MAX_MS = 10_000;

function inTime(work: () => void): void {
  const startedMs = performance.now();
  work();
  const tookMs = performance.now() - startedMs;
  ok(tookMs < LINEAR_MAX_MS, `It took ${Math.round(tookMs)} ms`);
}

Deno.test("a condition that names nothing", () => {
  deepStrictEqual(told(sigma("a", "{ sel: { Image: x }, condition: sle }")).length, 1);
  ok(told(sigma("a", "{ sel: { Image: x }, condition: sle }"))[0]?.includes('did you mean "sel"?'));
  const when = told(native(
    "a",
    "select: { failure: { kind: a.b } }\ncorrelate: { timespan: 1m }\n" +
      "when: { fact: failrue.count, operator: greaterThan, value: 1 }",
  ));
  ok(
    when.some((line) => line.startsWith("r.yaml:6:15: error:") && line.includes('did you mean "failure"?')),
    when.join(),
  );
});

Deno.test("a loop of correlations: every rule of it, Sigma's and ours", () => {
  const ours = told(native("a", "select: { s: { rule: b } }"), native("b", "select: { s: { rule: a } }"));
  strictEqual(ours.filter((line) => line.includes("in a loop")).length, 2);
  const theirs = told(counting("a", "b"), counting("b", "c"), counting("c", "a"));
  strictEqual(theirs.filter((line) => line.includes("in a loop")).length, 3, theirs.join("\n"));
  strictEqual(told(counting("a", "a")).filter((line) => line.includes("in a loop")).length, 1);
  const mixed = told(counting("a", "b"), native("b", "select: { s: { rule: a } }"));
  strictEqual(mixed.filter((line) => line.includes("in a loop")).length, 2, mixed.join("\n"));
});

Deno.test("a duplicate id, whichever way both are written: the first runs", () => {
  for (const second of [GOOD, sigma("good", "{ s: { Image: x }, condition: s }")]) {
    const { rules, diagnostics } = parseRules("r.yaml", `${GOOD}---\n${second}`);
    deepStrictEqual(rules.map(({ format }) => format), ["native"]);
    deepStrictEqual(diagnostics.map(({ severity, place, hint }) => [severity, place.line > 4, hint]), [
      ["error", true, "the first is at r.yaml:1:5"],
    ]);
  }
});

Deno.test("a back-reference", () => {
  const where = "{ fact: process.name, operator: matches, value: '(a)\\1' }";
  ok(
    told(native("a", `select: { s: { kind: a.b, where: ${where} } }`)).some((line) => line.includes("back-reference")),
  );
  ok(told(sigma("a", "{ s: { Image|re: '(a)\\1' }, condition: s }")).some((line) => line.includes("back-reference")));
});

Deno.test("an unset placeholder, and a list that is not configured", () => {
  const text = sigma("a", "{ s: { Image|expand: '%known%' }, condition: s }");
  const [line] = told(text);
  ok(line?.includes("%known%") && line.includes("no value lists are configured"), line);
  const lists = { valueLists: new Map([["known", ["/bin/a"]]]) };
  deepStrictEqual(met(text, { "process.executable": "/bin/a" }, lists), ["a"]);
  const where = "{ fact: process.name, operator: in, value: { list: known } }";
  ok(told(native("a", `select: { s: { kind: process.start, where: ${where} } }`))[0]?.includes("rules.lists"));
});

Deno.test("a value of a megabyte: in a rule it is refused or handled, in an event it is matched", () => {
  inTime(() => {
    const long = "x".repeat(RULE_FILE_BYTES_MAX);
    deepStrictEqual(parseRules("r.yaml", sigma("a", `{ s: { Image: ${long} }, condition: s }`)).rules, []);
    const near = "x".repeat(RULE_FILE_BYTES_MAX - 1_000);
    deepStrictEqual(
      met(sigma("a", `{ s: { Image|contains: ${near} }, condition: s }`), { "process.executable": near }),
      [
        "a",
      ],
    );
    const text = sigma("a", "{ s: { CommandLine|contains|all: [' -enc ', needle] }, condition: s }");
    deepStrictEqual(met(text, { "process.command_line": "a -enc ".repeat(150_000) + "Needle" }), ["a"]);
    deepStrictEqual(met(text, { "process.command_line": "a -enc ".repeat(150_000) }), []);
  });
});

Deno.test("a list of ten thousand values, both ways", () => {
  const values = Array.from({ length: 10_000 }, (_, i) => `/opt/program-${i}`);
  inTime(() => {
    const theirs = sigma("a", `{ s: { Image|endswith: [${values.join(", ")}] }, condition: s }`);
    deepStrictEqual(met(theirs, { "process.executable": "/chroot/OPT/program-9999" }), ["a"]);
    deepStrictEqual(met(theirs, { "process.executable": "/opt/program-10000" }), []);
    const where = `{ fact: process.executable, operator: in, value: [${values.join(", ")}] }`;
    const ours = native("a", `select: { s: { kind: process.start, where: ${where} } }`);
    deepStrictEqual(met(ours, { "process.executable": "/opt/program-9999" }), ["a"]);
    deepStrictEqual(met(ours, { "process.executable": "/opt/program-10000" }), []);
  });
});

Deno.test("wildcards cannot hang", () => {
  const hostile = "a".repeat(5_000);
  inTime(() => {
    for (const pattern of ["*a*a*a*b", "*a".repeat(500) + "*b", "a*?".repeat(200) + "b"]) {
      const text = sigma("a", `{ s: { CommandLine: '${pattern}' }, condition: s }`);
      deepStrictEqual(met(text, { "process.command_line": hostile }), []);
      deepStrictEqual(met(text, { "process.command_line": hostile + "b" }), ["a"]);
    }
  });
});

const EXPRESSIONS = ["(a+)+$", "^(a|aa)+$", "^(a*)*$", "^([a-z]+)*$", "^(a{1,30}){1,30}$", "^(.*a){12}$"];

Deno.test("expressions cannot hang, whatever their flags", () => {
  const hostile = "a".repeat(5_000) + "!";
  for (const expression of EXPRESSIONS) {
    for (const flags of ["", "|i", "|m", "|s", "|i|m|s"]) {
      inTime(() => {
        const text = sigma("a", `{ s: { CommandLine|re${flags}: '${expression}' }, condition: s }`);
        deepStrictEqual(met(text, { "process.command_line": hostile }), [], `${expression} ${flags}`);
      });
    }
    for (const flags of ["", "(?i)", "(?m)", "(?s)", "(?ims)"]) {
      inTime(() => {
        const where = `{ fact: process.command_line, operator: matches, value: '${flags}${expression}' }`;
        const text = native("a", `select: { s: { kind: process.start, where: ${where} } }`);
        deepStrictEqual(met(text, { "process.command_line": hostile }), [], flags + expression);
      });
    }
  }
});
