/** Reads how a rule's selections are put together: `correlate`, `when`, `strength`. */

import type { Condition } from "../condition.ts";
import { makeLeaf } from "../leaf.ts";
import type { Correlation, Strength } from "../rule.ts";
import { NAME_LENGTH_MAX, readCondition } from "./condition_reader.ts";
import { checkField, checkWindowFact } from "./facts.ts";
import type { Node } from "./node.ts";

/** How many fields a group may be made of, and how many a rule's entities may come from. */
export const GROUP_FIELDS_MAX = 16;

/** The field that makes the group where a rule names none. */
export const DEFAULT_GROUP_FIELD = "host.name";

const CORRELATE_KEYS = ["group-by", "timespan", "ordered"] as const;

/**
 * The correlation of a rule; null for a rule without one, `undefined` after saying what is wrong. `names` are those of its
 * selections, in the order written.
 */
export function readCorrelation(
  correlate: Node,
  when: Node,
  names: readonly string[],
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
  const condition = when.value === undefined
    ? everySelectionSeen(names)
    : readCondition(when, { fact: checkWindowFact(names) });
  if (keys === undefined) return undefined;
  const timespanMs = keys.timespan.required(`"correlate"`).duration("timespan", 1);
  const groupBy = readFields(keys["group-by"], "group-by") ?? [DEFAULT_GROUP_FIELD];
  const ordered = keys.ordered.boolean("ordered") ?? false;
  if (ordered && names.length < 2) keys.ordered.refuse("ordered", "false where there is one selection");
  return timespanMs === undefined || condition === undefined
    ? undefined
    : { groupBy, timespanMs, ordered, when: condition };
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

/** How a detection's contribution grows; null where the rule does not say, `undefined` after saying what is wrong. */
export function readStrength(node: Node, names: readonly string[], correlates: boolean): Strength | null | undefined {
  if (node.value === undefined) return null;
  const keys = node.mapping(`"strength"`, STRENGTH_KEYS);
  if (keys === undefined) return undefined;
  const fact = keys.fact.required(`"strength"`).text("fact", NAME_LENGTH_MAX);
  if (fact !== undefined) (correlates ? checkWindowFact(names) : checkField)(fact, keys.fact);
  const at = keys.at.required(`"strength"`).number("at", 0, Infinity);
  if (at === 0) keys.at.refuse("at", "over 0");
  const max = keys.max.required(`"strength"`).number("max", 1, 100);
  return fact === undefined || at === undefined || max === undefined ? undefined : { fact, at, max };
}
