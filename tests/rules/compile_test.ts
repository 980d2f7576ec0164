import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { compileCondition, costOf, factsOf } from "../../src/rules/compile.ts";
import type { Condition, Test } from "../../src/rules/condition.ts";
import { factsOfRecord } from "../../src/rules/subject.ts";
import { makeTest } from "./fixtures.ts";

/** A test that notes that it was asked. */
function noted(name: string, cost: number, result: boolean, asked: string[]): Test {
  const accepts = () => {
    asked.push(name);
    return result;
  };
  return { ...makeTest("f", "equal", name), cost, accepts };
}

for (const size of [1, 2, 3, 5]) {
  Deno.test(`the cheapest of ${size} goes first, and what decides ends it`, () => {
    for (const type of ["all", "any"] as const) {
      const deciding = type === "any";
      const asked: string[] = [];
      const of = Array.from({ length: size }, (_, i) => noted(`t${i}`, size - i, i === size - 1 === deciding, asked));
      strictEqual(compileCondition({ type, of })(factsOfRecord({})), deciding);
      // The last one is the cheapest: it decides an `any` alone; of an `all` it is the only one that does not hold.
      deepStrictEqual(asked, [`t${size - 1}`]);
    }
  });
}

Deno.test("empty lists hold, as in json-rules-engine", () => {
  strictEqual(compileCondition({ type: "all", of: [] })(factsOfRecord({})), true);
  strictEqual(compileCondition({ type: "any", of: [] })(factsOfRecord({})), true);
});

Deno.test("a condition names its facts, those in values included", () => {
  const condition: Condition = {
    type: "all",
    of: [
      makeTest("a", "equal", 1),
      { type: "not", of: [makeTest("b", "equal", { fact: "c" })] },
      makeTest("a", "exists", true),
    ],
  };
  deepStrictEqual([...factsOf(condition)], ["a", "b", "c"]);
  strictEqual(costOf(condition) > 3, true);
});
