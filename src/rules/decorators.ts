/** Operators with decorators before them, as json-rules-engine writes them: `not:someFact:equal`. */

import { nameHint } from "../core/errors.ts";
import type { Literal } from "./condition.ts";
import { type BinaryTest, type Operator, operatorNamed, OPERATORS, type UnaryTest, type Value } from "./operators.ts";
import { fold } from "./subject.ts";

/** How many decorators may stand before an operator. */
export const DECORATORS_MAX = 4;

interface Decorator {
  readonly description: string;
  /** Like {@linkcode Operator.origin}. */
  readonly origin: Operator["origin"];
  /** What json-rules-engine is given: `next` is the operator as decorated so far. */
  readonly evaluate: (fact: Value, value: Value, next: BinaryTest) => boolean;
}

/** Every decorator. `someValue` and `everyValue` differ from json-rules-engine's own only where those would throw. */
export const DECORATORS = {
  someFact: {
    description: "The fact is a list, and the operator holds for one of it",
    origin: "json-rules-engine",
    evaluate: (fact, value, next) => Array.isArray(fact) && fact.some((item) => next(item, value)),
  },
  everyFact: {
    description: "The fact is a list, and the operator holds for all of it",
    origin: "json-rules-engine",
    evaluate: (fact, value, next) => Array.isArray(fact) && fact.every((item) => next(item, value)),
  },
  someValue: {
    description: "The operator holds for one of the listed values",
    origin: "json-rules-engine",
    evaluate: (fact, value, next) => Array.isArray(value) && value.some((item) => next(fact, item)),
  },
  everyValue: {
    description: "The operator holds for all of the listed values",
    origin: "json-rules-engine",
    evaluate: (fact, value, next) => Array.isArray(value) && value.every((item) => next(fact, item)),
  },
  swap: {
    description: "Fact and value change places",
    origin: "json-rules-engine",
    evaluate: (fact, value, next) => next(value, fact),
  },
  not: {
    description: "The operator does not hold",
    origin: "json-rules-engine",
    evaluate: (fact, value, next) => !next(fact, value),
  },
  nocase: {
    description: "Texts are compared in lower case",
    origin: "weir",
    evaluate: (fact, value, next) => next(fold(fact), fold(value)),
  },
} as const satisfies Record<string, Decorator>;

export type DecoratorName = keyof typeof DECORATORS;

export const DECORATOR_NAMES = Object.keys(DECORATORS) as readonly DecoratorName[];

/** An operator with what stands before it, the outermost first. */
export interface Chain {
  readonly decorators: readonly DecoratorName[];
  readonly operator: Operator;
}

/** Something wrong, as "must be ...", with what would be right. */
export interface Problem {
  readonly problem: string;
  readonly hint: string;
}

/** Reads `decorator:decorator:operator`. */
export function parseOperator(text: string): Chain | Problem {
  const names = text.split(":");
  const name = names.pop() ?? "";
  const operator = operatorNamed(name);
  if (operator === undefined) {
    return { problem: `"${name}" must be an operator`, hint: nameHint(name, OPERATORS.map((one) => one.name)) };
  }
  const decorators: DecoratorName[] = [];
  for (const each of names) {
    const known = DECORATOR_NAMES.find((one) => one === each);
    if (known === undefined) {
      return { problem: `"${each}" must be a decorator`, hint: nameHint(each, DECORATOR_NAMES) };
    }
    decorators.push(known);
  }
  return chainProblem(decorators, operator) ?? { decorators, operator };
}

function chainProblem(decorators: readonly DecoratorName[], operator: Operator): Problem | undefined {
  if (decorators.length > DECORATORS_MAX) {
    return { problem: `it must have at most ${DECORATORS_MAX} decorators`, hint: `it has ${decorators.length}` };
  }
  const twice = decorators.find((one, i) => decorators.indexOf(one) !== i);
  if (twice !== undefined) {
    return { problem: `each decorator must be there once`, hint: `"${twice}" is there twice` };
  }
  if (decorators.includes("nocase") && !operator.comparesTexts) {
    const texts = OPERATORS.filter((one) => one.comparesTexts).map((one) => one.name).join(", ");
    const hint = operator.name === "matches" ? "start the expression with (?i)" : `it goes with ${texts}`;
    return { problem: `"nocase" must stand before an operator that compares texts`, hint };
  }
  return undefined;
}

