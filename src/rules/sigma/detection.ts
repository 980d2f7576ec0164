/** Reads Sigma's detections: named maps and lists of fields and values, and the condition that puts them together. */

import { nameHint, quoteValue } from "../../core/errors.ts";
import type { Condition } from "../condition.ts";
import { compileExpression } from "../../core/expression.ts";
import type { Node } from "../native/node.ts";
import { type ConditionTree, nameProblems, namesOf, parseCondition } from "./grammar.ts";
import { makeTest } from "./leaf.ts";
import type { Route } from "./logsource.ts";
import { applyModifiers, isModifier, MODIFIER_NAMES } from "./modifiers.ts";
import { expandPlaceholders, type ValueLists } from "./placeholder.ts";
import { parseText } from "./text.ts";
import type { SigmaValue } from "./value.ts";

/** How many values a list may hold, and how many one value may expand to. */
export const VALUES_MAX = 100_000;

/** How many detections, and conditions, a rule may have. */
export const DETECTIONS_MAX = 1_000;

/** What detections are read with. */
export interface DetectionContext {
  readonly route: Route;
  /** Values of placeholders, by name. */
  readonly valueLists: ValueLists;
}

/** Modifiers that a keyword, which has no field, may have. */
const KEYWORD_MODIFIERS: ReadonlySet<string> = new Set([
  "all",
  "neq",
  "contains",
  "cased",
  "re",
  "i",
  "ignorecase",
  "m",
  "multiline",
  "s",
  "dotall",
  "base64",
  "base64offset",
  "wide",
  "utf16",
  "utf16le",
  "utf16be",
  "windash",
  "expand",
]);

/**
 * The condition of a `detection:` or `filter:` section, its detections put in; `undefined` after saying what is wrong with it.
 * `others` are keys of the section that are no detections.
 */
export function readSection(
  section: Node,
  others: readonly string[],
  context: DetectionContext,
): Condition | undefined {
  const keys = section.keys("detection");
  if (keys === undefined) return undefined;
  const names = keys.filter((key) => key !== "condition" && !others.includes(key));
  if (names.length > DETECTIONS_MAX) return section.refuse("detection", `at most ${DETECTIONS_MAX} named ones`);
  if (names.length === 0) {
    section.tell(
      "error",
      "Cannot read detection as it must name what to look for: current value has nothing but its condition",
    );
  }
  const detections = new Map(names.map((name) => [name, readDetection(section.at(name), context)]));
  const trees = readConditions(section.at("condition").required("detection"), names);
  if (trees === undefined) return undefined;
  const conditions = trees.map((tree) => build(tree, detections));
  return conditions.every((condition) => condition !== undefined) ? linked("any", conditions) : undefined;
}

/** The condition, or each of several, any of which may hold. */
function readConditions(node: Node, names: readonly string[]): ConditionTree[] | undefined {
  const trees = (node.oneOrMore("condition", DETECTIONS_MAX) ?? []).map((one) => readCondition(one, names));
  return trees.length > 0 && trees.every((tree) => tree !== undefined) ? trees : undefined;
}

function readCondition(node: Node, names: readonly string[]): ConditionTree | undefined {
  const { value } = node;
  if (typeof value !== "string" || value.trim() === "") {
    return node.refuse("condition", "a text such as selection and not filter");
  }
  const tree = parseCondition(value);
  const problems = "problem" in tree ? [tree] : nameProblems(tree, names, "a detection");
  for (const { problem, hint, at } of problems) {
    node.tell("error", `Cannot read condition as ${problem}, at character ${at + 1} of ${quoteValue(value)}`, hint);
  }
  return "problem" in tree || problems.length > 0 ? undefined : tree;
}

