/** The native format: what a rule becomes, and what each mistake is told as. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { formatDiagnostic } from "../../../src/core/errors.ts";
import type { Condition } from "../../../src/rules/condition.ts";
import { loadRulesFromText } from "./text.ts";

const WHOLE = `
id: brute-force
title: Many failures, then a login
description: What it says
level: high
weight: 0.8
tags: [attack.t1110.001]
author: someone
references: [https://example.org/]
status: test
date: 2026-01-31
false-positives: [none known]
select:
  failure:
    kind: [process.start, process.end]
    where:
      all:
        - { fact: process.name, operator: equal, value: sshd }
        - not: { fact: process.pid, operator: lessThan, value: 5 }
  success: { kind: process.exec }
correlate:
  group-by: [source.ip]
  timespan: 1h30m
  ordered: true
when:
  any:
    - { fact: failure.count, operator: greaterThanInclusive, value: 5 }
    - { fact: failure.distinct.user.name, operator: greaterThan, value: { fact: success.count } }
suppress: 10m
entities: [source.ip, user.name, host.name]
strength: { fact: failure.count, at: 5, max: 1.5 }
message: "{source.ip} failed {failure.count} times"
tests:
  - name: fires
    events:
      - { at: 2s, kind: process.exec, source: logs, host: web-1, fields: { source.ip: 192.0.2.1 } }
      - { at: 0s, every: 500ms, times: 3, kind: process.start, fields: { process.args: [a, 1] } }
    expect: [{ at: 2s, group: { source.ip: 192.0.2.1 }, count: 6 }, {}]
  - { name: silent, events: [{ at: 0, kind: process.end }], expect: [] }
`;

Deno.test("a rule that says everything", () => {
  const { rules, diagnostics } = loadRulesFromText(WHOLE);
  deepStrictEqual(diagnostics, []);
  const [rule] = rules;
  if (rule === undefined) throw new Error("no rule");
  const { selections, correlation, tests, place, ...head } = rule;
  deepStrictEqual(head, {
    id: "brute-force",
    title: "Many failures, then a login",
    description: "What it says",
    level: "high",
    weight: 0.8,
    tags: ["attack.t1110.001"],
    format: "native",
    suppressMs: 600_000,
    entities: ["source.ip", "user.name", "host.name"],
    message: "{source.ip} failed {failure.count} times",
    strength: { fact: "failure.count", at: 5, max: 1.5 },
  });
  deepStrictEqual(place, { path: "test.yaml", line: 2, column: 5 });
  deepStrictEqual(selections.map(({ name, kinds, rule }) => ({ name, kinds, rule })), [
    { name: "failure", kinds: ["process.start", "process.end"], rule: null },
    { name: "success", kinds: ["process.exec"], rule: null },
  ]);
  deepStrictEqual(shape(selections[0]?.where), "(process.name equal and not process.pid lessThan)");
  deepStrictEqual({ ...correlation, when: shape(correlation?.when) }, {
    groupBy: ["source.ip"],
    timespanMs: 5_400_000,
    ordered: true,
    when: "(failure.count greaterThanInclusive or failure.distinct.user.name greaterThan)",
  });
  const args = { source: "test", host: "test-host", kind: "process.start" };
  deepStrictEqual(tests.map(({ name, events, expect }) => ({ name, events: events.length, expect })), [
    { name: "fires", events: 4, expect: [{ atMs: 2_000, count: 6, group: tests[0]?.expect[0]?.group }, {}] },
    { name: "silent", events: 1, expect: [] },
  ]);
  deepStrictEqual(tests[0]?.events.map(({ atMs }) => atMs), [0, 500, 1_000, 2_000], "in order of time");
  const [first] = tests[0]?.events ?? [];
  deepStrictEqual({ ...first, fields: { ...first?.fields } }, {
    ...args,
    atMs: 0,
    fields: { "process.args": ["a", 1] },
  });
});

function shape(condition: Condition | null | undefined): string {
  if (condition === null || condition === undefined) return "";
  if (condition.type === "test") return `${condition.fact} ${condition.operator}`;
  if (condition.type === "not") return `not ${shape(condition.of[0])}`;
  return `(${condition.of.map(shape).join(condition.type === "all" ? " and " : " or ")})`;
}

Deno.test("a rule that says as little as it may", () => {
  const { rules, diagnostics } = loadRulesFromText(
    "id: a\ntitle: A\nlevel: medium\nselect: { one: { kind: process.start }, two: { kind: process.end } }\n" +
      "correlate: { timespan: 5m }\n",
  );
  deepStrictEqual(diagnostics, []);
  const [rule] = rules;
  strictEqual(rule?.weight, 0.5);
  strictEqual(rule?.suppressMs, 0);
  strictEqual(rule?.entities, null);
  strictEqual(rule?.message, null);
  deepStrictEqual(rule?.correlation?.groupBy, ["host.name"]);
  strictEqual(rule?.correlation?.ordered, false);
  strictEqual(shape(rule?.correlation?.when), "(one.count greaterThanInclusive and two.count greaterThanInclusive)");
});

/** The least a rule must say, with a hole to make a mistake in. */
function withMistake(lines: string, select = "select: { one: { kind: process.start } }"): string {
  return `id: a\ntitle: A\nlevel: low\n${select}\n${lines}\n`;
}

