/** Operators and decorators: what each decides at its edges, and what is refused. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { FieldValue } from "../../src/core/event.ts";
import { DECORATORS_MAX } from "../../src/rules/decorators.ts";
import { LIST_VALUES_MAX, makeLeaf } from "../../src/rules/leaf.ts";
import { OPERATORS } from "../../src/rules/operators.ts";
import { factsOfRecord } from "../../src/rules/subject.ts";
import { makeTest } from "./fixtures.ts";

/** Whether `f operator value` holds where f is as given; a fact of `undefined` is a missing one. */
function decide(fact: FieldValue | undefined, operator: string, value: unknown): boolean {
  return makeTest("f", operator, value).accepts(factsOfRecord(fact === undefined ? {} : { f: fact }));
}

type Row = readonly [fact: FieldValue | undefined, operator: string, value: unknown, expected: boolean];

const DECISIONS: readonly Row[] = [
  ["sshd", "equal", "sshd", true],
  ["SSHD", "equal", "sshd", false],
  ["5", "equal", 5, false],
  [undefined, "equal", null, false],
  [null, "equal", null, true],
  [undefined, "notEqual", "a", true],
  ["a", "notEqual", "a", false],
  ["a", "in", ["b", "a"], true],
  [undefined, "in", ["a"], false],
  [undefined, "notIn", ["a"], true],
  ["a", "notIn", ["a"], false],
  ["a", "in", [], false],
  ["i", "in", ["a", "b", "c", "d", "e", "f", "g", "h", "i"], true],
  [["a", "b"], "contains", "b", true],
  ["ab", "contains", "b", false],
  [["a"], "doesNotContain", "b", true],
  [undefined, "doesNotContain", "b", false],
  [81, "greaterThan", 80, true],
  [80, "greaterThan", 80, false],
  [80, "greaterThanInclusive", 80, true],
  [79, "greaterThanInclusive", 80, false],
  ["81", "greaterThan", 80, true],
  ["many", "greaterThan", 80, false],
  [undefined, "lessThan", 80, false],
  [null, "lessThan", 80, false],
  [79.9, "lessThan", 80, true],
  [80, "lessThanInclusive", 80, true],
  [81, "lessThanInclusive", 80, false],
  ["/usr/bin/ssh", "includes", "bin", true],
  ["/usr/bin/ssh", "includes", "BIN", false],
  ["/usr/bin/ssh", "nocase:includes", "BIN", true],
  [["bin"], "includes", "bin", false],
  [["x", "bin"], "someFact:includes", "bin", true],
  [[], "someFact:includes", "bin", false],
  [[], "everyFact:includes", "bin", true],
  ["/usr/bin/ssh", "startsWith", "/usr", true],
  ["/usr/bin/ssh", "startsWith", "usr", false],
  ["/usr/bin/ssh", "endsWith", "/ssh", true],
  ["/usr/bin/ssh", "someValue:endsWith", ["/scp", "/ssh"], true],
  ["/usr/bin/ssh", "everyValue:includes", ["usr", "sbin"], false],
  ["/usr/bin/ssh", "not:endsWith", "/ssh", false],
  [undefined, "not:endsWith", "/ssh", true],
  ["bin", "swap:includes", "/usr/bin/ssh", true],
  ["sh", "nocase:in", ["SH", "bash"], true],
  [["SH"], "nocase:contains", "sh", true],
  ["xmrig-6.2", "matches", "^xmrig-[0-9]", true],
  ["XMRIG", "matches", "(?i)^xmrig$", true],
  [7, "matches", "7", false],
  ["10.1.2.3", "inCidr", "10.0.0.0/8", true],
  ["11.1.2.3", "inCidr", "10.0.0.0/8", false],
  ["::ffff:10.1.2.3", "inCidr", "10.0.0.0/8", true],
  ["2001:db8::7", "inCidr", ["10.0.0.0/8", "2001:db8::/32"], true],
  ["10.1.2", "inCidr", "0.0.0.0/0", false],
  ["10.1.2.3 ", "inCidr", "0.0.0.0/0", false],
  [167837955, "inCidr", "0.0.0.0/0", false],
  [["10.1.2.3", "8.8.8.8"], "someFact:inCidr", "8.0.0.0/8", true],
  ["", "exists", true, true],
  [0, "exists", true, true],
  [false, "exists", true, true],
  [null, "exists", true, false],
  [undefined, "exists", true, false],
  [undefined, "exists", false, true],
  [null, "exists", false, true],
];

for (const [fact, operator, value, expected] of DECISIONS) {
  Deno.test(`${JSON.stringify(fact)} ${operator} ${JSON.stringify(value)} is ${expected}`, () => {
    strictEqual(decide(fact, operator, value), expected);
  });
}

