/** Reads Sigma's correlations: which rules, over what time, grouped by what, how many (Sigma correlation specification 2.1). */

import { nameHint, quoteValue } from "../../core/errors.ts";
import type { Node } from "../native/node.ts";
import { type ConditionTree, parseCondition } from "./grammar.ts";

export const CORRELATION_TYPES = [
  "event_count",
  "value_count",
  "temporal",
  "temporal_ordered",
  "value_sum",
  "value_avg",
  "value_percentile",
  "value_median",
] as const;

export type CorrelationType = (typeof CORRELATION_TYPES)[number];

export const THRESHOLD_OPERATORS = ["gt", "gte", "lt", "lte", "eq", "neq"] as const;

/** What the count or value must be; several hold together, as a range. */
export interface Threshold {
  readonly operator: (typeof THRESHOLD_OPERATORS)[number];
  readonly number: number;
}

/** A rule named by id or name, and where. */
export interface RuleReference {
  readonly reference: string;
  readonly node: Node;
}

export interface CorrelationBody {
  readonly type: "correlation";
  readonly kind: CorrelationType;
  readonly rules: readonly RuleReference[];
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  readonly thresholds: readonly Threshold[];
  /** On which rules were seen; null for thresholds. */
  readonly expression: ConditionTree | null;
  /** The field whose values are counted or measured; null for counts of events. */
  readonly field: string | null;
  /** 1 to 99 for a percentile, 0 and 100 for the least and the greatest; null otherwise. */
  readonly percentile: number | null;
  /** By alias, by reference: the field. */
  readonly aliases: readonly { readonly alias: string; readonly rule: RuleReference; readonly field: string }[];
  /** Whether the rules it names also fire by themselves. */
  readonly generate: boolean;
  readonly node: Node;
}

/** How many rules a correlation may name, fields it may group by, and aliases it may have. */
const RULES_MAX = 1_000;
const GROUP_FIELDS_MAX = 16;
const NAME_MAX = 256;

const KEYS = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"] as const;
const CONDITION_KEYS = [...THRESHOLD_OPERATORS, "field", "percentile"] as const;

/** Types that count or measure the values of a field. */
const FIELD_TYPES: readonly CorrelationType[] = [
  "value_count",
  "value_sum",
  "value_avg",
  "value_percentile",
  "value_median",
];

/** Milliseconds of Sigma's units; a month and a year are those of the Gregorian calendar on average. */
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_629_746_000,
  y: 31_556_952_000,
};

/** The longest timespan: a year, in milliseconds. */
const TIMESPAN_MAX_MS = 31_556_952_000;

/** Reads a `correlation:` section. `generate` may also stand beside it. */
export function readCorrelation(node: Node, generateBeside: Node): CorrelationBody | undefined {
  const keys = node.mapping("correlation", KEYS);
  if (keys === undefined) return undefined;
  const kind = keys.type.required("correlation").oneOf("type", CORRELATION_TYPES);
  const timespanMs = readTimespan(keys.timespan.required("correlation"));
  const groupBy = keys["group-by"].value === null ? [] : texts(keys["group-by"], "group-by", GROUP_FIELDS_MAX);
  const aliases = readAliases(keys.aliases);
  const inside = keys.generate.boolean("generate");
  const generate = inside ?? generateBeside.boolean("generate") ?? false;
  const temporal = kind === "temporal" || kind === "temporal_ordered";
  const named = references(keys.rules);
  const { value: condition } = keys.condition;
  const expression = typeof condition === "string" ? readExpression(keys.condition, temporal) : null;
  if (expression === undefined || kind === undefined) return undefined;
  const rules = named ?? (expression === null ? undefined : namesIn(expression, keys.condition));
  if (rules === undefined || rules.length === 0) keys.rules.required("correlation");
  if (expression !== null && named !== undefined) checkNamed(expression, named, keys.condition);
  const basic = expression === null ? readThresholds(keys.condition, kind, rules?.length ?? 0) : NO_THRESHOLDS;
  if (rules === undefined || timespanMs === undefined || basic === undefined) return undefined;
  return { type: "correlation", kind, rules, groupBy, timespanMs, expression, ...basic, aliases, generate, node };
}

type Basic = Pick<CorrelationBody, "thresholds" | "field" | "percentile">;

const NO_THRESHOLDS: Basic = { thresholds: [], field: null, percentile: null };

