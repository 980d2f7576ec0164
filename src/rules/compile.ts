/** Conditions made into closures, and what can be told of them without evaluating. */

import type { Condition, Predicate, Test } from "./condition.ts";
import { factNamedBy } from "./leaf.ts";

/**
 * One closure for a whole condition; within `all` and `any` the cheapest goes first, which changes nothing but the time it
 * takes. As json-rules-engine has it, an empty `all` or `any` holds.
 */
export function compileCondition(condition: Condition): Predicate {
  switch (condition.type) {
    case "test":
      return condition.accepts;
    case "not": {
      const inner = compileCondition(condition.of[0]);
      return (facts) => !inner(facts);
    }
    case "all":
      return allOf(compileCheapestFirst(condition.of));
    case "any":
      return anyOf(compileCheapestFirst(condition.of));
  }
}

function compileCheapestFirst(conditions: readonly Condition[]): Predicate[] {
  const costed = conditions.map((condition) => ({ condition, cost: costOf(condition) }));
  return costed.sort((a, b) => a.cost - b.cost).map(({ condition }) => compileCondition(condition));
}

function allOf(predicates: readonly Predicate[]): Predicate {
  const [first, second] = predicates;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (predicates.length === 2) return (facts) => first(facts) && second(facts);
  return (facts) => {
    for (const predicate of predicates) if (!predicate(facts)) return false;
    return true;
  };
}

function anyOf(predicates: readonly Predicate[]): Predicate {
  const [first, second] = predicates;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (predicates.length === 2) return (facts) => first(facts) || second(facts);
  return (facts) => {
    for (const predicate of predicates) if (predicate(facts)) return true;
    return false;
  };
}

/** Rough cost of a condition: that of its tests together. */
export function costOf(condition: Condition): number {
  let total = 0;
  for (const test of testsOf(condition)) total += test.cost;
  return total;
}

/** Every leaf of a condition, in the order written. */
export function* testsOf(condition: Condition): Generator<Test> {
  if (condition.type === "test") yield condition;
  else for (const inner of condition.of) yield* testsOf(inner);
}

/** The condition with other tests in it; the same object where none is another. */
export function mapTests(condition: Condition, change: (test: Test) => Test): Condition {
  switch (condition.type) {
    case "test":
      return change(condition);
    case "not": {
      const inner = mapTests(condition.of[0], change);
      return inner === condition.of[0] ? condition : { type: "not", of: [inner] };
    }
    default: {
      const of = condition.of.map((inner) => mapTests(inner, change));
      return of.every((inner, i) => inner === condition.of[i]) ? condition : { type: condition.type, of };
    }
  }
}

/** Every fact that a condition reads, those that values name included, each once. */
export function factsOf(condition: Condition): ReadonlySet<string> {
  const names = new Set<string>();
  for (const test of testsOf(condition)) {
    names.add(test.fact);
    for (const field of test.fields) names.add(field);
    const other = factNamedBy(test.value);
    if (other !== undefined) names.add(other);
  }
  return names;
}
