/** Reads what a correlation asks beside `when`: `sustained`, `absent`, `new`, `baseline`. */

import { fieldDefinition } from "../../core/fields.ts";
import type { FieldValue } from "../../core/event.ts";
import { nameHint, quoteValue } from "../../core/errors.ts";
import type { Condition } from "../condition.ts";
import { makeLeaf } from "../leaf.ts";
import {
  type Absent,
  type Baseline,
  DIRECTIONS,
  type Novel,
  type Pattern,
  type Selection,
  type Sustained,
} from "../rule.ts";
import { NAME_LENGTH_MAX } from "./condition_reader.ts";
import { checkField } from "./facts.ts";
import type { Mapping, Node } from "./node.ts";

/** Keys of `correlate` that each ask for a pattern. */
export const PATTERNS = ["sustained", "absent", "new", "baseline"] as const;

/** Keys that say more of one pattern, and of which. */
const BELONGS = { gap: "sustained", groups: "absent", learning: "new" } as const;

/** Every key of `correlate` that has to do with a pattern. */
export const PATTERN_KEYS = [...PATTERNS, "gap", "groups", "learning"] as const;

export const BASELINE_KEYS = ["selection", "field", "deviations", "minimum", "history", "direction"] as const;

/** How many groups a rule may wait for from the start. */
export const GROUPS_MAX = 10_000;

/** How long values are learnt, and how far back a history reaches, where a rule does not say: 7 days, in milliseconds. */
export const LEARNING_MS = 7 * 86_400_000;

/** How many values a history must have, where a rule does not say, and the most it may be asked to have: it keeps few more. */
export const BASELINE_MINIMUM = 20;
export const BASELINE_MINIMUM_MAX = 100;

export type PatternKeys = Mapping<typeof PATTERN_KEYS[number]>;

/** What is known of a rule where its pattern stands. */
export interface PatternContext {
  /** Names of the selections as written. */
  readonly names: readonly string[];
  readonly groupBy: readonly string[];
  /** Milliseconds; `undefined` when it could not be read. */
  readonly timespanMs: number | undefined;
}

/** The pattern; null where there is none, `undefined` after saying what is wrong. */
export function readPattern(keys: PatternKeys, context: PatternContext): Pattern | null | undefined {
  const asked = PATTERNS.filter((key) => keys[key].value !== undefined);
  for (const [key, pattern] of Object.entries(BELONGS) as [keyof typeof BELONGS, typeof PATTERNS[number]][]) {
    if (keys[key].value === undefined || asked.includes(pattern)) continue;
    keys[key].tell("error", `Cannot read "${key}" as it must stand beside "${pattern}"`, undefined, "key");
  }
  const [type, other] = asked;
  if (type === undefined) return null;
  if (other !== undefined) {
    const message = `Cannot read "correlate" as it must have only one of ${PATTERNS.join(", ")}: current value has ` +
      asked.join(" and ");
    keys[other].tell("error", message, "let one rule take the other's matches", "key");
    return undefined;
  }
  switch (type) {
    case "sustained":
      return readSustained(keys, context);
    case "absent":
      return readAbsent(keys, context);
    case "new":
      return readNovel(keys, context);
    case "baseline":
      return readBaseline(keys.baseline, context);
  }
}

/** What the pattern asks of the window's facts; null where it asks it of events. */
export function patternCondition(pattern: Pattern, timespanMs: number): Condition | null {
  switch (pattern.type) {
    case "new":
      return null;
    case "baseline":
      return atLeast(`${pattern.selection}.deviations`, pattern.deviations);
    default:
      return atLeast(`${pattern.selection}.${pattern.type}`, timespanMs / 1000);
  }
}

function atLeast(fact: string, value: number): Condition | null {
  const leaf = makeLeaf(fact, "greaterThanInclusive", value);
  return "accepts" in leaf ? leaf : null;
}

/**
 * The hidden selection that a run needs, beside those that are written: what the one of the run could take, whether it meets its
 * condition or not. No selection that is written can have its name.
 */
export function hiddenSelections(
  pattern: Pattern | undefined,
  selections: readonly Selection[],
  node: Node,
): readonly Selection[] {
  if (pattern?.type !== "sustained") return [];
  const run = selections.find(({ name }) => name === pattern.selection);
  if (run === undefined) return [];
  if (run.kinds === null && run.rule === null) {
    node.at("sustained").refuse(
      "sustained",
      "a selection with a kind or a rule",
      "else every other event would end the run",
    );
  }
  return [{ ...run, name: pattern.others, where: null, hidden: true }];
}