/** One mistake each: the document, and the one line it is told in. */
const MISTAKES: readonly (readonly [document: string, told: string])[] = [
  ["- a\n", '1:1: error: Cannot read rule as it must be a mapping of keys to values: current value is ["a"]'],
  [
    withMistake("levle: high"),
    '5:1: error: Cannot read rule as each key must be a known one: current value is "levle" (did you mean "level"?)',
  ],
  [
    withMistake("title: B").replace("title: A\n", "").replace("title: B", "weight: 0"),
    '1:1: error: Cannot read rule as it must have the key "title"',
  ],
  [
    withMistake("").replace("level: low", "level: hihg"),
    '3:8: error: Cannot read level as it must be one of those known: current value is "hihg" (did you mean "high"?)',
  ],
  [
    withMistake("").replace("id: a", "id: a b"),
    `1:5: error: Cannot read id as it must be a letter or digit, then up to 99 letters, digits and "-": current value is "a b"`,
  ],
  [
    withMistake("weight: 1.5"),
    "5:9: error: Cannot read weight as it must be a number from 0 to 1: current value is 1.5",
  ],
  [
    withMistake("tags: [T1059]"),
    '5:8: error: Cannot read tag as it must be of the form <namespace>.<name> in lower case, such as attack.t1059: current value is "T1059"',
  ],
  [
    withMistake("suppress: 5 minutes"),
    '5:11: error: Cannot read suppress as it must be a number and a unit (ms, s, m, h, d, w), such as "30s", "5m" or "1h30m": current value is "5 minutes"',
  ],
  [
    withMistake("date: yesterday"),
    '5:7: error: Cannot read date as it must be of the form YYYY-MM-DD: current value is "yesterday"',
  ],
  [
    withMistake("when: { fact: one.count, operator: equal, value: 1 }"),
    '5:1: error: Cannot read "when" as the rule must have "correlate": current value has no window',
  ],
  [withMistake("correlate: {}"), '5:1: error: Cannot read "correlate" as it must have the key "timespan"'],
  [
    withMistake("correlate: { timespan: 0s }"),
    '5:24: error: Cannot read timespan as it must be at least 1ms: current value is "0s"',
  ],
  [
    withMistake("correlate: { timespan: 1m, ordered: true }"),
    "5:37: error: Cannot read ordered as it must be false where there is one selection: current value is true",
  ],
  [
    withMistake("correlate: { timespan: 1m, sequence: one }"),
    '5:28: error: Cannot read "correlate" as each key must be a known one: current value is "sequence" (one of group-by, timespan, ordered, sustained, absent, new, baseline, gap, groups, learning)',
  ],
  [
    withMistake("correlate: { timespan: 1m }\nwhen: { fact: oen.count, operator: equal, value: 1 }"),
    '6:15: error: Cannot read window fact as it must start with the name of a selection: current value is "oen.count" (did you mean "one"?)',
  ],
  [
    withMistake("correlate: { timespan: 1m }\nwhen: { fact: one.avg.process.name, operator: equal, value: 1 }"),
    '6:15: error: Cannot read window fact as the field of "avg" must hold numbers: current value is "process.name", which holds text',
  ],
  [
    withMistake("entities: [process.name]"),
    '5:12: error: Cannot read entities as it must be "host.name", an address (...ip) or a user (...user.name): current value is "process.name"',
  ],
  [
    withMistake("strength: { fact: process.pid, at: 0, max: 2 }"),
    "5:36: error: Cannot read at as it must be over 0: current value is 0",
  ],
  [
    withMistake("", "select: {}"),
    '4:9: error: Cannot read "select" as it must be a mapping with at least one selection: current value is {}',
  ],
  [
    withMistake("", "select: { one: {} }"),
    "4:16: error: Cannot read selection as it must be one with a kind, a rule or a where: current value is {}",
  ],
  [
    withMistake("", "select: { one: }"),
    "4:11: error: Cannot read selection as it must be a mapping of kind, rule and where: current value is null",
  ],
  [
    withMistake("", "select: { a.b: { kind: process.start } }"),
    '4:11: error: Cannot read selection as its name must be a letter, then up to 63 letters, digits, "_" and "-": current value is "a.b" (a window fact has the dots)',
  ],
  [
    withMistake("", "select: { one: { kind: start } }"),
    '4:24: error: Cannot read kind as it must be of the form "<category>.<type>": current value is "start"',
  ],
  [
    withMistake("", "select: { one: { where: { all: [] } } }"),
    '4:32: error: Cannot read "all" as it must be a list that is not empty: current value is []',
  ],
  [
    withMistake("", "select: { one: { where: { not: [] } } }"),
    "4:32: error: Cannot read condition as it must be a mapping of keys to values: current value is []",
  ],
  [
    withMistake("", "select: { one: { where: { all: [{ fact: user.id, operator: equal, value: x }], any: [] } } }"),
    '4:80: error: Cannot read condition as only one of "all", "any", "not" or a test may be in it: current value is "any"',
  ],
  [
    withMistake("", "select: { one: { where: { fact: user.id, operator: equal, value: x, path: $.a } } }"),
    '4:69: error: Cannot read condition as its only keys must be "fact", "operator", "value": current value is "path" (a JSONPath can hold scripts; name the field itself)',
  ],
  [
    withMistake("", "select: { one: { where: { fact: user.id, value: x } } }"),
    '4:25: error: Cannot read condition as it must have "fact", "operator" and "value": current value has no "operator"',
  ],
  [
    withMistake("", "select: { one: { where: { fact: user.id, operator: equals, value: x } } }"),
    '4:52: error: Cannot read operator as "equals" must be an operator: current value is "equals" (did you mean "equal"?)',
  ],
  [
    withMistake("", "select: { one: { where: { fact: user.id, operator: someValue:includes, value: [a, 5] } } }"),
    '4:83: error: Cannot read value as that of "includes" must be a text that is not empty: current value is 5',
  ],
  [
    withMistake("", "select: { one: { where: { fact: process.nam, operator: equal, value: x } } }"),
    '4:33: warning: Cannot find field "process.nam" as it must be in the dictionary of fields (did you mean "process.name"?)',
  ],
  [
    withMistake("", "select: { one: { kind: process.strat } }"),
    '4:24: warning: Cannot find kind "process.strat" as it must be one that a collector yields (did you mean "process.start"?)',
  ],
  [
    withMistake('message: "{process.nam} started"'),
    '5:10: warning: Cannot find field "process.nam" as it must be in the dictionary of fields (did you mean "process.name"?)',
  ],
  [
    withMistake("tests: [{ name: t, events: [], expect: [] }]"),
    '5:28: error: Cannot read "events" as it must be a list that is not empty: current value is []',
  ],
  [
    withMistake("tests: [{ name: t, events: [{ at: 0s, kind: process.start }] }]"),
    '5:9: error: Cannot read test as it must have the key "expect"',
  ],
  [
    withMistake("tests: [{ name: t, events: [{ at: 0s, kind: process.start, times: 3 }], expect: [] }]"),
    `5:29: error: Cannot read event as it must be one with both "every" and "times", or neither: current value is {"at":"0s","kind":"process.start","times":3}`,
  ],
  [
    withMistake(
      "tests: [{ name: t, events: [{ at: 0s, kind: process.start, fields: { process: { name: a } } }], expect: [] }]",
    ),
    '5:79: error: Cannot read field "process" as it must be a text, a number, true, false, null or a list of those: current value is {"name":"a"} (a field\'s name is dotted, not nested)',
  ],
  [
    withMistake(
      "tests: [{ name: t, events: [{ at: 0s, kind: process.start }], expect: [{ group: { user.name: a } }] }]",
    ),
    '5:83: error: Cannot read "group" as it must hold fields of the rule\'s group: current value is "user.name" (one of host.name)',
  ],
];

