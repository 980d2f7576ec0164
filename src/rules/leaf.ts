/** Leaves of native conditions: one fact, one operator, one value, decided as json-rules-engine decides. */

import { quoteValue } from "../core/errors.ts";
import type { Facts, Test } from "./condition.ts";
import { binaryChain, bindChain, type Chain, parseOperator, valueProblem } from "./decorators.ts";
import type { Value } from "./operators.ts";
import { fold } from "./subject.ts";

/** How many values a condition's list may hold. */
export const LIST_VALUES_MAX = 100_000;

/** What is wrong with a leaf, at a path within it. */
export interface LeafProblem {
  readonly at: readonly PropertyKey[];
  readonly message: string;
  readonly hint?: string;
}

/** Rough cost of comparing two facts, whatever the operator. */
const FACT_TO_FACT_COST = 5;

/**
 * A leaf from what was written, or everything that is wrong with it. `value` is a scalar, a list of scalars, or `{fact: name}`
 * for another fact's value.
 */
export function makeLeaf(fact: string, operator: string, value: unknown): Test | readonly LeafProblem[] {
  const chain = parseOperator(operator);
  const other = factNamedBy(value);
  const problems: LeafProblem[] = [];
  if ("problem" in chain) {
    const message = `Cannot read operator as ${chain.problem}: current value is ${quoteValue(operator)}`;
    problems.push({ at: ["operator"], message, hint: chain.hint });
  } else if (other !== undefined) {
    if (!chain.operator.comparesFacts) {
      const message =
        `Cannot read value as "${chain.operator.name}" must have one that is known when the rule is loaded` +
        `: current value is ${quoteValue(value)}`;
      problems.push({ at: ["value"], message });
    }
  } else problems.push(...literalProblems(chain, value));
  if (problems.length > 0 || "problem" in chain) return problems;
  return other === undefined
    ? leafOnValue(fact, operator, chain, value as Value)
    : leafOnFact(fact, operator, chain, other);
}

/** The fact that a condition's value names, `undefined` when the value is itself. */
export function factNamedBy(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  const fact = (value as Record<string, unknown>)["fact"];
  return keys.length === 1 && typeof fact === "string" ? fact : undefined;
}

function literalProblems(chain: Chain, value: unknown): LeafProblem[] {
  const items = Array.isArray(value) ? value : [value];
  const problem = (at: readonly PropertyKey[], what: string, current: unknown): LeafProblem => ({
    at,
    message: `Cannot read value as that of "${chain.operator.name}" ${what}: current value is ${quoteValue(current)}`,
  });
  if (items.length > LIST_VALUES_MAX) {
    return [problem(["value"], `must be at most ${LIST_VALUES_MAX} long`, items.length)];
  }
  const odd = items.findIndex((item) => !isScalar(item));
  if (odd >= 0) {
    const at = Array.isArray(value) ? ["value", odd] : ["value"];
    return [
      problem(at, "must be a text, a finite number, true, false, null, a list of those or {fact: name}", items[odd]),
    ];
  }
  const found = valueProblem(chain, value as Value);
  if (found === undefined) return [];
  if (found.index === undefined) return [problem(["value"], found.problem, value)];
  return [problem(["value", found.index], found.problem, items[found.index])];
}

function isScalar(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" || typeof value === "boolean" || value === null;
}

function leafOnValue(fact: string, operator: string, chain: Chain, value: Value): Test {
  const folded = chain.decorators.includes("nocase");
  const { test, witnesses, cost } = bindChain(chain, folded ? fold(value) : value, folded);
  const accepts = folded ? (facts: Facts) => test(facts.folded(fact)) : (facts: Facts) => test(facts.get(fact));
  return { type: "test", fact, fields: [fact], operator, value, accepts, witnesses, cost, jsonRules: true };
}

function leafOnFact(fact: string, operator: string, chain: Chain, other: string): Test {
  const test = binaryChain(chain);
  const accepts = (facts: Facts) => test(facts.get(fact), facts.get(other));
  const value = { fact: other };
  return {
    type: "test",
    fact,
    fields: [fact],
    operator,
    value,
    accepts,
    witnesses: null,
    cost: FACT_TO_FACT_COST,
    jsonRules: true,
  };
}
