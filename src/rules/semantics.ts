/**
 * json-rules-engine: what native conditions mean. Closures decide; this evaluates the same condition again for the evidence
 * on a detection, for `rules explain`, and for the tests that hold the closures to it.
 */

import type { Engine } from "json-rules-engine";
import type { EvaluatedNode } from "../core/detection.ts";
import type { Fields, FieldValue, TelemetryEvent } from "../core/event.ts";
import { compileCondition, factsOf, testsOf } from "./compile.ts";
import type { Condition, Facts } from "./condition.ts";
import { DECORATOR_NAMES, DECORATORS } from "./decorators.ts";
import { factNamedBy } from "./leaf.ts";
import { OPERATORS, type Value } from "./operators.ts";
import { factsOfRecord, ownField, recordOfEvent, Subject } from "./subject.ts";

/** json-rules-engine's own operators that throw on some values; ours stand in for them and decide the rest alike. */
const THROWING = ["in", "notIn", "someValue", "everyValue"];

/** A condition of json-rules-engine: as it is given, and, with the members it sets, as it comes back. */
type JsonRulesNode = ({ all: JsonRulesNode[] } | { any: JsonRulesNode[] } | { not: JsonRulesNode } | JsonRulesTest) & {
  result?: boolean;
};

interface JsonRulesTest {
  fact: string;
  operator: string;
  value: unknown;
  factResult?: unknown;
}

interface Evaluator {
  readonly engine: Promise<Engine>;
  readonly facts: ReadonlySet<string>;
  /** The last evaluation: an engine that is run again before it is done may skip its rule, so runs queue here. */
  last: Promise<unknown>;
}

/** Engines, each made when its condition is first evaluated and gone with it. */
const evaluators = new WeakMap<Condition, Evaluator>();

/**
 * Evaluates every node of a condition on these facts: through json-rules-engine where all its tests are json-rules-engine's,
 * through their closures otherwise (Sigma's).
 */
export async function evaluateCondition(condition: Condition, facts: Fields): Promise<EvaluatedNode> {
  return isJsonRules(condition)
    ? await evaluateByEngine(condition, facts)
    : evaluateByClosures(condition, factsOfRecord(facts));
}

/** The same on what a selection's condition sees of an event. */
export async function evaluateOnEvent(condition: Condition, event: TelemetryEvent): Promise<EvaluatedNode> {
  if (!isJsonRules(condition)) return evaluateByClosures(condition, new Subject(event));
  return await evaluateByEngine(condition, recordOfEvent(event));
}

function isJsonRules(condition: Condition): boolean {
  for (const test of testsOf(condition)) if (test.jsonRules !== true) return false;
  return true;
}

async function evaluateByEngine(condition: Condition, facts: Fields): Promise<EvaluatedNode> {
  const evaluator = evaluatorOf(condition);
  const run = evaluator.last.then(async () => (await evaluator.engine).run(named(facts, evaluator.facts)));
  evaluator.last = run.catch(() => undefined);
  const { results, failureResults } = await run;
  const [outcome] = [...results, ...failureResults];
  if (outcome === undefined) throw new Error("Cannot evaluate condition as json-rules-engine gave no result");
  const root = outcome.conditions as JsonRulesNode;
  // A single test was put into an `all`, since json-rules-engine takes none by itself.
  const [only] = condition.type === "test" && "all" in root ? root.all : [];
  return toEvaluated(only ?? root, facts, outcome.result === true);
}

/** Evaluates every node of a condition on these facts by the closures that decide. */
export function evaluateByClosures(condition: Condition, facts: Facts): EvaluatedNode {
  const result = compileCondition(condition)(facts);
  switch (condition.type) {
    case "test": {
      const { fact, operator, value } = condition;
      return {
        type: "test",
        result,
        fact,
        operator,
        value: shownValue(value, facts),
        ...seen(sawByTest(condition, facts)),
      };
    }
    case "not":
      return { type: "not", result, of: [evaluateByClosures(condition.of[0], facts)] };
    default:
      return { type: condition.type, result, of: condition.of.map((inner) => evaluateByClosures(inner, facts)) };
  }
}

/** What a test saw: the first of its fields that is there. */
function sawByTest({ fact, fields }: { fact: string; fields: readonly string[] }, facts: Facts): Value {
  for (const field of fields) {
    const value = facts.get(field);
    if (value !== undefined) return value;
  }
  return facts.get(fact);
}

function evaluatorOf(condition: Condition): Evaluator {
  const known = evaluators.get(condition);
  if (known !== undefined) return known;
  const made = { engine: createEngine(condition), facts: factsOf(condition), last: Promise.resolve() };
  evaluators.set(condition, made);
  return made;
}

/**
 * An engine with our operators and decorators, and one rule made of this condition. json-rules-engine is loaded for the first of
 * them: where nothing fires, it is not needed.
 */
async function createEngine(condition: Condition): Promise<Engine> {
  const { Engine } = await import("json-rules-engine");
  const engine = new Engine([], { allowUndefinedFacts: true });
  for (const { name, origin, evaluate } of OPERATORS) {
    if (origin === "weir" || THROWING.includes(name)) engine.addOperator(name, evaluate);
  }
  for (const name of DECORATOR_NAMES) {
    const { origin, evaluate } = DECORATORS[name];
    if (origin === "weir" || THROWING.includes(name)) engine.addOperatorDecorator(name, evaluate);
  }
  const node = toJsonRules(condition);
  engine.addRule({ conditions: "fact" in node ? { all: [node] } : node, event: { type: "met" } });
  return engine;
}

function toJsonRules(condition: Condition): JsonRulesNode {
  switch (condition.type) {
    case "test":
      return { fact: condition.fact, operator: condition.operator, value: condition.value };
    case "not":
      return { not: toJsonRules(condition.of[0]) };
    case "all":
      return { all: condition.of.map(toJsonRules) };
    case "any":
      return { any: condition.of.map(toJsonRules) };
  }
}

/** The facts a condition reads: json-rules-engine copies all it is given. */
function named(facts: Fields, names: ReadonlySet<string>): Record<string, FieldValue> {
  const picked: Record<string, FieldValue> = Object.create(null);
  for (const name of names) {
    const value = ownField(facts, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/**
 * The evaluated conditions as a detection keeps them. `outcome` is the root's result, which json-rules-engine keeps elsewhere
 * than those of the nodes under it.
 */
function toEvaluated(node: JsonRulesNode, facts: Fields, outcome?: boolean): EvaluatedNode {
  const result = outcome ?? node.result === true;
  if ("all" in node) return { type: "all", result, of: node.all.map((inner) => toEvaluated(inner, facts)) };
  if ("any" in node) return { type: "any", result, of: node.any.map((inner) => toEvaluated(inner, facts)) };
  if ("not" in node) return { type: "not", result, of: [toEvaluated(node.not, facts)] };
  const { fact, operator, value } = node;
  const shown = shownValue(value, factsOfRecord(facts));
  return { type: "test", result, fact, operator, value: shown, ...seen(node.factResult) };
}

/** A value as written; where it names a fact, with that fact's value beside it. */
function shownValue(value: unknown, facts: Facts): unknown {
  const other = factNamedBy(value);
  return other === undefined ? value : { fact: other, ...seen(facts.get(other)) };
}

function seen(value: unknown): { readonly saw?: unknown } {
  return value === undefined ? {} : { saw: value };
}
