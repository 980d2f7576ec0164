/** `weir rules test`: runs the tests that stand in rule files. */

import type { Command } from "commander";
import { type Diagnostic, formatDiagnostic, messageOf, nameHint, UsageError } from "../core/errors.ts";
import type { RuleBook } from "../pipeline/rule_book.ts";
import { failureDiagnostic, type RuleTestResult } from "../pipeline/rule_tests.ts";
import { WrongError } from "./exit.ts";
import { repeated } from "./options.ts";
import { escapeText, printLine, warnLine } from "./output.ts";
import { bookOf, FOLDERS_HELP } from "./rules_book.ts";
import { junitReport } from "./rules_junit.ts";
import { type SettingsFlags, withSettings } from "./settings.ts";

interface TestFlags extends SettingsFlags {
  readonly junit?: string;
  readonly filter?: readonly string[];
}

export function addRulesTestCommand(rules: Command): void {
  withSettings(rules.command("test").argument("[dir...]", FOLDERS_HELP))
    .option("--filter <id>", "only the tests of this rule; may be given several times", repeated)
    .option("--junit <file>", "also write the results as JUnit XML, - for standard output instead of the list")
    .description("run the tests that stand in the rule files; exit code 1 when one fails or a rule does not load")
    .action(async (dirs: string[], flags: TestFlags) => await test(await bookOf(dirs, flags), flags));
}

async function test(book: RuleBook, { junit, filter }: TestFlags): Promise<void> {
  const results = filter === undefined ? book.testResults : resultsOf(book, filter);
  const broken = filter === undefined ? brokenIn(book) : [];
  if (junit !== "-") printResults(results, broken);
  if (junit !== undefined) await writeReport(junit, junitReport(results, broken));
  const failed = results.filter(({ ok }) => !ok).length;
  const untested = filter === undefined ? untestedIn(book) : [];
  if (untested.length > 0) warnLine(escapeText(`without tests: ${untested.join(", ")}`));
  warnLine(`${results.length - failed} passed, ${failed} failed`);
  if (failed > 0 || broken.length > 0) throw new WrongError();
}

/** @throws {UsageError} when a rule is not there, or has no test. */
function resultsOf({ rules, testResults }: RuleBook, ids: readonly string[]): readonly RuleTestResult[] {
  const tested = new Set(testResults.map(({ rule }) => rule));
  for (const id of ids) {
    if (tested.has(id)) continue;
    const hint = rules.some((rule) => rule.id === id)
      ? "that rule has no tests"
      : tested.size === 0
      ? "no rule has"
      : nameHint(id, tested);
    throw new UsageError(`Cannot test as --filter must name a rule with tests: current value is "${id}" (${hint})`);
  }
  return testResults.filter(({ rule }) => ids.includes(rule));
}

/** Errors that are not about tests: what they left out was not tested. */
function brokenIn({ diagnostics, testResults }: RuleBook): readonly Diagnostic[] {
  const told = new Set(
    testResults.filter(({ ok }) => !ok).map((result) => formatDiagnostic(failureDiagnostic(result))),
  );
  return diagnostics.filter((one) => one.severity === "error" && !told.has(formatDiagnostic(one)));
}

function untestedIn({ rules }: RuleBook): readonly string[] {
  return rules.filter(({ format, tests }) => format === "native" && tests.length === 0).map(({ id }) => id);
}

function printResults(results: readonly RuleTestResult[], broken: readonly Diagnostic[]): void {
  for (const diagnostic of broken) printLine(escapeText(formatDiagnostic(diagnostic)));
  for (const { rule, test, ok, problems, place } of results) {
    printLine(escapeText(`${ok ? "ok    " : "FAILED"} ${rule}: ${test}`));
    for (const problem of problems) printLine(escapeText(`       ${place.path}:${place.line}: ${problem}`));
  }
}

async function writeReport(path: string, report: string): Promise<void> {
  if (path === "-") return printLine(report.trimEnd());
  try {
    await Deno.writeTextFile(path, report);
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${messageOf(error)}`);
  }
}
