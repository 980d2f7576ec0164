/** What became of rules' tests as JUnit XML, which build servers show. */

import { type Diagnostic, formatDiagnostic } from "../core/errors.ts";
import type { RuleTestResult } from "../pipeline/rule_tests.ts";

/** What XML 1.0 cannot hold in any form: most controls, halves of surrogate pairs, U+FFFE and U+FFFF. */
// deno-lint-ignore no-control-regex -- these are the characters to be replaced
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** Text as it stands in an attribute or between tags. */
function xmlText(text: string): string {
  return text.toWellFormed().replace(NOT_XML, "\ufffd").replace(/[&<>"'\t\n\r]/g, (c) => ENTITIES[c] ?? c);
}

type Attributes = Readonly<Record<string, string | number>>;

function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlText(String(value))}"`).join("");
  if (children.length === 0) return `<${name}${written}/>`;
  return `<${name}${written}>\n${children.join("\n")}\n</${name}>`;
}

/** One test case as the report shows it. */
interface Case {
  readonly outcome: "passed" | "failed" | "error";
  readonly tookMs: number;
  readonly xml: string;
}

/**
 * The report: a test suite for each rule file, a test case for each test, and, for each error that left a rule out before its
 * tests could run, a case of that error. Times are seconds.
 */
export function junitReport(results: readonly RuleTestResult[], errors: readonly Diagnostic[]): string {
  const paths = new Set([...results, ...errors].map(({ place }) => place.path));
  const suites = [...paths].sort().map((path) => ({
    path,
    cases: [
      ...errors.filter(({ place }) => place.path === path).map(errorCase),
      ...results.filter(({ place }) => place.path === path).map(testCase),
    ],
  }));
  const all = suites.flatMap(({ cases }) => cases);
  const report = element(
    "testsuites",
    { name: "weir rules", ...summary(all) },
    suites.map(({ path, cases }) =>
      element("testsuite", { name: path, ...summary(cases), skipped: 0 }, cases.map(({ xml }) => xml))
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${report}\n`;
}

function summary(cases: readonly Case[]): Attributes {
  return {
    tests: cases.length,
    failures: cases.filter(({ outcome }) => outcome === "failed").length,
    errors: cases.filter(({ outcome }) => outcome === "error").length,
    time: seconds(cases.reduce((total, { tookMs }) => total + tookMs, 0)),
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}

function testCase({ rule, test, ok, problems, place, tookMs }: RuleTestResult): Case {
  const attributes = { classname: rule, name: test, file: place.path, line: place.line, time: seconds(tookMs) };
  const text = problems.map((problem) => `${place.path}:${place.line}: ${problem}`).join("\n");
  const failure = `<failure message="${xmlText(problems.join("; "))}" type="unexpected">${xmlText(text)}</failure>`;
  return {
    outcome: ok ? "passed" : "failed",
    tookMs,
    xml: element("testcase", attributes, ok ? [] : [failure]),
  };
}

function errorCase(diagnostic: Diagnostic): Case {
  const { message, place: { path, line, column } } = diagnostic;
  const attributes = { classname: path, name: `loads (${line}:${column})`, file: path, line, time: seconds(0) };
  const error = `<error message="${xmlText(message)}" type="invalid">${xmlText(formatDiagnostic(diagnostic))}</error>`;
  return { outcome: "error", tookMs: 0, xml: element("testcase", attributes, [error]) };
}