Deno.test("every operator is decided both ways above", () => {
  const decided = (name: string, expected: boolean) =>
    DECISIONS.some(([, operator, , result]) => operator.split(":").at(-1) === name && result === expected);
  const missing = OPERATORS.filter(({ name }) => !decided(name, true) || !decided(name, false)).map(({ name }) => name);
  deepStrictEqual(missing, []);
});

Deno.test("a fact is compared with another fact", () => {
  const leaf = makeTest("a", "greaterThan", { fact: "b" });
  strictEqual(leaf.accepts(factsOfRecord({ a: 2, b: 1 })), true);
  strictEqual(leaf.accepts(factsOfRecord({ a: 1, b: 2 })), false);
  strictEqual(leaf.accepts(factsOfRecord({ a: 1 })), false);
});

Deno.test("what every object inherits is no fact", () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    strictEqual(makeTest(name, "exists", true).accepts(factsOfRecord({ a: 1 })), false);
    strictEqual(makeTest(name, "not:equal", "x").accepts(factsOfRecord({})), true);
  }
});

Deno.test("a list of ten thousand values is looked up, not searched", () => {
  const values = Array.from({ length: 10_000 }, (_, i) => `name-${i}`);
  const leaf = makeTest("f", "in", values);
  let held = 0;
  for (let i = 0; i < 200_000; i++) if (leaf.accepts(factsOfRecord({ f: `name-${i}` }))) held++;
  strictEqual(held, 10_000);
});

/** What each mistake is told as: the path in the condition, then the end of the message, then the hint. */
const REFUSALS:
  readonly (readonly [operator: string, value: unknown, at: readonly PropertyKey[], message: RegExp, hint?: RegExp])[] =
    [
      ["greatherThan", 5, ["operator"], /"greatherThan" must be an operator/, /did you mean "greaterThan"/],
      ["", 5, ["operator"], /must be an operator/],
      ["no:equal", 5, ["operator"], /"no" must be a decorator/, /did you mean "not"/],
      ["not:not:equal", 5, ["operator"], /each decorator must be there once/],
      [
        "not:swap:someFact:everyValue:nocase:equal",
        5,
        ["operator"],
        new RegExp(`at most ${DECORATORS_MAX} decorators`),
      ],
      ["nocase:matches", "a", ["operator"], /"nocase" must stand before/, /\(\?i\)/],
      ["nocase:greaterThan", 5, ["operator"], /"nocase" must stand before/],
      ["greaterThan", "80", ["value"], /must be a number: current value is "80"/],
      ["greaterThan", NaN, ["value"], /finite number/],
      ["in", "abc", ["value"], /must be a list/],
      ["in", [["a"]], ["value", 0], /must be a text/],
      ["equal", ["a"], ["value"], /must be a text, a number/],
      ["equal", { path: "$.x" }, ["value"], /must be a text/],
      ["equal", { fact: "a", path: "$.x" }, ["value"], /must be a text/],
      ["includes", "", ["value"], /must be a text that is not empty/],
      ["includes", 5, ["value"], /must be a text/],
      ["someValue:includes", ["a", 5], ["value", 1], /must be a text/],
      ["someValue:includes", [], ["value"], /must be a list that is not empty/],
      ["someValue:includes", "a", ["value"], /must be a list that is not empty/],
      ["swap:contains", "a", ["value"], /must be a list/],
      ["matches", "(a)\\1", ["value"], /back-reference/],
      ["matches", "(?=a)", ["value"], /regular expression that can be run/],
      ["matches", "(", ["value"], /regular expression that can be run/],
      ["matches", { fact: "a" }, ["value"], /known when the rule is loaded/],
      ["swap:matches", "a", ["value"], /must not follow the decorator swap/],
      ["inCidr", "10.0.0.0/33", ["value"], /must be a network/],
      ["inCidr", [], ["value"], /must be a network/],
      ["exists", "yes", ["value"], /must be true or false/],
      [
        "in",
        Array.from({ length: LIST_VALUES_MAX + 1 }, () => "a"),
        ["value"],
        new RegExp(`at most ${LIST_VALUES_MAX} long`),
      ],
    ];

for (const [operator, value, at, message, hint] of REFUSALS) {
  Deno.test(`${operator} of ${JSON.stringify(value)?.slice(0, 40)} is refused`, () => {
    const problems = makeLeaf("f", operator, value);
    if ("type" in problems) throw new Error("it was taken");
    const [first] = problems;
    deepStrictEqual(first?.at, at);
    strictEqual(message.test(first.message), true, first.message);
    strictEqual(hint === undefined || hint.test(first.hint ?? ""), true, first.hint);
  });
}