/** `{gte: 5, field: User}`; for the temporal types every rule must have been seen unless it says otherwise. */
function readThresholds(node: Node, kind: CorrelationType, rules: number): Basic | undefined {
  if (node.value === undefined) {
    if (kind === "temporal" || kind === "temporal_ordered") {
      return { ...NO_THRESHOLDS, thresholds: [{ operator: "gte", number: rules }] };
    }
    node.required("correlation");
    return undefined;
  }
  const keys = node.mapping("condition", CONDITION_KEYS);
  if (keys === undefined) return undefined;
  const thresholds = THRESHOLD_OPERATORS.flatMap((operator) => {
    const number = keys[operator].number(operator, -Number.MAX_VALUE, Number.MAX_VALUE);
    return number === undefined ? [] : [{ operator, number }];
  });
  if (thresholds.length === 0) return node.refuse("condition", `one with ${THRESHOLD_OPERATORS.join(", ")}`);
  const needsField = FIELD_TYPES.includes(kind);
  if (needsField) keys.field.required("condition");
  else if (keys.field.value !== undefined) keys.field.refuse("field", `left out for ${kind}`);
  const percentile = keys.percentile.whole("percentile", 0, 100);
  if (kind === "value_percentile") keys.percentile.required("condition");
  else if (keys.percentile.value !== undefined) keys.percentile.refuse("percentile", `left out for ${kind}`);
  const field = needsField ? keys.field.text("field", NAME_MAX) ?? null : null;
  return { thresholds, field, percentile: kind === "value_median" ? 50 : percentile ?? null };
}

/** `a and (b or not c)` over names of rules. */
function readExpression(node: Node, temporal: boolean): ConditionTree | undefined {
  if (!temporal) {
    return node.refuse("condition", "a threshold such as {gte: 5}", "rules are named in temporal ones only");
  }
  const text = String(node.value);
  const tree = parseCondition(text);
  const problem = "problem" in tree ? tree : patternIn(tree);
  if (problem === undefined) return tree as ConditionTree;
  const message = `Cannot read condition as ${problem.problem}, at character ${problem.at + 1} of ${quoteValue(text)}`;
  node.tell("error", message, problem.hint);
  return undefined;
}

function patternIn(tree: ConditionTree): { problem: string; hint?: string; at: number } | undefined {
  switch (tree.type) {
    case "of":
      return { problem: `"${tree.quantifier} of" must not be there: it is for detections`, at: tree.at };
    case "name":
      return undefined;
    case "not":
      return patternIn(tree.of);
    default:
      return tree.of.map(patternIn).find((problem) => problem !== undefined);
  }
}

/** Names of rules in an expression, each once. */
function namesIn(tree: ConditionTree, node: Node): RuleReference[] {
  const names = (part: ConditionTree): string[] =>
    part.type === "name"
      ? [part.name]
      : part.type === "not"
      ? names(part.of)
      : part.type === "of"
      ? []
      : part.of.flatMap(names);
  return [...new Set(names(tree))].map((reference) => ({ reference, node }));
}

/** Where rules are listed too, the expression must use each and no other. */
function checkNamed(tree: ConditionTree, rules: readonly RuleReference[], node: Node): void {
  const listed = rules.map(({ reference }) => reference);
  const used = namesIn(tree, node).map(({ reference }) => reference);
  for (const name of used.filter((name) => !listed.includes(name))) {
    const message = `Cannot read condition as "${name}" must be one of "rules": current value is ${
      quoteValue(node.value)
    }`;
    node.tell("error", message, nameHint(name, listed));
  }
  for (const { reference, node: at } of rules) {
    if (used.includes(reference)) continue;
    at.tell("error", `Cannot read rules as each must be in the condition: current value is ${quoteValue(reference)}`);
  }
}

function readTimespan(node: Node): number | undefined {
  if (node.value === undefined) return undefined;
  const found = typeof node.value === "string" ? /^(\d{1,9})([smhdwMy])$/.exec(node.value) : null;
  const ms = Number(found?.[1] ?? 0) * (UNIT_MS[found?.[2] ?? ""] ?? 0);
  if (ms > 0 && ms <= TIMESPAN_MAX_MS) return ms;
  return node.refuse("timespan", "a number and one of s, m, h, d, w, M and y, at most a year", "as in 5m or 24h");
}

function readAliases(node: Node): CorrelationBody["aliases"] {
  if (node.value === null) return [];
  return (node.keys("aliases") ?? []).flatMap((alias) =>
    (node.at(alias).keys("alias") ?? []).flatMap((reference) => {
      const at = node.at(alias).at(reference);
      const field = at.text("field", NAME_MAX);
      return field === undefined ? [] : [{ alias, rule: { reference, node: at }, field }];
    })
  );
}

function references(node: Node): RuleReference[] | undefined {
  const nodes = node.oneOrMore("rules", RULES_MAX);
  return nodes?.flatMap((one) => {
    const reference = one.text("rule", NAME_MAX);
    return reference === undefined ? [] : [{ reference, node: one }];
  });
}

function texts(node: Node, what: string, max: number): string[] {
  return (node.oneOrMore(what, max) ?? []).flatMap((one) => one.text(what, NAME_MAX) ?? []);
}