/** A condition's tree with the detections in the place of their names. */
function build(tree: ConditionTree, detections: ReadonlyMap<string, Condition | undefined>): Condition | undefined {
  switch (tree.type) {
    case "name":
      return labelled(tree.name, detections);
    case "of":
      return buildAll(
        tree.quantifier === "all" ? "all" : "any",
        namesOf(tree.pattern, detections.keys()).map((name) => labelled(name, detections)),
      );
    case "not": {
      const inner = build(tree.of, detections);
      return inner && { type: "not", of: [inner] };
    }
    default:
      return buildAll(tree.type === "and" ? "all" : "any", tree.of.map((part) => build(part, detections)));
  }
}

/** A detection, with its name for whoever has the rule explained. */
function labelled(name: string, detections: ReadonlyMap<string, Condition | undefined>): Condition | undefined {
  const condition = detections.get(name);
  return condition && { ...condition, label: name };
}

function buildAll(type: "all" | "any", of: readonly (Condition | undefined)[]): Condition | undefined {
  const whole = of.filter((condition) => condition !== undefined);
  return whole.length === of.length ? linked(type, whole) : undefined;
}

/** Conditions put together; one by itself needs nothing around it. */
export function linked(type: "all" | "any", of: readonly Condition[]): Condition {
  const [only] = of;
  return only !== undefined && of.length === 1 ? only : { type, of };
}

/** A detection: a map holds when all of its items do, a list when any does, a value by itself is a keyword. */
function readDetection(node: Node, context: DetectionContext): Condition | undefined {
  const { value } = node;
  if (Array.isArray(value)) {
    if (value.length === 0) return node.refuse("detection", "a list that is not empty");
    if (value.length > VALUES_MAX) return node.refuse("detection", `at most ${VALUES_MAX} long`);
    if (value.every(isScalar)) return readItem(node, "", [], context);
    return buildAll("any", value.map((_, index) => readDetection(node.at(index), context)));
  }
  if (isScalar(value)) return readItem(node, "", [], context);
  const keys = node.keys("detection") ?? [];
  if (keys.length === 0) return node.refuse("detection", "a map of fields to values that is not empty");
  return buildAll("all", keys.map((key) => readField(node.at(key), key, context)));
}

/** `field|modifier|...: value`. */
function readField(node: Node, key: string, context: DetectionContext): Condition | undefined {
  const [field = "", ...modifiers] = key.split("|");
  let whole = true;
  for (const modifier of modifiers) {
    const wrong = isModifier(modifier) ? keywordProblem(field, modifier) : "a modifier of Sigma's";
    if (wrong === undefined) continue;
    const message = `Cannot read detection as "${modifier}" must be ${wrong}: current value is ${quoteValue(key)}`;
    node.tell("error", message, isModifier(modifier) ? undefined : nameHint(modifier, MODIFIER_NAMES), "key");
    whole = false;
  }
  return whole ? readItem(node, field, modifiers, context) : undefined;
}

function keywordProblem(field: string, modifier: string): string | undefined {
  return field !== "" || KEYWORD_MODIFIERS.has(modifier) ? undefined : "after the name of a field";
}

/** A field, or keywords where it is empty, with the values it may have. */
function readItem(
  node: Node,
  field: string,
  modifiers: readonly string[],
  context: DetectionContext,
): Condition | undefined {
  const written: unknown = node.value;
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  if (list.length > VALUES_MAX) return node.refuse("values", `at most ${VALUES_MAX} long`);
  const at = (index: number) => Array.isArray(written) ? node.at(index) : node;
  const values = list.map((value, index) => readValue(value, () => at(index), field, modifiers, context));
  if (field === "" && values.length === 0) return node.refuse("keywords", "a list that is not empty");
  const whole = values.filter((value) => value !== undefined);
  if (whole.length < values.length) return undefined;
  const { route } = context;
  const test = (written: unknown, values: readonly SigmaValue[]): Condition =>
    makeTest({
      field,
      fields: field === "" ? null : route.fieldsOf(field),
      modifiers,
      written,
      values,
      fieldsOf: route.fieldsOf,
    });
  const tests = whole.length === 0
    ? [test(written, [{ type: "null" }])] // an empty list of values is no value
    : modifiers.includes("all")
    ? whole.map((value, index) => test(list[index], [value]))
    : [test(written, whole), ...translated(field, modifiers, list, route)];
  const condition = linked(modifiers.includes("all") ? "all" : "any", tests);
  return modifiers.includes("neq") ? { type: "not", of: [condition] } : condition;
}

