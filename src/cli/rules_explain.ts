/** `weir rules explain`: each node of a rule's conditions on one event, what it saw, and where it stopped. */

import type { Command } from "commander";
import type { EvaluatedNode } from "../core/detection.ts";
import { formatDuration } from "../core/duration.ts";
import { messageOf, UsageError } from "../core/errors.ts";
import { eventFromJson, type TelemetryEvent } from "../core/event.ts";
import type { Condition } from "../rules/condition.ts";
import { stoppedAt } from "../rules/decisive.ts";
import { explainRule } from "../rules/explain.ts";
import { referencesOf } from "../rules/link.ts";
import type { Rule } from "../rules/rule.ts";
import { repeated } from "./options.ts";
import { escapeText, printJson, printLine } from "./output.ts";
import { bookOf, ruleOf, RULES_HELP } from "./rules_book.ts";
import { type SettingsFlags, withSettings } from "./settings.ts";

interface ExplainFlags extends SettingsFlags {
  readonly event: string;
  readonly rules?: readonly string[];
  readonly json?: boolean;
}

export function addRulesExplainCommand(rules: Command): void {
  withSettings(rules.command("explain").argument("<rule>", "id of the rule"))
    .requiredOption("--event <file>", "a JSON event, - for standard input")
    .option("--rules <dir>", RULES_HELP, repeated)
    .option("--json", "as JSON: the rule, then each rule whose matches it takes, an object a line")
    .description("each condition of a rule on an event: what it saw, and where it stopped")
    .action(async (id: string, flags: ExplainFlags) => {
      const book = await bookOf(flags.rules ?? [], flags);
      const event = await readEvent(flags.event);
      for (const rule of withThoseItTakes(ruleOf(id, book), book.rules)) {
        await explain(rule, event, flags.json ?? false);
      }
    });
}

/** The rule, then those whose matches it takes, directly or through others: nearest first, each once. */
function withThoseItTakes(rule: Rule, all: readonly Rule[]): Rule[] {
  const byId = new Map(all.map((one) => [one.id, one]));
  const found = new Set([rule]);
  for (const { selections } of found) {
    for (const id of selections.flatMap(referencesOf)) {
      const referred = byId.get(id);
      if (referred !== undefined) found.add(referred);
    }
  }
  return [...found];
}

async function explain(rule: Rule, event: TelemetryEvent, json: boolean): Promise<void> {
  const explanation = await explainRule(rule, event);
  if (json) return printJson(explanation);
  const { path, line } = rule.place;
  printLine(escapeText(`${rule.id} (${rule.level}): ${rule.title}`));
  printLine(escapeText(`  ${path}:${line}`));
  for (const { selection, accepts, reason, where } of explanation.selections) {
    printLine(escapeText(`${selection}: ${accepts ? "met" : "not met"}${reason === null ? "" : `, ${reason}`}`));
    const written = rule.selections.find(({ name }) => name === selection)?.where ?? undefined;
    if (where !== null) printNode(where, written, stoppedAt(where), 1);
  }
  printCorrelation(rule);
  printLine("");
}

/** A node, and the part of the rule it is the evaluation of: they have the same shape. */
function printNode(
  node: EvaluatedNode,
  written: Condition | undefined,
  stopped: EvaluatedNode | null,
  depth: number,
): void {
  const mark = node.result ? "+" : "-";
  const label = written?.label === undefined ? "" : `${written.label}: `;
  const arrow = node === stopped ? "   <- stopped here" : "";
  printLine(escapeText(`${"  ".repeat(depth)}${mark} ${label}${nodeText(node, written)}${arrow}`));
  if (node.type === "test") return;
  const parts = written === undefined || written.type === "test" ? [] : written.of;
  for (const [index, child] of node.of.entries()) printNode(child, parts[index], stopped, depth + 1);
}

const BRANCH_TEXTS = { all: "all of", any: "any of", not: "not" } as const;

function nodeText(node: EvaluatedNode, written: Condition | undefined): string {
  if (node.type !== "test") return BRANCH_TEXTS[node.type];
  const saw = "saw" in node ? `saw ${shortJson(node.saw, SAW_MAX)}` : "the event has no such field";
  return `${node.fact}${lookedUp(node.fact, written)} ${node.operator} ${valueText(node.value)}: ${saw}`;
}

/** The fields in which a fact of Sigma's is looked for, where they have other names. */
function lookedUp(fact: string, written: Condition | undefined): string {
  const fields = written?.type === "test" ? written.fields.filter((field) => field !== fact) : [];
  return fields.length === 0 ? "" : ` (${fields.join(", ")})`;
}

/** Length past which what a condition asks for, and what it saw, are cut short on a terminal; `--json` has it whole. */
const VALUE_MAX = 200;
const SAW_MAX = 400;

/** How many of a list's values are shown. */
const LIST_SHOWN_MAX = 8;

function valueText(value: unknown): string {
  if (!Array.isArray(value) || value.length <= LIST_SHOWN_MAX) return shortJson(value, VALUE_MAX);
  const shown = value.slice(0, LIST_SHOWN_MAX).map((item) => shortJson(item, VALUE_MAX / LIST_SHOWN_MAX));
  return `[${shown.join(",")}, and ${value.length - LIST_SHOWN_MAX} more]`;
}

function shortJson(value: unknown, max: number): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > max ? `${json.slice(0, max)}\u2026` : json;
}

/** What a window asks of the selections: one event does not show whether it does. */
function printCorrelation({ correlation }: Rule): void {
  if (correlation === null) return;
  const { groupBy, timespanMs, ordered, when, pattern } = correlation;
  const by = groupBy.length === 0 ? "all events together" : `by ${groupBy.join(", ")}`;
  printLine(
    escapeText(
      `correlated ${by} within ${formatDuration(timespanMs)}${ordered ? ", in order" : ""}; what is met goes into a ` +
        "window, which must meet",
    ),
  );
  if (pattern?.type === "new") printLine(escapeText(`  only events whose ${pattern.field} is new to their group`));
  printCondition(when, 1);
}

function printCondition(condition: Condition, depth: number): void {
  const indent = "  ".repeat(depth);
  if (condition.type === "test") {
    const { fact, operator, value } = condition;
    return printLine(escapeText(`${indent}${fact} ${operator} ${valueText(value)}`));
  }
  printLine(`${indent}${BRANCH_TEXTS[condition.type]}`);
  for (const inner of condition.of) printCondition(inner, depth + 1);
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
    throw new UsageError(
      `Cannot read ${path} as an event must be at most ${EVENT_BYTES_MAX} bytes: current value is more`,
    );
  }
  try {
    return eventFromJson(JSON.parse(text), { id: "event", timeMs: 0, observedMs: 0, host: "localhost" });
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`);
  }
}
