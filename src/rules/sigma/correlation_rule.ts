/** Makes a Sigma correlation into the one form of all correlations: selections fed by rules, and a condition on their window. */

import { quoteValue } from "../../core/errors.ts";
import type { Condition } from "../condition.ts";
import { makeLeaf } from "../leaf.ts";
import type { Node } from "../native/node.ts";
import type { Correlation, Rule, Selection } from "../rule.ts";
import type { CorrelationBody, CorrelationType, Threshold } from "./correlation.ts";
import { linked } from "./detection.ts";
import type { ConditionTree } from "./grammar.ts";
import { routeOf } from "./logsource.ts";

/** A rule that a correlation names. */
export interface Referred {
  /** As written: its id or name. */
  readonly reference: string;
  readonly id: string;
  /** Null for one that is not Sigma's. */
  readonly rule: Rule | null;
}

/** Why a correlation cannot be made, and where. */
export interface CorrelationProblem {
  readonly problem: string;
  readonly hint?: string;
  readonly node: Node;
}

/** Into how many combinations of rules "at least so many of these" may be taken apart. */
export const COMBINATIONS_MAX = 1_000;

/** The same where order counts: what a correlation can hold to an order. */
export const ORDERED_COMBINATIONS_MAX = 256;

/** Name of the selection that all rules of a count or a measure feed together. */
const TOGETHER = "events";

/** Selections and correlation of a rule. `idOf` gives the id of a reference. */
export function toCorrelation(
  body: CorrelationBody,
  referred: readonly Referred[],
  idOf: (reference: string) => string,
):
  | { selections: readonly Selection[]; correlation: Correlation; entities: readonly string[] | null }
  | CorrelationProblem {
  const temporal = body.kind === "temporal" || body.kind === "temporal_ordered";
  const selections = temporal ? referred.map(selectionOf) : [selectionTogether(referred)];
  const names = new Map(referred.map(({ reference }, index) => [reference, selections[index]?.name ?? TOGETHER]));
  const when = temporal ? seen(body, selections.map(({ name }) => name), names) : measured(body);
  if ("problem" in when) return when;
  const aliases = aliasesOf(body, referred, idOf);
  const correlation: Correlation = {
    groupBy: body.groupBy,
    ...(body.groupBy.length === 0 ? { global: true } : {}),
    ...(Object.keys(aliases).length === 0 ? {} : { aliases }),
    timespanMs: body.timespanMs,
    ordered: body.kind === "temporal_ordered" && selections.length > 1,
    when,
  };
  return { selections, correlation, entities: entitiesOf(body.groupBy, aliases) };
}

/** A selection of one rule's matches, named so that window facts can name it; a rule that is named again gets a number. */
function selectionOf({ id }: Referred, index: number, all: readonly Referred[]): Selection {
  const nameOf = (one: Referred | undefined) => one?.reference.replaceAll(".", "_") ?? "";
  const name = nameOf(all[index]);
  const again = all.slice(0, index).some((one) => nameOf(one) === name);
  return { name: again ? `${name}#${index + 1}` : name, kinds: null, rule: id, where: null };
}

function selectionTogether(referred: readonly Referred[]): Selection {
  const ids = [...new Set(referred.map(({ id }) => id))];
  const [first = ""] = ids;
  return { name: TOGETHER, kinds: null, rule: first, ...(ids.length > 1 ? { rules: ids } : {}), where: null };
}

/** What json-rules-engine calls Sigma's operators. */
const OPERATORS: Readonly<Record<Threshold["operator"], string>> = {
  gt: "greaterThan",
  gte: "greaterThanInclusive",
  lt: "lessThan",
  lte: "lessThanInclusive",
  eq: "equal",
  neq: "notEqual",
};

/** What is measured of the window, by type. */
const MEASURES: Readonly<Record<Exclude<CorrelationType, "temporal" | "temporal_ordered">, string>> = {
  event_count: "count",
  value_count: "distinct",
  value_sum: "sum",
  value_avg: "avg",
  value_percentile: "p",
  value_median: "p",
};

function measured({ kind, field, percentile, thresholds }: CorrelationBody): Condition {
  const measure = kind === "temporal" || kind === "temporal_ordered" ? "count" : MEASURES[kind];
  const fact = `${TOGETHER}.${measure === "p" ? percentileMeasure(percentile ?? 50) : measure}`;
  const name = field === null ? fact : `${fact}.${field}`;
  return linked("all", thresholds.map(({ operator, number }) => comparison(name, operator, number)));
}

/** The 0th and the 100th percentile are the least and the greatest. */
function percentileMeasure(percentile: number): string {
  return percentile === 0 ? "min" : percentile === 100 ? "max" : `p${percentile}`;
}

function comparison(fact: string, operator: Threshold["operator"], number: number): Condition {
  const leaf = makeLeaf(fact, OPERATORS[operator], number);
  if ("accepts" in leaf) return leaf;
  throw new Error(`Cannot make condition as ${leaf.map(({ message }) => message).join(", ")}`);
}

function isSeen(selection: string): Condition {
  return comparison(`${selection}.count`, "gte", 1);
}

