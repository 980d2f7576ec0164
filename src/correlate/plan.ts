/** What a correlation measures, and what can be told of its condition before any event comes. */

import { compileCondition, factsOf } from "../rules/compile.ts";
import type { Predicate } from "../rules/condition.ts";
import type { Correlation, Rule } from "../rules/rule.ts";
import { factParser, isMonotone, plansOf } from "./facts.ts";
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
}

/** Why a rule cannot be correlated, or `undefined` when it can: for whoever loads rules. */
export function correlationProblem(rule: Rule): string | undefined {
  if (rule.correlation === null || !rule.correlation.ordered) return undefined;
  return orderProblem(rule.correlation.when, factParser(rule, []));
}

/** @throws {RangeError} with what {@linkcode correlationProblem} says of the rule. */
export function planWindow(rule: Rule, correlation: Correlation): WindowPlan {
  const problem = correlationProblem(rule);
  if (problem !== undefined) throw new RangeError(`Cannot correlate rule "${rule.id}" as ${problem}`);
  const fields: string[] = [];
  const parse = factParser(rule, fields);
  const facts = plansOf(factsOf(correlation.when), parse);
  const named = new Set(facts.map(({ name }) => name));
  const told = [...placeholders(rule.message ?? ""), ...(rule.strength === null ? [] : [rule.strength.fact])];
  return {
    facts,
    extras: plansOf(new Set(told.filter((name) => !named.has(name))), parse),
    fields,
    holds: compileCondition(correlation.when),
    monotone: isMonotone(correlation.when, parse),
    order: correlation.ordered ? planOrder(correlation.when, rule.selections.length, parse) : null,
    soleSelection: rule.selections.length === 1,
  };
}

/** Names in braces, in the order written. */
export function placeholders(message: string): string[] {
  return [...message.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => (name ?? "").trim());
}
