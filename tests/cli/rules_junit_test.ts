/** The JUnit report is well-formed XML whatever the rules say, and its numbers add up. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { junitReport } from "../../src/cli/rules_junit.ts";
import type { Diagnostic } from "../../src/core/errors.ts";
import type { RuleTestResult } from "../../src/pipeline/rule_tests.ts";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  ok(!/[<>"]/.test(text) && !/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(text), `not escaped: ${text}`);
  return text.replace(/&(#(\d+)|\w+);/g, (_, name, code) => code ? String.fromCharCode(code) : ENTITIES[name] ?? "");
}

/** Reads XML of the kind the report is; throws for what is not well-formed. */
function parseXml(xml: string): Element {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  ok(xml.startsWith(head));
  // deno-lint-ignore no-control-regex -- characters that XML 1.0 does not have
  ok(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml) && xml.isWellFormed());
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  for (const [, text = "", close, name = "", written = "", empty] of xml.slice(head.length).matchAll(TOKEN)) {
    const within = open.at(-1) ?? root;
    within.text += unescapeXml(text.trim() === "" ? "" : text);
    if (close !== undefined) {
      strictEqual(open.pop()?.name, close);
      continue;
    }
    const attributes = Object.fromEntries(
      [...written.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, unescapeXml(value)]),
    );
    const element: Element = { name, attributes, children: [], text: "" };
    within.children.push(element);
    if (empty === undefined) open.push(element);
  }
  strictEqual(open.length, 1);
  strictEqual(root.children.length, 1);
  return root.children[0] ?? root;
}

const TOKEN = /([^<]*)<(?:\/([a-z]+)|([a-z]+)((?: [a-z]+="[^"<]*")*)(\/)?)>/g;

const result = (change: Partial<RuleTestResult>): RuleTestResult => ({
  rule: "r",
  test: "t",
  ok: true,
  problems: [],
  place: { path: "rules/a.yaml", line: 3, column: 5 },
  tookMs: 2.5,
  ...change,
});

Deno.test("junit: nothing tested is an empty report", () => {
  deepStrictEqual(parseXml(junitReport([], [])), {
    name: "testsuites",
    attributes: { name: "weir rules", tests: "0", failures: "0", errors: "0", time: "0.000000" },
    children: [],
    text: "",
  });
});

Deno.test("junit: a suite for each file, a case for each test and each error, counts and times added up", () => {
  const broken: Diagnostic = {
    severity: "error",
    place: { path: "rules/b.yaml", line: 1, column: 2 },
    message: "Cannot read",
    hint: "do",
  };
  const failed = result({
    test: "f",
    ok: false,
    problems: ["did not fire", "x < y"],
    place: { path: "rules/b.yaml", line: 9, column: 1 },
  });
  const report = parseXml(junitReport([result({}), failed, result({ test: "u" })], [broken]));
  deepStrictEqual(report.attributes, { name: "weir rules", tests: "4", failures: "1", errors: "1", time: "0.007500" });
  const [a, b] = report.children;
  deepStrictEqual(a?.attributes, {
    name: "rules/a.yaml",
    tests: "2",
    failures: "0",
    errors: "0",
    time: "0.005000",
    skipped: "0",
  });
  deepStrictEqual(a?.children.map(({ attributes, children }) => [attributes.name, children.length]), [["t", 0], [
    "u",
    0,
  ]]);
  deepStrictEqual(b?.attributes.name, "rules/b.yaml");
  const [error, failure] = b?.children ?? [];
  strictEqual(error?.children[0]?.name, "error");
  strictEqual(error?.children[0]?.text, "rules/b.yaml:1:2: error: Cannot read (do)");
  deepStrictEqual(failure?.attributes, {
    classname: "r",
    name: "f",
    file: "rules/b.yaml",
    line: "9",
    time: "0.002500",
  });
  deepStrictEqual(failure?.children[0]?.attributes, { message: "did not fire; x < y", type: "unexpected" });
  strictEqual(failure?.children[0]?.text, "rules/b.yaml:9: did not fire\nrules/b.yaml:9: x < y");
});

Deno.test("property: whatever rules, tests and files are called, the report is well-formed and says it", () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  fc.assert(fc.property(text, text, text, text, (rule, test, path, problem) => {
    const place = { path, line: 1, column: 1 };
    const report = parseXml(junitReport([result({ rule, test, place, ok: false, problems: [problem] })], []));
    // deno-lint-ignore no-control-regex -- what XML cannot hold is replaced
    const shown = test.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
    strictEqual(report.children[0]?.children[0]?.attributes.name, shown);
  }));
});