/** The same test in our words, where the log source knows other words for the values. */
function translated(field: string, modifiers: readonly string[], list: readonly unknown[], route: Route): Condition[] {
  if (modifiers.length > 0 || route.translate === undefined) return [];
  return list.flatMap((value) => {
    const ours = route.translate?.(field, String(value));
    if (ours === undefined) return [];
    const values: SigmaValue[] = [{ type: "text", text: [ours.value], cased: false, encoding: "utf-8" }];
    return [makeTest({
      field: ours.field,
      fields: [ours.field],
      modifiers,
      written: ours.value,
      values,
      fieldsOf: route.fieldsOf,
    })];
  });
}

/** One value with its modifiers applied; `undefined` after saying what is wrong. */
function readValue(
  value: unknown,
  at: () => Node,
  field: string,
  modifiers: readonly string[],
  { valueLists }: DetectionContext,
): SigmaValue | undefined {
  const plain = plainValue(value, modifiers);
  if (plain === undefined) return at().refuse("value", "a text, a number, true, false or null");
  if (field === "" && plain.type !== "text" && plain.type !== "number") {
    return at().refuse("keyword", "a text or a number", "true, false and null are values of fields");
  }
  const expanded = modifiers.includes("expand")
    ? expandPlaceholders(plain, modifiers.includes("re"), valueLists)
    : plain;
  const modified = "problem" in expanded ? { ...expanded, modifier: "expand" } : applyModifiers(expanded, modifiers);
  const result = "problem" in modified ? modified : compilePatterns(modified);
  if (!("problem" in result)) return result;
  const { modifier, problem, hint } = result;
  at().tell("error", `Cannot read "${modifier}" as ${problem}: current value is ${quoteValue(value)}`, hint);
  return undefined;
}

function plainValue(value: unknown, modifiers: readonly string[]): SigmaValue | undefined {
  switch (typeof value) {
    case "string": {
      // An expression is not read as a text with wildcards.
      const text = modifiers.includes("re") ? [value] : parseText(value, modifiers.includes("expand"));
      return { type: "text", text, cased: false, encoding: "utf-8" };
    }
    case "number":
      return Number.isFinite(value) ? { type: "number", number: value } : undefined;
    case "boolean":
      return { type: "boolean", boolean: value };
    default:
      return value === null ? { type: "null" } : undefined;
  }
}

type Problem = { readonly problem: string; readonly hint?: string; readonly modifier: string };

/** Compiles the expressions in a value, once all modifiers have had their say. */
function compilePatterns(value: SigmaValue): SigmaValue | Problem {
  if (value.type === "anyOf") {
    const of = value.of.map(compilePatterns);
    return of.find((one): one is Problem => "problem" in one) ?? { type: "anyOf", of: of as SigmaValue[] };
  }
  if (value.type !== "pattern") return value;
  const { pattern, flags, anchor } = value;
  const inline = /^\(\?[ims]+\)/.exec(pattern)?.[0] ?? "";
  const body = pattern.slice(inline.length);
  const [before, after] = { none: ["", ""], start: ["^(?:", ")"], end: ["(?:", ")$"] }[anchor];
  const given = { i: flags.includes("i"), m: flags.includes("m"), s: flags.includes("s") };
  const expression = compileExpression(inline + before + body + after, given);
  if (!("error" in expression)) return { type: "expression", expression };
  const at = Math.max(0, expression.offset - (expression.offset > inline.length ? before?.length ?? 0 : 0));
  return { problem: `${expression.error}, at character ${at + 1}`, modifier: "re" };
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== "object";
}
