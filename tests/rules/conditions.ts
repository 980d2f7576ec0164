/** Random facts and conditions, of values chosen so that tests hold about as often as not. */

import fc from "fast-check";
import type { FieldValue } from "../../src/core/event.ts";
import type { Condition, Test } from "../../src/rules/condition.ts";
import { DECORATOR_NAMES } from "../../src/rules/decorators.ts";
import { makeLeaf } from "../../src/rules/leaf.ts";
import { OPERATORS } from "../../src/rules/operators.ts";

const TEXTS = [
  "a",
  "A",
  "ab",
  "ABC",
  "abc",
  "10",
  "9",
  "10abc",
  "",
  " 5",
  "NaN",
  "Infinity",
  "1e3",
  "undefined",
  "null",
];
const ODD_TEXTS = [
  "ΑΣ",
  "Σ",
  "ας",
  "İ",
  "\udc00",
  "\ud801\udc00",
  "10.0.0.1",
  "::ffff:10.0.0.1",
  "2001:db8::1",
  "192.0.2.7",
];
const NUMBERS = [0, -0, 1, 5, 9, 10, 10.5, -3, 1000, 1e21];

/** The few values that meet one another often. */
const COMMON = ["a", "A", "abc", "10", 5, 10, true] as const;

const scalar = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<string | number | boolean | null>(...COMMON) },
  { weight: 1, arbitrary: fc.constantFrom<string | number | boolean | null>(...TEXTS, ...ODD_TEXTS) },
  { weight: 1, arbitrary: fc.constantFrom<string | number | boolean | null>(...NUMBERS) },
  { weight: 1, arbitrary: fc.constantFrom<string | number | boolean | null>(false, null) },
);

const factScalar = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);

const list = fc.oneof(fc.array(scalar, { maxLength: 3 }), fc.array(scalar, { minLength: 8, maxLength: 12 }));

/** What an event may hold. */
const fieldValue: fc.Arbitrary<FieldValue> = fc.oneof(
  { weight: 2, arbitrary: factScalar },
  { weight: 1, arbitrary: fc.array(factScalar, { maxLength: 3 }) },
);

/** Facts by name, some of them missing; two names are those of what every object inherits. */
export const factsRecord: fc.Arbitrary<Record<string, FieldValue>> = fc.record({
  f1: fieldValue,
  f2: fieldValue,
  constructor: fieldValue,
  toString: fieldValue,
}, { requiredKeys: ["f1"] });

const factName = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("f1", "f2") },
  { weight: 1, arbitrary: fc.constantFrom("constructor", "toString", "__proto__", "missing") },
);

const special = fc.constantFrom<unknown>("^a", "(?i)^AB?C", "[0-9]+$", "a{1,3}c", "10.0.0.0/8", [
  "2001:db8::/32",
  "10.0.0.0/24",
]);

const value = fc.oneof(
  { weight: 6, arbitrary: scalar as fc.Arbitrary<unknown> },
  { weight: 4, arbitrary: list as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: special },
  { weight: 1, arbitrary: factName.map((fact) => ({ fact })) as fc.Arbitrary<unknown> },
);

/** Leaves that load, over these operators and decorators. */
export function leafOf(operators: readonly string[], decorators: readonly string[]): fc.Arbitrary<Test> {
  const before = fc.oneof(
    { weight: 2, arbitrary: fc.constant<string[]>([]) },
    { weight: 2, arbitrary: fc.shuffledSubarray([...decorators], { maxLength: 1 }) },
    { weight: 1, arbitrary: fc.shuffledSubarray([...decorators], { maxLength: 3 }) },
  );
  const chain = fc.tuple(before, fc.constantFrom(...operators));
  return fc.tuple(factName, chain, value)
    .map(([fact, [before, operator], against]) => makeLeaf(fact, [...before, operator].join(":"), against))
    .filter((leaf): leaf is Test => "type" in leaf);
}

/** Any leaf that loads. */
export const anyLeaf = leafOf(OPERATORS.map(({ name }) => name), DECORATOR_NAMES);

/** Conditions over these leaves, nested, empty lists among them. */
export function conditionOf(leaf: fc.Arbitrary<Test>): fc.Arbitrary<Condition> {
  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 3, arbitrary: leaf },
      { weight: 1, arbitrary: tie("condition").map((inner): Condition => ({ type: "not", of: [inner] })) },
      {
        weight: 2,
        arbitrary: fc.tuple(
          fc.constantFrom("all" as const, "any" as const),
          fc.array(tie("condition"), { maxLength: 4 }),
        )
          .map(([type, of]): Condition => ({ type, of })),
      },
    ),
  }));
  return condition;
}
