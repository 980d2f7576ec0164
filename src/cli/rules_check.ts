/** `weir rules check`: everything wrong with the rules, and, when asked, what they ask of the stream. */

import type { Command } from "commander";
import { type Diagnostic, formatDiagnostic } from "../core/errors.ts";
import { KNOWN_KINDS } from "../pipeline/kinds.ts";
import type { RuleBook } from "../pipeline/rule_book.ts";
import { type RuleSurvey, surveyRules } from "../rules/survey.ts";
import { WrongError } from "./exit.ts";
import { escapeText, printJson, printLine, printTable, warnLine } from "./output.ts";
import { bookOf, FOLDERS_HELP } from "./rules_book.ts";
import { type SettingsFlags, withSettings } from "./settings.ts";

interface CheckFlags extends SettingsFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function addRulesCheckCommand(rules: Command): void {
  withSettings(rules.command("check").argument("[dir...]", FOLDERS_HELP))
    .option("-v, --verbose", "also what the rules wait for, and which conditions cost most")
    .option("--json", "one JSON object with all of that")
    .description("everything wrong with the rules, with its place; exit code 1 on any error")
    .action(async (dirs: string[], flags: CheckFlags) => check(await bookOf(dirs, flags), flags));
}

function check(book: RuleBook, { json, verbose }: CheckFlags): void {
  const survey = surveyRules(book.rules, KNOWN_KINDS);
  const errors = book.diagnostics.filter(({ severity }) => severity === "error").length;
  if (json) printJson(checkJson(book, survey, errors));
  else {
    for (const diagnostic of book.diagnostics) printLine(escapeText(formatDiagnostic(diagnostic)));
    if (verbose) printSurvey(survey);
    else noteUnfed(survey);
    const warnings = book.diagnostics.length - errors;
    warnLine(
      `${counted(book.files, "file")}, ${counted(book.rules.length, "rule")} in force, ${counted(errors, "error")}, ` +
        counted(warnings, "warning"),
    );
  }
  if (errors > 0) throw new WrongError();
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function checkJson({ files, rules, diagnostics }: RuleBook, survey: RuleSurvey, errors: number) {
  return {
    files,
    rules: rules.length,
    errors,
    warnings: diagnostics.length - errors,
    diagnostics: diagnostics.map(diagnosticJson),
    by_format: Object.fromEntries(survey.byFormat),
    by_level: Object.fromEntries(survey.byLevel),
    by_kind: Object.fromEntries(survey.byKind),
    costly: survey.costly.map(({ rule, selection, kinds, place: { path, line } }) => (
      { rule, selection, kinds, path, line }
    )),
    unfed: survey.unfed.map(({ logSource, kinds, rules }) => ({ log_source: logSource, kinds, rules })),
    unfed_by_rules: survey.unfedByRules,
  };
}

function diagnosticJson({ severity, place: { path, line, column }, message, hint }: Diagnostic) {
  return { severity, path, line, column, message, hint: hint ?? null };
}

/** Rules of others are many and written for many systems: one line says so, not one for each. */
function noteUnfed({ unfed, unfedByRules }: RuleSurvey): void {
  const rules = new Set(unfed.flatMap((source) => source.rules)).size + unfedByRules.length;
  if (rules === 0) return;
  warnLine(
    `${counted(rules, "Sigma rule")} ${rules === 1 ? "waits" : "wait"} for ${
      counted(unfed.length, "log source")
    } that ` +
      "no collector yields, so that only events from elsewhere can meet them; -v lists them",
  );
}

function printSurvey(survey: RuleSurvey): void {
  printCounts("RULES BY FORMAT", survey.byFormat);
  printCounts("RULES BY LEVEL", survey.byLevel);
  const special: [string, number][] = [["(every kind)", survey.ofEveryKind], ["(matches of rules)", survey.ofMatches]];
  const kinds = [...survey.byKind].sort(([a], [b]) => (a < b ? -1 : 1));
  printCounts("RULES BY KIND", [...kinds, ...special.filter(([, count]) => count > 0)]);
  printCostly(survey);
  printUnfed(survey);
}

function printCounts(what: string, counts: Iterable<readonly [string, number]>): void {
  printLine("");
  printTable(["COUNT", what], [...counts].map(([name, count]) => [String(count), name]));
}

function printCostly({ costly }: RuleSurvey): void {
  if (costly.length === 0) return;
  printLine("");
  printLine("Costly: nothing in the condition tells where to look, so it is evaluated on every event of its kinds");
  printTable(
    ["RULE", "SELECTION", "KINDS", "PLACE"],
    costly.map(({ rule, selection, kinds, place }) => [
      rule,
      selection,
      kinds?.join(", ") ?? "every",
      `${place.path}:${place.line}`,
    ]),
  );
}

function printUnfed({ unfed, unfedByRules }: RuleSurvey): void {
  if (unfed.length === 0) return;
  printLine("");
  printLine("Log sources that no collector yields: only events from elsewhere can meet their rules");
  printTable(
    ["RULES", "LOG SOURCE", "KINDS"],
    unfed.map(({ logSource, kinds, rules }) => [String(rules.length), logSource, kinds.join(", ")]),
  );
  if (unfedByRules.length > 0) {
    printLine(escapeText(`and by resting on such rules alone: ${unfedByRules.join(", ")}`));
  }
}