/** Tests that cannot hold for the type of their field, and what is told of each; null: nothing is. */
const OPERANDS: readonly (readonly [fact: string, operator: string, value: string, told: string | null])[] = [
  [
    "process.pid",
    "equal",
    '"12"',
    '"equal" here must look at text or ip or time: current value is "process.pid", which holds number',
  ],
  ["process.pid", "in", "[12, a]", null],
  ["process.pid", "equal", "null", null],
  [
    "process.name",
    "greaterThan",
    "5",
    '"greaterThan" here must look at number: current value is "process.name", which holds text',
  ],
  [
    "process.args",
    "nocase:includes",
    "x",
    '"includes" here must look at text or ip or time: current value is "process.args", which holds list',
  ],
  ["process.args", "someFact:includes", "x", null],
  [
    "process.name",
    "not:contains",
    "x",
    '"contains" here must look at list: current value is "process.name", which holds text',
  ],
  ["source.ip", "inCidr", "10.0.0.0/8", null],
  ["process.pid", "exists", "true", null],
  ["process.pid", "equal", "{ fact: process.parent.pid }", null],
];

for (const [fact, operator, value, told] of OPERANDS) {
  Deno.test(`${fact} ${operator} ${value} is ${told === null ? "taken" : "warned of"}`, () => {
    const where = `{ fact: ${fact}, operator: ${operator}, value: ${value} }`;
    const { rules, diagnostics } = loadRulesFromText(withMistake("", `select: { one: { where: ${where} } }`));
    strictEqual(rules.length, 1);
    deepStrictEqual(
      diagnostics.map(({ message }) => message),
      told === null ? [] : [`Cannot meet condition as ${told}`],
    );
  });
}

