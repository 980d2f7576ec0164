/** Leaves of Sigma conditions: a field and the values it may have, made into one closure with its witnesses. */

import { asciiRuns, isAscii } from "../../core/ascii.ts";
import { networkContains, parseAddress } from "../../core/cidr.ts";
import { parseRfc3339 } from "../../core/clock.ts";
import type { FieldValue } from "../../core/event.ts";
import type { Facts, Literal, Test } from "../condition.ts";
import { compilePattern } from "./pattern.ts";
import { ANY, joinParts, mapPlain } from "./text.ts";
import type { Comparison, SigmaValue, TimePart } from "./value.ts";

type Scalar = string | number | boolean;

/** One way in which a field can be right. */
type Check =
  /** Its text in lower case. */
  | { readonly on: "folded"; readonly accepts: (text: string) => boolean; readonly exact: string | null }
  /** Its text as it stands. */
  | { readonly on: "text"; readonly accepts: (text: string) => boolean }
  /** Its value. */
  | { readonly on: "value"; readonly accepts: (value: Scalar) => boolean }
  /** Its text in lower case, beside another field's. */
  | {
    readonly on: "field";
    readonly accepts: (text: string, other: string) => boolean;
    readonly fields: readonly string[];
    /** Whether only texts of one length, in lower case, are accepted. */
    readonly ofOneLength: boolean;
  }
  | { readonly on: "absence" }
  | { readonly on: "presence" };

interface Costed {
  readonly check: Check;
  /** In lower case; null when nothing can be named. */
  readonly literals: readonly Literal[] | null;
  readonly cost: number;
}

/** What a leaf is made of. */
export interface LeafParts {
  /** The field as written; empty for keywords. */
  readonly field: string;
  /** Where it is looked for, in order; null for keywords: anywhere. */
  readonly fields: readonly string[] | null;
  readonly modifiers: readonly string[];
  /** As written. */
  readonly written: unknown;
  /** Any of them. At least one. */
  readonly values: readonly SigmaValue[];
  /** Where a field that a value refers to is looked for. */
  readonly fieldsOf: (field: string) => readonly string[];
}

/** Cost of a keyword, which is looked for in every field, as a multiple of what it costs in one. */
const KEYWORD_COST = 8;

/** A leaf that holds when the field, or for keywords any text of the event, is any of the values. */
export function makeTest({ field, fields, modifiers, written, values, fieldsOf }: LeafParts): Test {
  const inside = fields === null ? values.map(anywhere) : values;
  const costed = flatten(inside).map((value) => compileValue(value, fieldsOf));
  const checks = costed.map(({ check }) => check);
  const literals = costed.map(({ literals }) => literals);
  const cost = costed.reduce((sum, check) => sum + check.cost, 0);
  return {
    type: "test",
    fact: fields === null ? "keywords" : field,
    fields: fields ?? [],
    operator: modifiers.length === 0 ? "equals" : modifiers.join("|"),
    value: written,
    accepts: fields === null ? acceptsAnywhere(checks) : acceptsField(checks, fields),
    witnesses: literals.some((some) => some === null) ? null : literals.flatMap((some) => some ?? []),
    cost: fields === null ? cost * KEYWORD_COST : cost,
  };
}

function flatten(values: readonly SigmaValue[]): SigmaValue[] {
  return values.flatMap((value) => value.type === "anyOf" ? flatten(value.of) : [value]);
}

/** A keyword is looked for anywhere in a text. */
function anywhere(value: SigmaValue): SigmaValue {
  if (value.type === "anyOf") return { type: "anyOf", of: value.of.map(anywhere) };
  if (value.type === "number") {
    return anywhere({ type: "text", text: [String(value.number)], cased: false, encoding: "utf-8" });
  }
  return value.type === "text" ? { ...value, text: joinParts([ANY], value.text, [ANY]) } : value;
}

function compileValue(value: SigmaValue, fieldsOf: LeafParts["fieldsOf"]): Costed {
  switch (value.type) {
    case "text":
      return value.cased ? casedText(value.text) : foldedText(value.text);
    case "number":
      return foldedText([String(value.number)]);
    case "boolean":
      return booleanText(value.boolean);
    case "expression": {
      const { test, engine } = value.expression;
      const literals = value.expression.literals?.map((text): Literal => ({ how: "contains", text })) ?? null;
      return { check: { on: "text", accepts: test }, literals, cost: engine === "v8" ? 20 : 100 };
    }
    case "network":
      return onValue((scalar) => {
        const address = typeof scalar === "string" ? parseAddress(scalar) : undefined;
        return address !== undefined && networkContains(value.network, address);
      }, 10);
    case "compare":
      return onValue(comparison(value.comparison, value.number, value.part), value.part === null ? 2 : 10);
    case "field":
      return {
        check: {
          on: "field",
          accepts: FIELD_TO_FIELD[value.how],
          fields: fieldsOf(value.field),
          ofOneLength: value.how === "equals",
        },
        literals: null,
        cost: 5,
      };
    case "null":
      return { check: { on: "absence" }, literals: null, cost: 1 };
    case "exists":
      return { check: { on: value.exists ? "presence" : "absence" }, literals: null, cost: 1 };
    case "pattern":
    case "anyOf":
      throw new Error(`Cannot compile value as it must be a single one: current value is ${value.type}`);
  }
}

