/**
 * The operators of native conditions: json-rules-engine's own and ours. Each decides about two values the one way, whether
 * json-rules-engine calls it or a closure does: `evaluate` never throws, and `bind` is `evaluate` with its value prepared.
 */

import { networkContains, parseAddress, parseCidr } from "../core/cidr.ts";
import type { FieldValue } from "../core/event.ts";
import type { Literal } from "./condition.ts";
import { compileExpression } from "../core/expression.ts";

/** What an operator is held against: a fact's value, `undefined` where the fact is absent. */
export type Value = FieldValue | undefined;

/** Decides about a fact's value. */
export type UnaryTest = (fact: Value) => boolean;

/** Decides about a fact's value and the condition's. */
export type BinaryTest = (fact: Value, value: Value) => boolean;

export interface Operator {
  readonly name: string;
  /** What it says, in one line for the reference. */
  readonly description: string;
  /** Whether json-rules-engine brings it. What is there replaced by ours differs only where its own would throw. */
  readonly origin: "json-rules-engine" | "weir";
  /** What is wrong with a value it is to be held against, as "must be ..."; `undefined` when nothing is. */
  readonly valueProblem: (value: Value) => string | undefined;
  /** The same for a value standing on the fact's side, as the decorator `swap` has it. */
  readonly factProblem: (value: Value) => string | undefined;
  /** Whether its value may be another fact's. */
  readonly comparesFacts: boolean;
  /** Whether it compares texts, so that `nocase:` says something. */
  readonly comparesTexts: boolean;
  readonly evaluate: BinaryTest;
  /** `evaluate` against a value that `valueProblem` has nothing against. */
  readonly bind: (value: Value) => UnaryTest;
  /** See {@linkcode Literal}; `folded` tells that both sides are in lower case when it decides. */
  readonly witnesses: (value: Value, folded: boolean) => readonly Literal[] | null;
  /** Rough cost of one evaluation; an exact comparison is 1. */
  readonly cost: number;
}

const anything = () => undefined;
const isScalar = (value: Value) => !Array.isArray(value) && value !== undefined;
const isText = (value: Value): value is string => typeof value === "string";
const scalarProblem = (value: Value) => isScalar(value) ? undefined : "must be a text, a number, true, false or null";
const listProblem = (value: Value) => Array.isArray(value) ? undefined : "must be a list";
const numberProblem = (value: Value) => typeof value === "number" ? undefined : "must be a number";
const textProblem = (value: Value) => isText(value) && value !== "" ? undefined : "must be a text that is not empty";
const refusesSwap = () => "must not follow the decorator swap, as its value is prepared when the rule is loaded";

/** json-rules-engine's check of what is compared by size. */
function isNumeric(value: Value): boolean {
  return typeof value === "number" ? value === value : !Number.isNaN(Number.parseFloat(String(value)));
}

/** Whether the list (or text, as json-rules-engine would have it) holds the value; nothing holds anything else. */
function holds(container: Value, value: Value): boolean {
  if (typeof container === "string") return container.indexOf(String(value)) > -1;
  return Array.isArray(container) && container.indexOf(value) > -1;
}

/** `holds` for a list that stays. Like `indexOf`, and unlike a set, it does not find NaN. */
function holder(container: Value): UnaryTest {
  if (!Array.isArray(container) || container.length <= 8) return (fact) => holds(container, fact);
  const members = new Set<Value>(container.filter((item) => item === item));
  return (fact) => members.has(fact);
}

/** What equals a number or a boolean is written as it is. */
function equals(value: Value): readonly Literal[] | null {
  const isNamed = isText(value) || typeof value === "number" || typeof value === "boolean";
  return isNamed ? [{ how: "equals", text: String(value).toLowerCase() }] : null;
}

function equalsOneOf(value: Value): readonly Literal[] | null {
  const literals = Array.isArray(value) ? value.map(equals) : [null];
  return literals.every((one) => one !== null) ? literals.flat() : null;
}

/**
 * A part of a text is found again in the lower-cased whole, save where lower case depends on what stands around it: a capital
 * sigma, and half of a surrogate pair.
 */
function part(how: Literal["how"]): Operator["witnesses"] {
  return (value, folded) => {
    if (!isText(value) || (!folded && (value.includes("\u03a3") || !value.isWellFormed()))) return null;
    return [{ how, text: folded ? value : value.toLowerCase() }];
  };
}

interface Row extends Partial<Operator> {
  readonly name: string;
  readonly description: string;
  readonly evaluate: BinaryTest;
}

/** An operator from what is particular about it. */
function operator(origin: Operator["origin"], row: Row): Operator {
  return {
    origin,
    valueProblem: scalarProblem,
    factProblem: anything,
    comparesFacts: true,
    comparesTexts: true,
    bind: (value) => (fact) => row.evaluate(fact, value),
    witnesses: () => null,
    cost: 1,
    ...row,
  };
}

function comparison(name: string, description: string, compare: (a: number, b: number) => boolean): Operator {
  // JavaScript's own coercion is what json-rules-engine has: a numeric text counts as its number against a number.
  const evaluate: BinaryTest = (fact, value) => isNumeric(fact) && compare(fact as number, value as number);
  return operator("json-rules-engine", {
    name,
    description,
    evaluate,
    valueProblem: numberProblem,
    comparesTexts: false,
  });
}