for (const [document, told] of MISTAKES) {
  Deno.test(`told: ${told}`, () => {
    const { rules, diagnostics } = loadRulesFromText(document);
    const lines = diagnostics.map(formatDiagnostic);
    strictEqual(lines.includes(`test.yaml:${told}`), true, lines.join("\n"));
    strictEqual(rules.length, diagnostics.some(({ severity }) => severity === "error") ? 0 : 1);
  });
}

Deno.test("everything wrong with a rule is told at once, in the order of the places", () => {
  const document =
    "id: 5\nlevel: huge\nselect:\n  a b: { kind: X, where: { fact: user.id, operator: eq, value: 1 } }\n" +
    "correlate: { timespan: soon, groupby: x }\nwhen: { any: [{ fact: nothing, operator: equal, value: 1 }] }\nsupress: 1m\n";
  const { rules, diagnostics } = loadRulesFromText(document);
  deepStrictEqual(rules, []);
  const places = diagnostics.map(({ place: { line, column } }) => `${line}:${column}`);
  deepStrictEqual(places, ["1:1", "1:5", "2:8", "4:3", "4:16", "4:53", "5:24", "5:30", "6:23", "7:1"]);
});

Deno.test("conditions may lie 32 deep and no deeper", () => {
  const nested = (depth: number) => {
    const inner = "{ fact: user.id, operator: equal, value: x }";
    return withMistake("", `select: { one: { where: ${"{ not: ".repeat(depth)}${inner}${" }".repeat(depth)} } }`);
  };
  strictEqual(loadRulesFromText(nested(31)).rules.length, 1);
  const { rules, diagnostics } = loadRulesFromText(nested(32));
  strictEqual(rules.length, 0);
  strictEqual(diagnostics[0]?.message.includes("at most 32 deep"), true);
});

Deno.test("a test may have 10,000 events and no more, repetitions counted", () => {
  const tests = (times: number) =>
    withMistake(
      `tests: [{ name: t, events: [{ at: 0s, kind: process.end }, { at: 0s, every: 1ms, times: ${times}, kind: process.end }], expect: [] }]`,
    );
  strictEqual(loadRulesFromText(tests(9_999)).rules.length, 1);
  strictEqual(loadRulesFromText(tests(10_000)).rules.length, 0);
});
