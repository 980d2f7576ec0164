/** `weir rules backtest`: what a rule would have made of the journal, and what a change to it makes different. */

import { type Command, InvalidArgumentError } from "commander";
import { systemClock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { formatDiagnostic, messageOf, UsageError } from "../core/errors.ts";
import { toRfc3339 } from "../core/event.ts";
import { JournalReader } from "../journal/mod.ts";
import { backtest, type BacktestResult, type RuleVersion } from "../pipeline/backtest.ts";
import { loadEditedRule } from "../pipeline/edited_rule.ts";
import type { ComparedFiring, FiringChange } from "../pipeline/firing_comparison.ts";
import { loadRuleBook } from "../pipeline/rule_book.ts";
import { WrongError } from "./exit.ts";
import { durationOption, repeated } from "./options.ts";
import { escapeText, printJson, printLine, warnLine } from "./output.ts";
import { ruleOf, RULES_HELP, type RuleSettings, ruleSettings } from "./rules_book.ts";
import { type SettingsFlags, withData } from "./settings.ts";

interface BacktestFlags extends SettingsFlags {
  readonly since: number;
  readonly rules?: readonly string[];
  readonly limit: number;
  readonly json?: boolean;
}

export function addRulesBacktestCommand(rules: Command): void {
  withData(rules.command("backtest").argument("<rule>", "id of a rule in force, or a file with a changed or new one"))
    .requiredOption("--since <duration>", "how far back", durationOption)
    .option("--rules <dir>", RULES_HELP, repeated)
    .option("--limit <count>", "how many firings to list; all are counted", limitOption, 100)
    .option("--json", "a JSON object a line: each firing, then the summary")
    .description("what a rule would have fired on in the journal, and how that differs from the version in force")
    .action(runBacktest);
}

function limitOption(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0) throw new InvalidArgumentError("A limit is a whole number of at least 0.");
  return count;
}

async function runBacktest(name: string, flags: BacktestFlags): Promise<void> {
  const settings = await ruleSettings(flags.rules ?? [], flags);
  const { config } = settings;
  const versions = await versionsOf(name, settings);
  if (versions.now.rule.silent) {
    throw new UsageError(`Cannot backtest "${versions.now.rule.id}" as it only feeds other rules: name one of those`);
  }
  const nowMs = systemClock.now();
  const sinceMs = nowMs - flags.since;
  const reader = JournalReader.open(config.data, {
    onBadRow: ({ table, key, reason }) => warnLine(escapeText(`${table} ${key}: ${reason}; left out`)),
  });
  try {
    const list = new List(flags.limit, flags.json ?? false);
    const result = await backtest({ reader, config, ...versions, sinceMs, onFiring: (firing) => list.add(firing) });
    summarise(result, versions, { ...flags, sinceMs, untilMs: nowMs, unlisted: list.unlisted });
  } finally {
    reader.close();
  }
}

interface Versions {
  readonly now: RuleVersion;
  readonly before: RuleVersion | null;
}

/** A file is a version now, the rule in force of its id the one before; an id is both. */
async function versionsOf(name: string, { config, folders, tuning }: RuleSettings): Promise<Versions> {
  const book = await loadRuleBook(folders, config, tuning);
  if (!/\/|\.ya?ml$/.test(name)) {
    const version = { rule: ruleOf(name, book), all: book.rules };
    return { now: version, before: version };
  }
  await mustBeThere(name);
  const { version, diagnostics } = await loadEditedRule(name, folders, tuning);
  for (const diagnostic of diagnostics) warnLine(escapeText(formatDiagnostic(diagnostic)));
  if (version === undefined) throw new WrongError();
  const before = book.rules.find(({ id }) => id === version.rule.id);
  return { now: version, before: before === undefined ? null : { rule: before, all: book.rules } };
}

async function mustBeThere(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${messageOf(error)}`);
  }
}

const MARKS: Readonly<Record<FiringChange, string>> = { both: " ", only_now: "+", only_before: "-" };

/** Firings as they are printed, up to a limit. */
class List {
  unlisted = 0;
  #listed = 0;

  constructor(readonly limit: number, readonly json: boolean) {}

  add(firing: ComparedFiring): void {
    if (this.#listed >= this.limit) {
      this.unlisted++;
      return;
    }
    this.#listed++;
    const { change, detection: { id, timeMs, group, message, count, eventIds }, laterMs } = firing;
    const time = toRfc3339(timeMs);
    if (this.json) {
      return printJson({
        type: "firing",
        change,
        id,
        time,
        later_ms: laterMs,
        group,
        message,
        count,
        event_ids: eventIds,
      });
    }
    const moved = laterMs === 0 ? "" : ` (${formatDuration(Math.abs(laterMs))} ${laterMs < 0 ? "earlier" : "later"})`;
    printLine(escapeText(`${MARKS[change]} ${time}  ${groupText(group)}  ${message}${moved}`));
  }
}

function groupText(group: ComparedFiring["detection"]["group"]): string {
  return Object.values(group).map((value) => Array.isArray(value) ? value.join(",") : String(value)).join(" ");
}

interface Asked {
  readonly json?: boolean;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly unlisted: number;
}

function summarise(
  result: BacktestResult,
  { now, before }: Versions,
  { json, sinceMs, untilMs, unlisted }: Asked,
): void {
  const { events, firstMs, lastMs, both, only_now, only_before, hurried } = result;
  if (json) {
    return printJson({
      type: "summary",
      rule: now.rule.id,
      since: toRfc3339(sinceMs),
      until: toRfc3339(untilMs),
      events,
      first_event: firstMs === null ? null : toRfc3339(firstMs),
      last_event: lastMs === null ? null : toRfc3339(lastMs),
      now: both + only_now,
      before: before === null ? null : both + only_before,
      both,
      only_now,
      only_before,
      hurried,
      unlisted,
    });
  }
  if (unlisted > 0) warnLine(`and ${unlisted} more; --limit lists more of them`);
  const span = firstMs === null || lastMs === null ? "" : `, seen from ${toRfc3339(firstMs)} to ${toRfc3339(lastMs)}`;
  warnLine(`${events} events${span}`);
  if (hurried > 0) warnLine(`${hurried} firings were too many to be held against those of the other version`);
  if (before === now) return warnLine(`${now.rule.id} would have fired ${times(both)}`);
  const then = before === null ? "no rule of that id is in force" : `the version in force ${times(both + only_before)}`;
  warnLine(`${now.rule.id} would have fired ${times(both + only_now)}; ${then}`);
  if (before !== null) warnLine(`both: ${both}, only now (+): ${only_now}, only before (-): ${only_before}`);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