function othersName(selection: string): string {
  return `${selection}:others`;
}

function readSustained(keys: PatternKeys, { names, timespanMs }: PatternContext): Sustained | undefined {
  const selection = readSelectionName(keys.sustained, "sustained", names);
  const gapMs = keys.gap.duration("gap", 1) ?? timespanMs;
  if (gapMs !== undefined && timespanMs !== undefined && gapMs > timespanMs) {
    return keys.gap.refuse("gap", "at most the timespan");
  }
  if (selection === undefined || gapMs === undefined) return undefined;
  return { type: "sustained", selection, others: othersName(selection), gapMs };
}

function readAbsent(keys: PatternKeys, { names, groupBy }: PatternContext): Absent | undefined {
  const selection = readSelectionName(keys.absent, "absent", names);
  if (keys.groups.value !== undefined && names.length > 1) {
    const message = `Cannot read "groups" as the rule must have one selection: what else it selects says when to wait`;
    keys.groups.tell("error", message, undefined, "key");
    return undefined;
  }
  const nodes = keys.groups.list("groups", GROUPS_MAX) ?? [];
  const groups = nodes.map((node) => readGroup(node, groupBy)).filter((group) => group !== undefined);
  return selection === undefined || groups.length < nodes.length ? undefined : { type: "absent", selection, groups };
}

/** A group as a mapping of its fields, or, where that is one field, its value. */
function readGroup(node: Node, groupBy: readonly string[]): readonly FieldValue[] | undefined {
  if (typeof node.value !== "object" || node.value === null) {
    if (groupBy.length > 1) return node.refuse("group", `a mapping of ${groupBy.join(", ")}`);
    const value = presentValue(node);
    return value === undefined ? undefined : [value];
  }
  const keys = node.mapping("group", groupBy);
  const values = groupBy.map((field) => keys && presentValue(keys[field]?.required("group") ?? node));
  return values.every((value) => value !== undefined) ? values : undefined;
}

function presentValue(node: Node): FieldValue | undefined {
  if (node.value === undefined) return undefined;
  return node.value === null ? node.refuse("group", "one of values that are there") : node.fieldValue("group");
}

function readNovel(keys: PatternKeys, { groupBy }: PatternContext): Novel | undefined {
  const field = keys.new.text("new", NAME_LENGTH_MAX);
  const learningMs = keys.learning.duration("learning");
  if (field === undefined || (keys.learning.value !== undefined && learningMs === undefined)) return undefined;
  checkField(field, keys.new);
  if (groupBy.includes(field)) return keys.new.refuse("new", "a field that is not in group-by: new for whom?");
  return { type: "new", field, learningMs: learningMs ?? LEARNING_MS };
}

function readBaseline(node: Node, { names }: PatternContext): Baseline | undefined {
  const keys = node.mapping(`"baseline"`, BASELINE_KEYS);
  if (keys === undefined) return undefined;
  if (names.length > 1) keys.selection.required(`"baseline"`);
  const [only] = names;
  const selection = keys.selection.value === undefined ? only : readSelectionName(keys.selection, "selection", names);
  const field = keys.field.required(`"baseline"`).text("field", NAME_LENGTH_MAX);
  if (field !== undefined) checkNumbers(field, keys.field);
  const deviations = keys.deviations.required(`"baseline"`).number("deviations", 0, Infinity);
  if (deviations === 0) return keys.deviations.refuse("deviations", "over 0");
  const minimum = keys.minimum.whole("minimum", 2, BASELINE_MINIMUM_MAX) ?? BASELINE_MINIMUM;
  const historyMs = keys.history.duration("history", 1) ?? LEARNING_MS;
  const direction = keys.direction.oneOf("direction", DIRECTIONS) ?? "either";
  if (selection === undefined || field === undefined || deviations === undefined) return undefined;
  return { type: "baseline", selection, field, deviations, minimum, historyMs, direction };
}

function checkNumbers(field: string, node: Node): void {
  checkField(field, node);
  const type = fieldDefinition(field)?.type;
  if (type === undefined || type === "number") return;
  const message =
    `Cannot read "baseline" as its field must hold numbers: current value is ${quoteValue(field)}, which ` +
    `holds ${type}`;
  node.tell("error", message);
}

function readSelectionName(node: Node, what: string, names: readonly string[]): string | undefined {
  const name = node.text(what, NAME_LENGTH_MAX);
  if (name === undefined || names.includes(name)) return name;
  return node.refuse(what, "the name of a selection", nameHint(name, names));
}