function foldedText(text: Parameters<typeof compilePattern>[0]): Costed {
  const { accepts, literal, cost } = compilePattern(mapPlain(text, (plain) => plain.toLowerCase()));
  const exact = literal?.how === "equals" ? literal.text : null;
  return { check: { on: "folded", accepts, exact }, literals: literal === null ? null : [literal], cost };
}

function casedText(text: Parameters<typeof compilePattern>[0]): Costed {
  const { accepts, literal, cost } = compilePattern(text);
  return { check: { on: "text", accepts }, literals: foldedLiteral(literal), cost: cost + 1 };
}

/** A literal as it must be in the folded field. Beyond ASCII a character's lower case may depend on its neighbours. */
function foldedLiteral(literal: Literal | null): Literal[] | null {
  if (literal === null) return null;
  if (isAscii(literal.text)) return [{ how: literal.how, text: literal.text.toLowerCase() }];
  const runs = asciiRuns(literal.text).sort((a, b) => b.length - a.length);
  const longest = runs[0] ?? "";
  return longest === "" ? null : [{ how: "contains", text: longest.toLowerCase() }];
}

/** Logs write a boolean as its word or as 1 and 0. */
function booleanText(value: boolean): Costed {
  const texts = value ? ["true", "1"] : ["false", "0"];
  const literals = texts.map((text): Literal => ({ how: "equals", text }));
  return { check: { on: "folded", accepts: (text) => texts.includes(text), exact: null }, literals, cost: 1 };
}

function onValue(accepts: (value: Scalar) => boolean, cost: number): Costed {
  return { check: { on: "value", accepts }, literals: null, cost };
}

const FIELD_TO_FIELD = {
  equals: (text: string, other: string) => text === other,
  startsWith: (text: string, other: string) => text.startsWith(other),
  endsWith: (text: string, other: string) => text.endsWith(other),
  contains: (text: string, other: string) => text.includes(other),
} as const;

const COMPARISONS: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
};

function comparison(how: Comparison, number: number, part: TimePart | null): (value: Scalar) => boolean {
  const compare = COMPARISONS[how];
  const read = part === null ? numberOf : (value: Scalar) => timePartOf(value, part);
  return (value) => {
    const read_ = read(value);
    return read_ !== undefined && compare(read_, number);
  };
}

/** A number, or a text that is nothing but one. */
function numberOf(value: Scalar): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(value)) return undefined;
  return Number(value);
}

/** Seconds past which a number is taken for milliseconds since the epoch: the year 5138. */
const EPOCH_SECONDS_MAX = 100_000_000_000;

/** A part of a time, in UTC: of an RFC 3339 text, or of seconds or milliseconds since the epoch. */
function timePartOf(value: Scalar, part: TimePart): number | undefined {
  const seconds = numberOf(value);
  const timeMs = seconds === undefined
    ? typeof value === "string" ? parseRfc3339(value.trim()) : undefined
    : Math.abs(seconds) < EPOCH_SECONDS_MAX
    ? seconds * 1000
    : seconds;
  const date = new Date(timeMs ?? NaN);
  if (Number.isNaN(date.getTime())) return undefined;
  switch (part) {
    case "minute":
      return date.getUTCMinutes();
    case "hour":
      return date.getUTCHours();
    case "day":
      return date.getUTCDate();
    case "week":
      return isoWeek(date);
    case "month":
      return date.getUTCMonth() + 1;
    case "year":
      return date.getUTCFullYear();
  }
}

/** ISO 8601: weeks start on Monday, and the first holds the year's first Thursday. */
function isoWeek(date: Date): number {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 3 - (date.getUTCDay() + 6) % 7);
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - yearStart) / (7 * 86_400_000)) + 1;
}

/** Of some fields the first that is there and not null. */
function presentField(facts: Facts, fields: readonly string[]): string | undefined {
  for (const field of fields) {
    const value = facts.get(field);
    if (value !== undefined && value !== null) return field;
  }
  return undefined;
}