/** What is wrong with the value of a condition, and at which index of a list; `undefined` when nothing is. */
export function valueProblem(
  { decorators, operator }: Chain,
  value: Value,
): { readonly problem: string; readonly index?: number } | undefined {
  let swapped = false;
  let items: readonly Value[] | undefined;
  for (const decorator of decorators) {
    if (decorator === "swap") swapped = !swapped;
    const unrolls = decorator === (swapped ? "someFact" : "someValue") ||
      decorator === (swapped ? "everyFact" : "everyValue");
    if (!unrolls) continue;
    if (items !== undefined || !Array.isArray(value) || value.length === 0) {
      return { problem: `must be a list that is not empty, as "${decorator}" goes through it` };
    }
    items = value;
  }
  const check = swapped ? operator.factProblem : operator.valueProblem;
  if (items === undefined) {
    const problem = check(value);
    return problem === undefined ? undefined : { problem };
  }
  for (const [index, item] of items.entries()) {
    const problem = check(item);
    if (problem !== undefined) return { problem, index };
  }
  return undefined;
}

/** A chain held against a value that is known. */
export interface Bound {
  readonly test: UnaryTest;
  /** As in a {@linkcode import("./condition.ts").Test}. */
  readonly witnesses: readonly Literal[] | null;
  readonly cost: number;
}

/**
 * Prepares a chain against a value that `valueProblem` has nothing against. `nocase` is left to the caller: wherever it stands
 * in a chain, it does what folding fact and value before everything else does.
 */
export function bindChain(chain: Chain, value: Value, folded: boolean): Bound {
  return bindFrom(chain.decorators.filter((one) => one !== "nocase"), chain.operator, value, folded);
}

function bindFrom(decorators: readonly DecoratorName[], operator: Operator, value: Value, folded: boolean): Bound {
  const [outer, ...rest] = decorators;
  const inner = (bound: Value) => bindFrom(rest, operator, bound, folded);
  switch (outer) {
    case undefined:
      return { test: operator.bind(value), witnesses: operator.witnesses(value, folded), cost: operator.cost };
    case "someFact": {
      const { test, witnesses, cost } = inner(value);
      return { test: (fact) => Array.isArray(fact) && fact.some(test), witnesses, cost: cost * 4 };
    }
    case "everyFact": {
      const { test, cost } = inner(value);
      return { test: (fact) => Array.isArray(fact) && fact.every(test), witnesses: null, cost: cost * 4 };
    }
    case "someValue":
      return anyOf(listed(value).map(inner));
    case "everyValue":
      return allOf(listed(value).map(inner));
    case "not": {
      const { test, cost } = inner(value);
      return { test: (fact) => !test(fact), witnesses: null, cost };
    }
    default: {
      const test = binaryFrom(rest, operator);
      return { test: (fact) => test(value, fact), witnesses: null, cost: operator.cost * 4 };
    }
  }
}

function listed(value: Value): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

function anyOf(bounds: readonly Bound[]): Bound {
  const tests = bounds.map((bound) => bound.test);
  const witnesses = bounds.map((bound) => bound.witnesses);
  return {
    test: (fact) => tests.some((test) => test(fact)),
    witnesses: witnesses.every((one) => one !== null) ? witnesses.flat() : null,
    cost: sum(bounds),
  };
}

function allOf(bounds: readonly Bound[]): Bound {
  const tests = bounds.map((bound) => bound.test);
  return {
    test: (fact) => tests.every((test) => test(fact)),
    witnesses: bounds.find((bound) => bound.witnesses !== null)?.witnesses ?? null,
    cost: sum(bounds),
  };
}

function sum(bounds: readonly Bound[]): number {
  return bounds.reduce((total, bound) => total + bound.cost, 0);
}

/** A chain as a decision about two values, for a value that is another fact's. */
export function binaryChain({ decorators, operator }: Chain): BinaryTest {
  return binaryFrom(decorators, operator);
}

function binaryFrom(decorators: readonly DecoratorName[], operator: Operator): BinaryTest {
  return decorators.reduceRight<BinaryTest>((next, name) => {
    const { evaluate } = DECORATORS[name];
    return (fact, value) => evaluate(fact, value, next);
  }, operator.evaluate);
}