/** One of the three ways in which a text may hold another. */
function textual(
  name: string,
  description: string,
  how: Literal["how"],
  has: (whole: string, part: string) => boolean,
): Operator {
  return operator("weir", {
    name,
    description,
    evaluate: (fact, value) => isText(fact) && isText(value) && has(fact, value),
    valueProblem: textProblem,
    witnesses: part(how),
    cost: how === "contains" ? 4 : 2,
  });
}

function expressionProblem(value: Value): string | undefined {
  if (!isText(value) || value === "") return "must be a regular expression";
  const compiled = compileExpression(value);
  return "error" in compiled ? `must be a regular expression that can be run: ${compiled.error}` : undefined;
}

function bindExpression(value: Value): UnaryTest {
  const compiled = compileExpression(String(value));
  return "error" in compiled ? () => false : (fact) => isText(fact) && compiled.test(fact);
}

function expressionWitness(value: Value): readonly Literal[] | null {
  const compiled = compileExpression(String(value));
  return "error" in compiled ? null : compiled.literals?.map((text) => ({ how: "contains", text })) ?? null;
}

function networksProblem(value: Value): string | undefined {
  const networks = Array.isArray(value) ? value : [value];
  const wrong = networks.find((network) => !isText(network) || parseCidr(network) === undefined);
  if (networks.length > 0 && wrong === undefined) return undefined;
  return 'must be a network such as "10.0.0.0/8" or "2001:db8::/32", or a list of them';
}

function bindNetworks(value: Value): UnaryTest {
  const texts = Array.isArray(value) ? value : [value];
  const networks = texts.flatMap((text) => (isText(text) ? parseCidr(text) ?? [] : []));
  return (fact) => {
    const address = isText(fact) ? parseAddress(fact) : undefined;
    return address !== undefined && networks.some((network) => networkContains(network, address));
  };
}

/** Every operator, in the order of the reference. */
export const OPERATORS: readonly Operator[] = [
  operator("json-rules-engine", {
    name: "equal",
    description: "The fact is the value: same type, same case",
    evaluate: (fact, value) => fact === value,
    witnesses: equals,
  }),
  operator("json-rules-engine", {
    name: "notEqual",
    description: "The fact is not the value, or is absent",
    evaluate: (fact, value) => fact !== value,
  }),
  operator("json-rules-engine", {
    name: "in",
    description: "The fact is one of the list",
    evaluate: (fact, value) => holds(value, fact),
    bind: holder,
    valueProblem: listProblem,
    witnesses: equalsOneOf,
  }),
  operator("json-rules-engine", {
    name: "notIn",
    description: "The fact is none of the list, or is absent",
    evaluate: (fact, value) => !holds(value, fact),
    bind: (value) => {
      const held = holder(value);
      return (fact) => !held(fact);
    },
    valueProblem: listProblem,
  }),
  operator("json-rules-engine", {
    name: "contains",
    description: "The fact is a list, and the value is in it",
    evaluate: (fact, value) => Array.isArray(fact) && fact.indexOf(value) > -1,
    factProblem: listProblem,
    witnesses: equals,
    cost: 3,
  }),
  operator("json-rules-engine", {
    name: "doesNotContain",
    description: "The fact is a list, and the value is not in it",
    evaluate: (fact, value) => Array.isArray(fact) && fact.indexOf(value) === -1,
    factProblem: listProblem,
    cost: 3,
  }),
  comparison("lessThan", "The fact is a number under the value", (a, b) => a < b),
  comparison("lessThanInclusive", "The fact is a number, the value or under it", (a, b) => a <= b),
  comparison("greaterThan", "The fact is a number over the value", (a, b) => a > b),
  comparison("greaterThanInclusive", "The fact is a number, the value or over it", (a, b) => a >= b),
  textual("includes", "The fact is a text with the value in it", "contains", (whole, part) => whole.includes(part)),
  textual("startsWith", "The fact is a text that starts so", "startsWith", (whole, part) => whole.startsWith(part)),
  textual("endsWith", "The fact is a text that ends so", "endsWith", (whole, part) => whole.endsWith(part)),
  operator("weir", {
    name: "matches",
    description: "The fact is a text in which the regular expression is found; (?i), (?m), (?s) at its start are flags",
    evaluate: (fact, value) => bindExpression(value)(fact),
    bind: bindExpression,
    valueProblem: expressionProblem,
    factProblem: refusesSwap,
    comparesFacts: false,
    comparesTexts: false,
    witnesses: expressionWitness,
    cost: 40,
  }),
  operator("weir", {
    name: "inCidr",
    description: "The fact is an address in the network, or in one of the list (IPv4 and IPv6)",
    evaluate: (fact, value) => bindNetworks(value)(fact),
    bind: bindNetworks,
    valueProblem: networksProblem,
    factProblem: refusesSwap,
    comparesFacts: false,
    comparesTexts: false,
    cost: 10,
  }),
  operator("weir", {
    name: "exists",
    description: "With true: the fact is there and not null; with false: it is not",
    evaluate: (fact, value) => (fact !== undefined && fact !== null) === value,
    valueProblem: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
    factProblem: refusesSwap,
    comparesFacts: false,
    comparesTexts: false,
  }),
];

const BY_NAME = new Map(OPERATORS.map((one) => [one.name, one]));

/** The operator of that name. */
export function operatorNamed(name: string): Operator | undefined {
  return BY_NAME.get(name);
}
