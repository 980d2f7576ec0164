/** Reads how a rule's selections are put together: `correlate`, `when`, `strength`. */

import type { Condition } from "../condition.ts";
import { makeLeaf } from "../leaf.ts";
import type { Correlation, Pattern, Strength } from "../rule.ts";
import { NAME_LENGTH_MAX, readCondition } from "./condition_reader.ts";
import { checkField, checkWindowFact, type FactCheck } from "./facts.ts";
import type { ValueLists } from "./list_reader.ts";
import type { Node } from "./node.ts";
import { PATTERN_KEYS, patternCondition, readPattern } from "./pattern_reader.ts";

/** How many fields a group may be made of, and how many a rule's entities may come from. */
export const GROUP_FIELDS_MAX = 16;

/** The field that makes the group where a rule names none. */
export const DEFAULT_GROUP_FIELD = "host.name";

const CORRELATE_KEYS = ["group-by", "timespan", "ordered", ...PATTERN_KEYS] as const;

/**
 * The correlation of a rule; null for a rule without one, `undefined` after saying what is wrong. `names` are those of its
 * selections, in the order written; `lists` may be named by values.
 */
export function readCorrelation(
  correlate: Node,
  when: Node,
  names: readonly string[],
  lists?: ValueLists,
): Correlation | null | undefined {
  if (correlate.value === undefined) {
    if (when.value === undefined) return null;
    when.tell(
      "error",
      `Cannot read "when" as the rule must have "correlate": current value has no window`,
      undefined,
      "key",
    );
    return undefined;
  }
  const keys = correlate.mapping(`"correlate"`, CORRELATE_KEYS);
  const timespanMs = keys?.timespan.required(`"correlate"`).duration("timespan", 1);
  const groupBy = keys && readFields(keys["group-by"], "group-by") || [DEFAULT_GROUP_FIELD];
  const pattern = keys && readPattern(keys, { names, groupBy, timespanMs });
  const condition = when.value === undefined
    ? everySelectionSeen(names.filter((name) => !isAskedByPattern(name, pattern)))
    : readCondition(when, { fact: checkWindowFact(names, pattern), lists });
  if (keys === undefined) return undefined;
  const ordered = keys.ordered.boolean("ordered") ?? false;
  if (ordered && names.length < 2) keys.ordered.refuse("ordered", "false where there is one selection");
  if (pattern?.type === "absent") refuseBesideAbsent(when, keys.ordered, ordered);
  if (timespanMs === undefined || condition === undefined || pattern === undefined) return undefined;
  if (pattern === null) return { groupBy, timespanMs, ordered, when: condition };
  return { groupBy, timespanMs, ordered, when: allOf(patternCondition(pattern, timespanMs), condition), pattern };
}

/** Whether the pattern says by itself whether a selection is to be seen; of what is absent nothing else is asked. */
function isAskedByPattern(name: string, pattern: Pattern | null | undefined): boolean {
  return pattern?.type === "absent" || (pattern?.type === "sustained" && pattern.selection === name);
}

function refuseBesideAbsent(when: Node, orderedNode: Node, ordered: boolean): void {
  if (when.value !== undefined) {
    when.tell("error", `Cannot read "when" as it must be left out with "absent": it fires when time has run out`);
  }
  if (ordered) orderedNode.refuse("ordered", `left out with "absent": the other selections come first by themselves`);
}

function allOf(pattern: Condition | null, asked: Condition): Condition {
  if (pattern === null) return asked;
  const nothing = asked.type === "all" && asked.of.length === 0;
  return nothing ? pattern : { type: "all", of: [pattern, asked] };
}

/** The fields a firing's group has; without a correlation, that of a host. */
export function groupFieldsOf(correlation: Correlation | null | undefined): readonly string[] {
  const { groupBy = [DEFAULT_GROUP_FIELD], pattern } = correlation ?? {};
  return pattern?.type === "new" ? [...groupBy, pattern.field] : groupBy;
}

/** Names of fields, as a list or one by itself, each once. */
export function readFields(node: Node, what: string): readonly string[] | undefined {
  const names: string[] = [];
  for (const item of node.oneOrMore(what, GROUP_FIELDS_MAX) ?? []) {
    const name = item.text(what, NAME_LENGTH_MAX);
    if (name === undefined) continue;
    checkField(name, item);
    if (names.includes(name)) item.refuse(what, "a list in which each field is once");
    names.push(name);
  }
  return names.length === 0 ? undefined : names;
}

/** What a rule that states no `when` asks: that each selection was met. */
function everySelectionSeen(names: readonly string[]): Condition {
  const seen = names.flatMap((name) => {
    const leaf = makeLeaf(`${name}.count`, "greaterThanInclusive", 1);
    return "length" in leaf ? [] : [leaf];
  });
  return { type: "all", of: seen };
}

const STRENGTH_KEYS = ["fact", "at", "max"] as const;

/**
 * How a detection's contribution grows; null where the rule does not say, `undefined` after saying what is wrong. `check` is that
 * of the facts there are.
 */
export function readStrength(node: Node, check: FactCheck): Strength | null | undefined {
  if (node.value === undefined) return null;
  const keys = node.mapping(`"strength"`, STRENGTH_KEYS);
  if (keys === undefined) return undefined;
  const fact = keys.fact.required(`"strength"`).text("fact", NAME_LENGTH_MAX);
  if (fact !== undefined) check(fact, keys.fact);
  const at = keys.at.required(`"strength"`).number("at", 0, Infinity);
  if (at === 0) keys.at.refuse("at", "over 0");
  const max = keys.max.required(`"strength"`).number("max", 1, 100);
  return fact === undefined || at === undefined || max === undefined ? undefined : { fact, at, max };
}