/** Which rules must have been seen: by an expression over them, or by how many different ones. */
function seen(
  body: CorrelationBody,
  selections: readonly string[],
  names: ReadonlyMap<string, string>,
): Condition | CorrelationProblem {
  if (body.expression !== null) return fromExpression(body.expression, names);
  const max = body.kind === "temporal_ordered" ? ORDERED_COMBINATIONS_MAX : COMBINATIONS_MAX;
  const parts: Condition[] = [];
  for (const { operator, number } of body.thresholds) {
    const part = howManySeen(selections, operator, number, max);
    if (part === undefined) {
      const problem = `Cannot load rule as "at least ${number} of ${selections.length}" must come to at most ` +
        `${max} combinations of rules: current value is ${quoteValue(body.node.at("condition").value)}`;
      return { problem, hint: "split it into several correlations", node: body.node.at("condition") };
    }
    parts.push(part);
  }
  return linked("all", parts);
}

function fromExpression(tree: ConditionTree, names: ReadonlyMap<string, string>): Condition {
  switch (tree.type) {
    case "name":
      return isSeen(names.get(tree.name) ?? tree.name);
    case "of":
      throw new Error("Cannot make condition as patterns have no place in it");
    case "not":
      return { type: "not", of: [fromExpression(tree.of, names)] };
    default:
      return linked(tree.type === "and" ? "all" : "any", tree.of.map((part) => fromExpression(part, names)));
  }
}

/** "The number of different selections seen is OPERATOR number"; `undefined` when it takes too many combinations. */
function howManySeen(
  selections: readonly string[],
  operator: Threshold["operator"],
  number: number,
  max: number,
): Condition | undefined {
  const atLeast = (count: number) => atLeastSeen(selections, count, max);
  const not = (condition: Condition | undefined): Condition | undefined =>
    condition && { type: "not", of: [condition] };
  const exactly = (): Condition | undefined => {
    if (!Number.isInteger(number)) return NEVER;
    const [low, high] = [atLeast(number), not(atLeast(number + 1))];
    return low && high && linked("all", [low, high]);
  };
  switch (operator) {
    case "gte":
      return atLeast(Math.ceil(number));
    case "gt":
      return atLeast(Math.floor(number) + 1);
    case "lt":
      return not(atLeast(Math.ceil(number)));
    case "lte":
      return not(atLeast(Math.floor(number) + 1));
    case "eq":
      return exactly();
    case "neq":
      return not(exactly());
  }
}

/** Holds for nothing, as json-rules-engine has it: its opposite holds for all. */
const NEVER: Condition = { type: "not", of: [{ type: "all", of: [] }] };

function atLeastSeen(selections: readonly string[], count: number, max: number): Condition | undefined {
  if (count <= 0) return { type: "all", of: [] };
  if (count > selections.length) return NEVER;
  if (combinations(selections.length, count) > max) return undefined;
  return linked("any", choose(selections, count).map((chosen) => linked("all", chosen.map(isSeen))));
}

function combinations(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = result * (n - k + i) / i;
  return result;
}

/** Every choice of `count` items, each in the items' order. */
function choose<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, i) => choose(items.slice(i + 1), count - 1).map((rest) => [item, ...rest]));
}

type Aliases = Record<string, Record<string, readonly string[]>>;

/**
 * For each field that groups or is measured, and each rule, the fields to read: the alias's where there is one, else those
 * that the rule's log source has for it.
 */
function aliasesOf(body: CorrelationBody, referred: readonly Referred[], idOf: (reference: string) => string): Aliases {
  const aliases: Aliases = Object.create(null);
  for (const name of body.field === null ? body.groupBy : [...body.groupBy, body.field]) {
    for (const { id, rule } of referred) {
      const alias = body.aliases.find((one) => one.alias === name && idOf(one.rule.reference) === id);
      const fields = rule === null ? [alias?.field ?? name] : fieldsOf(rule, alias?.field ?? name);
      if (fields.length === 1 && fields[0] === name) continue;
      (aliases[name] ??= Object.create(null) as Aliases[string])[id] = fields;
    }
  }
  return aliases;
}

/** Where a field stands in the events of a rule: of a correlation, in those of any rule it rests on. */
function fieldsOf(rule: Rule, field: string): readonly string[] {
  const { correlation, selections } = rule;
  if (correlation !== null) {
    const own = Object.values(correlation.aliases?.[field] ?? {}).flat();
    return [...new Set([...own, field])];
  }
  const { logSource } = selections[0] ?? {};
  return logSource === undefined ? [field] : routeOf(logSource).fieldsOf(field);
}

/** Fields of a group that are an entity: an address or a user. */
const ENTITY_FIELD = /(?:^|\.)ip$|(?:^|\.)user\.name$/;

/** Whom it counts for, where the group's names are Sigma's: its host, and the addresses and users in our own names. */
function entitiesOf(groupBy: readonly string[], aliases: Aliases): readonly string[] | null {
  const aliased = groupBy.flatMap((name) => Object.values(aliases[name] ?? {}).flat());
  if (!aliased.some((field) => ENTITY_FIELD.test(field))) return null;
  return ["host.name", ...new Set([...aliased, ...groupBy].filter((field) => ENTITY_FIELD.test(field)))];
}
