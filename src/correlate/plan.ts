/** What a correlation measures, and what can be told of its condition before any event comes. */

import { compileCondition, factsOf } from "../rules/compile.ts";
import type { Predicate } from "../rules/condition.ts";
import { placeholdersOf } from "../rules/message.ts";
import type { Correlation, Rule } from "../rules/rule.ts";
import { factsOfRecord } from "../rules/subject.ts";
import { DEVIATIONS_SLOT, factParser, isMonotone, plansOf } from "./facts.ts";
import { STATE_LAG_MS } from "./baselines.ts";
import type { FactPlan } from "./measures.ts";
import { type OrderPlan, orderProblem, planOrder } from "./order.ts";

/** A correlation made ready: which facts its condition names, which fields they need, and how it is decided. */
export interface WindowPlan {
  /** Facts that `when` names. */
  readonly facts: readonly FactPlan[];
  /** Facts that only the message or the strength name: measured when the rule fires. */
  readonly extras: readonly FactPlan[];
  /** Fields of which entries keep the values, by slot. */
  readonly fields: readonly string[];
  readonly holds: Predicate;
  /** Whether further events can only make the condition truer, so that it can be decided at once. */
  readonly monotone: boolean;
  /** How the selections must follow one another; null where they need not. */
  readonly order: OrderPlan | null;
  /** Whether every entry met the rule's one selection. */
  readonly soleSelection: boolean;
  /** Whether any one event meets the condition, so that each of them is a match whatever else is in the window. */
  readonly metByAny: boolean;
}

/** Why a rule cannot be correlated, or `undefined` when it can: for whoever loads rules. */
export function correlationProblem(rule: Rule): string | undefined {
  if (rule.correlation === null || !rule.correlation.ordered) return undefined;
  return orderProblem(rule.correlation.when, factParser(rule, []));
}

/** @throws {RangeError} with what {@linkcode correlationProblem} says of the rule. */
export function refuseImpossible(rule: Rule): void {
  const problem = correlationProblem(rule);
  if (problem !== undefined) throw new RangeError(`Cannot correlate rule "${rule.id}" as ${problem}`);
}

/** The plan of a correlation that nothing keeps from being correlated. */
export function planWindow(rule: Rule, correlation: Correlation): WindowPlan {
  const fields = [...fieldsOf(correlation)];
  const parse = factParser(rule, fields);
  const facts = plansOf(factsOf(correlation.when), parse);
  const named = new Set(facts.map(({ name }) => name));
  const told = [...placeholdersOf(rule.message ?? ""), ...(rule.strength === null ? [] : [rule.strength.fact])];
  const holds = compileCondition(correlation.when);
  const monotone = correlation.pattern === undefined && isMonotone(correlation.when, parse);
  const soleSelection = rule.selections.length === 1;
  return {
    facts,
    extras: plansOf(new Set(told.filter((name) => !named.has(name))), parse),
    fields,
    holds,
    monotone,
    order: correlation.ordered ? planOrder(correlation.when, rule.selections.length, parse) : null,
    soleSelection,
    metByAny: soleSelection && monotone && isMetByOne(holds, facts),
  };
}

/** What entries keep beside what the facts need. */
function fieldsOf({ pattern }: Correlation): readonly string[] {
  return pattern?.type === "baseline" ? [pattern.field, DEVIATIONS_SLOT] : [];
}

/**
 * How far back matches bear on what comes next: milliseconds. A run must have begun a whole timespan ago, and the one event of it
 * before that may be a gap older; what was absent may have been seen again while the rule was silent.
 */
export function lookbackMs({ correlation, suppressMs }: Rule): number {
  if (correlation === null) return 0;
  const { timespanMs, pattern } = correlation;
  switch (pattern?.type) {
    case "sustained":
      return timespanMs + pattern.gapMs;
    case "absent":
      return timespanMs + suppressMs;
    case "baseline":
      return timespanMs + STATE_LAG_MS;
    default:
      return timespanMs;
  }
}

/** Whether a condition names counts only, and one event meets it. */
function isMetByOne(holds: Predicate, facts: readonly FactPlan[]): boolean {
  const one = factsOfRecord(Object.fromEntries(facts.map(({ name }) => [name, 1])));
  return facts.every(({ measure }) => measure === "count") && holds(one);
}
