/** `weir rules list | check | test | explain`. */

import type { Command } from "commander";
import type { EvaluatedNode } from "../core/detection.ts";
import { formatDiagnostic, messageOf, nameHint, UsageError } from "../core/errors.ts";
import { eventFromJson, type TelemetryEvent } from "../core/event.ts";
import { explainRule } from "../rules/explain.ts";
import { loadRuleBook, type RuleBook } from "../pipeline/rule_book.ts";
import { WrongError } from "./exit.ts";
import { madeRules } from "./made_rules.ts";
import { escapeText, printJson, printLine, printTable, warnLine } from "./output.ts";
import { ruleFolders, type SettingsFlags, settingsOf, withSettings } from "./settings.ts";

interface RulesFlags extends SettingsFlags {
  readonly json?: boolean;
}

export function addRulesCommand(program: Command): void {
  const rules = program.command("rules").description(
    "rules: list them, check them, run their tests, see why one fires",
  );
  const folders = "folders or files of rules; by default those configured";
  withSettings(rules.command("list").argument("[dir...]", folders).option("--json", "one object a line"))
    .description("the rules in force")
    .action(async (dirs: string[], flags: RulesFlags) => list(await bookOf(dirs, flags), flags.json ?? false));
  withSettings(rules.command("check").argument("[dir...]", folders))
    .description("everything wrong with the rules, with its place; exit code 1 on any error")
    .action(async (dirs: string[], flags: RulesFlags) => check(await bookOf(dirs, flags)));
  withSettings(rules.command("test").argument("[dir...]", folders))
    .description("run the tests that stand in the rule files; exit code 1 when one fails")
    .action(async (dirs: string[], flags: RulesFlags) => test(await bookOf(dirs, flags)));
  withSettings(rules.command("explain").argument("<rule>", "id of the rule"))
    .requiredOption("--event <file>", "a JSON event, - for standard input")
    .option("--json", "as JSON")
    .description("each condition of a rule on an event: what it saw, and where it stopped")
    .action(async (id: string, flags: RulesFlags & { event: string }) => {
      await explain(await bookOf([], flags), id, await readEvent(flags.event), flags.json ?? false);
    });
}

async function bookOf(dirs: readonly string[], flags: RulesFlags): Promise<RuleBook> {
  const loaded = settingsOf(flags);
  const made = dirs.length === 0 ? madeRules(loaded) : undefined;
  return await loadRuleBook(await ruleFolders(dirs, loaded), loaded.config, made);
}

function list({ rules, diagnostics }: RuleBook, json: boolean): void {
  if (json) {
    for (const { id, title, level, weight, tags, format, place } of rules) {
      printJson({ id, title, level, weight, tags, format, path: place.path, line: place.line });
    }
    return;
  }
  printTable(["ID", "LEVEL", "WEIGHT", "TITLE"], rules.map((r) => [r.id, r.level, String(r.weight), r.title]));
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (errors > 0) warnLine(`${errors} ${errors === 1 ? "error" : "errors"}; see: weir rules check`);
}

function check({ rules, diagnostics, files }: RuleBook): void {
  for (const diagnostic of diagnostics) printLine(escapeText(formatDiagnostic(diagnostic)));
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  warnLine(`${files} files, ${rules.length} rules in force, ${errors} errors, ${diagnostics.length - errors} warnings`);
  if (errors > 0) throw new WrongError();
}

function test({ testResults, diagnostics, rules }: RuleBook): void {
  const broken = diagnostics.filter(({ severity, message }) =>
    severity === "error" && !message.includes("as its test")
  );
  for (const diagnostic of broken) printLine(escapeText(formatDiagnostic(diagnostic)));
  for (const { rule, test, ok, problems, place } of testResults) {
    printLine(escapeText(`${ok ? "ok    " : "FAILED"} ${rule}: ${test}`));
    if (!ok) {
      for (const problem of problems) printLine(escapeText(`       ${place.path}:${place.line}: ${problem}`));
    }
  }
  const failed = testResults.filter(({ ok }) => !ok).length;
  const untested = rules.filter((rule) => rule.format === "native" && rule.tests.length === 0).map(({ id }) => id);
  if (untested.length > 0) warnLine(`without tests: ${untested.join(", ")}`);
  warnLine(`${testResults.length - failed} passed, ${failed} failed`);
  if (failed > 0 || broken.length > 0) throw new WrongError();
}

async function explain({ rules }: RuleBook, id: string, event: TelemetryEvent, json: boolean): Promise<void> {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule === undefined) {
    const hint = nameHint(id, rules.map((r) => r.id));
    throw new UsageError(`Cannot explain as no rule in force has the id "${id}" (${hint})`);
  }
  const explanation = await explainRule(rule, event);
  if (json) return printJson(explanation);
  for (const { selection, accepts, reason, where } of explanation.selections) {
    printLine(escapeText(`${selection}: ${accepts ? "met" : "not met"}${reason === null ? "" : `, ${reason}`}`));
    if (where !== null) printNode(where, 1);
  }
  if (rule.correlation !== null) {
    printLine("correlated: a selection that is met goes into a window; one event does not show whether it fires");
  }
}

function printNode(node: EvaluatedNode, depth: number): void {
  const indent = "  ".repeat(depth);
  const mark = node.result ? "+" : "-";
  if (node.type === "test") {
    const saw = "saw" in node ? `saw ${JSON.stringify(node.saw)}` : "the event has no such field";
    printLine(escapeText(`${indent}${mark} ${node.fact} ${node.operator} ${JSON.stringify(node.value)}: ${saw}`));
    return;
  }
  printLine(`${indent}${mark} ${node.type}`);
  for (const child of node.of) printNode(child, depth + 1);
}

/** Largest event file read: bytes. */
const EVENT_BYTES_MAX = 1_048_576;

async function readEvent(path: string): Promise<TelemetryEvent> {
  let text: string;
  try {
    text = path === "-" ? await new Response(Deno.stdin.readable).text() : await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${messageOf(error)}`);
  }
  if (text.length > EVENT_BYTES_MAX) {
    throw new UsageError(`Cannot read ${path} as an event has at most ${EVENT_BYTES_MAX} bytes`);
  }
  try {
    return eventFromJson(JSON.parse(text), { id: "event", timeMs: 0, observedMs: 0, host: "localhost" });
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`);
  }
}
