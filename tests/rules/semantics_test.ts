/** Closures are held to json-rules-engine: on random conditions and facts, node by node. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Engine, type TopLevelCondition } from "json-rules-engine";
import type { EvaluatedNode } from "../../src/core/detection.ts";
import type { FieldValue } from "../../src/core/event.ts";
import { compileCondition } from "../../src/rules/compile.ts";
import type { Condition } from "../../src/rules/condition.ts";
import { DECORATORS } from "../../src/rules/decorators.ts";
import { OPERATORS } from "../../src/rules/operators.ts";
import { evaluateByClosures, evaluateCondition, evaluateOnEvent } from "../../src/rules/semantics.ts";
import { factsOfRecord } from "../../src/rules/subject.ts";
import { makeEvent, makeTest } from "./fixtures.ts";
import { anyLeaf, conditionOf, factsRecord, leafOf } from "./conditions.ts";

const RUNS = 10_000;

Deno.test("closures decide as json-rules-engine does, at every node of a condition", async () => {
  let held = 0;
  await fc.assert(
    fc.asyncProperty(conditionOf(anyLeaf), factsRecord, async (condition, record) => {
      const facts = factsOfRecord(record);
      const evaluated = await evaluateCondition(condition, record);
      strictEqual(compileCondition(condition)(facts), evaluated.result);
      deepStrictEqual(evaluateByClosures(condition, facts), evaluated);
      if (evaluated.result) held++;
    }),
    { numRuns: RUNS },
  );
  // A property about conditions that never hold, or always, would show nothing.
  strictEqual(held > RUNS / 10 && held < RUNS * 9 / 10, true, `held ${held} of ${RUNS} times`);
});

Deno.test("closures decide as json-rules-engine alone does, wherever it does not throw", async () => {
  const operators = OPERATORS.filter(({ origin }) => origin === "json-rules-engine").map(({ name }) => name);
  const decorators = Object.entries(DECORATORS).filter(([, { origin }]) => origin === "json-rules-engine");
  const leaf = leafOf(operators, decorators.map(([name]) => name));
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(conditionOf(leaf), factsRecord, async (condition, record) => {
      const stock = await decideByStockEngine(condition, record);
      if (stock === undefined) return;
      strictEqual(compileCondition(condition)(factsOfRecord(record)), stock);
      compared++;
    }),
    { numRuns: RUNS / 2 },
  );
  strictEqual(compared > RUNS / 4, true, `compared ${compared} times`);
});

/** What an engine without anything of ours says; `undefined` where it throws. */
async function decideByStockEngine(
  condition: Condition,
  record: Readonly<Record<string, FieldValue>>,
): Promise<boolean | undefined> {
  const engine = new Engine([], { allowUndefinedFacts: true });
  engine.addRule({ conditions: { all: [toStock(condition)] } as TopLevelCondition, event: { type: "met" } });
  try {
    return (await engine.run({ ...record })).results.length === 1;
  } catch {
    return undefined;
  }
}

function toStock(condition: Condition): Record<string, unknown> {
  if (condition.type === "test") return { fact: condition.fact, operator: condition.operator, value: condition.value };
  if (condition.type === "not") return { not: toStock(condition.of[0]) };
  return { [condition.type]: condition.of.map(toStock) };
}

Deno.test("what a test names as witnesses is there whenever it holds", () => {
  const telling = OPERATORS.filter(({ witnesses }) =>
    witnesses("a", false) !== null || witnesses(["a"], false) !== null
  );
  const leaves = leafOf(telling.map(({ name }) => name), ["someFact", "someValue", "everyValue", "nocase"]);
  let witnessed = 0;
  fc.assert(
    fc.property(leaves, factsRecord, (leaf, record) => {
      const facts = factsOfRecord(record);
      if (leaf.witnesses === null || !leaf.accepts(facts)) return;
      const seen = leaf.fields.flatMap((field) => {
        const value = facts.folded(field);
        return Array.isArray(value) ? value : [value];
      });
      const found = leaf.witnesses.some(({ how, text }) => {
        const has = { equals: (t: string) => t === text, startsWith: (t: string) => t.startsWith(text) };
        const rest = { endsWith: (t: string) => t.endsWith(text), contains: (t: string) => t.includes(text) };
        return seen.some((value) => value !== undefined && value !== null && { ...has, ...rest }[how](String(value)));
      });
      strictEqual(found, true, `${leaf.operator} ${JSON.stringify(leaf.value)} on ${JSON.stringify(record)}`);
      witnessed++;
    }),
    { numRuns: 20_000 },
  );
  strictEqual(witnessed > 100, true, `witnessed ${witnessed} times`);
});

Deno.test("an evaluated condition shows every node with what it saw", async () => {
  const condition: Condition = {
    type: "all",
    of: [
      makeTest("process.name", "nocase:equal", "XMRig"),
      { type: "not", of: [makeTest("process.pid", "lessThan", { fact: "limit" })] },
      makeTest("user.name", "exists", true),
    ],
  };
  const evaluated = await evaluateCondition(condition, { "process.name": "xmrig", "process.pid": 7, limit: 5 });
  deepStrictEqual(evaluated, {
    type: "all",
    result: false,
    of: [
      { type: "test", result: true, fact: "process.name", operator: "nocase:equal", value: "XMRig", saw: "xmrig" },
      {
        type: "not",
        result: true,
        of: [{
          type: "test",
          result: false,
          fact: "process.pid",
          operator: "lessThan",
          value: { fact: "limit", saw: 5 },
          saw: 7,
        }],
      },
      { type: "test", result: false, fact: "user.name", operator: "exists", value: true },
    ],
  });
});

Deno.test("a condition that is a single test stays one when evaluated", async () => {
  const test = makeTest("a", "equal", 1);
  deepStrictEqual(await evaluateCondition(test, { a: 1 }), {
    type: "test",
    result: true,
    fact: "a",
    operator: "equal",
    value: 1,
    saw: 1,
  });
});

Deno.test("evaluations of one condition at the same time do not disturb one another", async () => {
  const condition: Condition = { type: "any", of: [makeTest("n", "greaterThan", 50)] };
  const results = await Promise.all(Array.from({ length: 100 }, (_, n) => evaluateCondition(condition, { n })));
  deepStrictEqual(results.map(({ result }) => result), Array.from({ length: 100 }, (_, n) => n > 50));
});

Deno.test("tests of another front end are evaluated by their closures", async () => {
  const { jsonRules: _, ...leaf } = makeTest("event.kind", "equal", "process.start");
  const evaluated: EvaluatedNode = await evaluateOnEvent({ type: "any", of: [leaf] }, makeEvent({}));
  deepStrictEqual(evaluated.result, true);
});

Deno.test("json-rules-engine is given an event's kind, source and host", async () => {
  const condition: Condition = {
    type: "all",
    of: [
      makeTest("event.kind", "equal", "process.start"),
      makeTest("event.source", "equal", "process"),
      makeTest("host.name", "equal", "web-1"),
    ],
  };
  strictEqual((await evaluateOnEvent(condition, makeEvent({}))).result, true);
});