function acceptsField(checks: readonly Check[], fields: readonly string[]): (facts: Facts) => boolean {
  const whenAbsent = checks.some((check) => check.on === "absence");
  const whenPresent = checks.some((check) => check.on === "presence");
  const folded = foldedChecks(checks);
  const others = checks.filter((check) => check.on === "text" || check.on === "value" || check.on === "field");
  const [only, second] = checks;
  if (folded !== undefined && others.length === 0 && !whenAbsent && !whenPresent) return acceptsFolded(folded, fields);
  if (only?.on === "field" && second === undefined) return (facts) => acceptsOtherField(only, facts, fields);
  return (facts) => {
    for (const field of fields) {
      const value = facts.get(field);
      if (value === undefined || value === null) continue;
      if (whenPresent) return true;
      if (folded !== undefined && someText(facts.folded(field), folded)) return true;
      for (const check of others) if (acceptsOther(check, facts, field, value)) return true;
      return false;
    }
    return whenAbsent;
  };
}

/** One field beside another. Texts are only folded where they may be alike. */
function acceptsOtherField(
  check: Extract<Check, { on: "field" }>,
  facts: Facts,
  fields: readonly string[],
): boolean {
  const field = presentField(facts, fields);
  const other = presentField(facts, check.fields);
  if (field === undefined || other === undefined) return false;
  const [mine, theirs] = [facts.get(field), facts.get(other)];
  if (check.ofOneLength && typeof mine === "string" && typeof theirs === "string") {
    if (mine.length !== theirs.length && !mine.includes(GROWS_IN_LOWER_CASE) && !theirs.includes(GROWS_IN_LOWER_CASE)) {
      return false;
    }
  }
  const text = facts.folded(other);
  return someText(facts.folded(field), (mine) => someText(text, (theirs) => check.accepts(mine, theirs)));
}

/** The one character whose lower case is of another length. */
const GROWS_IN_LOWER_CASE = "\u0130";

/** Most tests by far: nothing but texts in lower case. */
function acceptsFolded(accepts: (text: string) => boolean, fields: readonly string[]): (facts: Facts) => boolean {
  const [first = "", second] = fields;
  if (fields.length > 2) return (facts) => someText(facts.folded(presentField(facts, fields) ?? first), accepts);
  if (second === undefined) return (facts) => someText(facts.folded(first), accepts);
  return (facts) => someText(facts.folded(first) ?? facts.folded(second), accepts);
}

function acceptsAnywhere(checks: readonly Check[]): (facts: Facts) => boolean {
  const folded = foldedChecks(checks);
  const raw = checks.filter((check) => check.on === "text");
  return (facts) => {
    for (const name of facts.names()) {
      const value = facts.get(name);
      if (typeof value !== "string" && !Array.isArray(value)) continue;
      if (folded !== undefined && someString(facts.folded(name), folded)) return true;
      for (const check of raw) if (someString(value, check.accepts)) return true;
    }
    return false;
  };
}

/** All checks on folded text as one; whole values are looked up together. */
function foldedChecks(checks: readonly Check[]): ((text: string) => boolean) | undefined {
  const folded = checks.filter((check) => check.on === "folded");
  if (folded.length === 0) return undefined;
  const exact = new Set(folded.flatMap((check) => check.exact === null ? [] : [check.exact]));
  const rest = folded.filter((check) => check.exact === null).map((check) => check.accepts);
  const [only] = rest;
  if (exact.size === 0 && only !== undefined && rest.length === 1) return only;
  if (rest.length === 0) {
    const [value] = exact;
    return exact.size === 1 ? (text) => text === value : (text) => exact.has(text);
  }
  return (text) => {
    if (exact.has(text)) return true;
    for (const accepts of rest) if (accepts(text)) return true;
    return false;
  };
}

function acceptsOther(check: Check, facts: Facts, field: string, value: FieldValue): boolean {
  switch (check.on) {
    case "text":
      return someText(value, check.accepts);
    case "value":
      return someValue(value, check.accepts);
    case "field":
      return acceptsOtherField(check, facts, [field]);
    default:
      return false;
  }
}

/** Whether a value, or any of a list, is right as text: numbers and booleans by their written forms. */
function someText(value: FieldValue | undefined, accepts: (text: string) => boolean): boolean {
  if (typeof value === "string") return accepts(value);
  return someValue(value, (scalar) => accepts(String(scalar)));
}

function someValue(value: FieldValue | undefined, accepts: (value: Scalar) => boolean): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "object") return accepts(value);
  for (const item of value) if (item !== null && accepts(item)) return true;
  return false;
}

/** Whether a text, or any text of a list, is right. */
function someString(value: FieldValue | undefined, accepts: (text: string) => boolean): boolean {
  return someValue(value, (scalar) => typeof scalar === "string" && accepts(scalar));
}
