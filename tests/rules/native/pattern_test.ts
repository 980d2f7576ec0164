/** `sustained`, `absent`, `new` and `baseline`: what they become, and what each mistake is told as. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { formatDiagnostic } from "../../../src/core/errors.ts";
import type { Condition } from "../../../src/rules/condition.ts";
import type { Rule } from "../../../src/rules/rule.ts";
import { loadRulesFromText } from "./text.ts";

const SELECT = "select: { one: { kind: process.start }, two: { kind: process.end } }";
const ONE = "select: { one: { kind: process.start, where: { fact: process.pid, operator: equal, value: 1 } } }";

function withCorrelate(correlate: string, select = ONE, rest = ""): string {
  return `id: a\ntitle: t\nlevel: low\n${select}\ncorrelate: ${correlate}\n${rest}`;
}

function ruleOf(correlate: string, select = ONE, rest = ""): Rule {
  const { rules, diagnostics } = loadRulesFromText(withCorrelate(correlate, select, rest));
  deepStrictEqual(diagnostics, []);
  const [rule] = rules;
  if (rule === undefined) throw new Error("no rule");
  return rule;
}

function shown(condition: Condition | undefined): unknown {
  if (condition === undefined) return undefined;
  if (condition.type !== "test") return { [condition.type]: condition.of.map(shown) };
  return `${condition.fact} ${condition.operator} ${condition.value}`;
}

Deno.test("sustained has a hidden selection of what its selection could take, and asks for the whole timespan", () => {
  const rule = ruleOf("{ timespan: 5m, sustained: one, gap: 1m }");
  deepStrictEqual(rule.correlation?.pattern, {
    type: "sustained",
    selection: "one",
    others: "one:others",
    gapMs: 60_000,
  });
  deepStrictEqual(
    rule.selections.map(({ name, kinds, hidden, where }) => ({ name, kinds, hidden, all: where === null })),
    [
      { name: "one", kinds: ["process.start"], hidden: undefined, all: false },
      { name: "one:others", kinds: ["process.start"], hidden: true, all: true },
    ],
  );
  strictEqual(shown(rule.correlation?.when), "one.sustained greaterThanInclusive 300");
});

Deno.test("sustained beside others: those must be seen, and a when is asked as well", () => {
  const both = ruleOf("{ timespan: 5m, sustained: one }", SELECT);
  deepStrictEqual(shown(both.correlation?.when), {
    all: ["one.sustained greaterThanInclusive 300", { all: ["two.count greaterThanInclusive 1"] }],
  });
  const asked = ruleOf(
    "{ timespan: 5m, sustained: one }",
    ONE,
    'when: { fact: one.avg.process.pid, operator: lessThan, value: 9 }\nmessage: "{one.sustained} s"\n' +
      "strength: { fact: one.sustained, at: 300, max: 2 }\n",
  );
  deepStrictEqual(shown(asked.correlation?.when), {
    all: ["one.sustained greaterThanInclusive 300", "one.avg.process.pid lessThan 9"],
  });
});

Deno.test("absent waits for groups from the start: values of the one field, or of each", () => {
  const hosts = ruleOf("{ timespan: 1h, absent: one, groups: [web-1, web-2] }");
  deepStrictEqual(hosts.correlation?.pattern, { type: "absent", selection: "one", groups: [["web-1"], ["web-2"]] });
  strictEqual(shown(hosts.correlation?.when), "one.absent greaterThanInclusive 3600");
  const pairs = ruleOf(
    "{ timespan: 1h, absent: one, group-by: [host.name, process.pid], groups: [{ process.pid: 7, host.name: web-1 }] }",
  );
  deepStrictEqual(pairs.correlation?.pattern, { type: "absent", selection: "one", groups: [["web-1", 7]] });
});

Deno.test("new has its field in the group of its tests, and learns for a week unless told otherwise", () => {
  const tests =
    "tests: [{ name: t, events: [{ at: 0s, kind: process.start }], expect: [{ group: { user.name: x } }] }]\n";
  const rule = ruleOf("{ timespan: 1h, new: user.name }", ONE, tests);
  deepStrictEqual(rule.correlation?.pattern, { type: "new", field: "user.name", learningMs: 7 * 86_400_000 });
  deepStrictEqual(shown(rule.correlation?.when), { all: ["one.count greaterThanInclusive 1"] });
  const soon = ruleOf("{ timespan: 1h, new: user.name, learning: 0s }");
  deepStrictEqual(soon.correlation?.pattern, { type: "new", field: "user.name", learningMs: 0 });
});

Deno.test("baseline holds the one selection's field against a week, on either side, after twenty values", () => {
  const rule = ruleOf("{ timespan: 1h, baseline: { field: process.uptime, deviations: 6 } }");
  deepStrictEqual(rule.correlation?.pattern, {
    type: "baseline",
    selection: "one",
    field: "process.uptime",
    deviations: 6,
    minimum: 20,
    historyMs: 7 * 86_400_000,
    direction: "either",
  });
  deepStrictEqual(shown(rule.correlation?.when), {
    all: ["one.deviations greaterThanInclusive 6", { all: ["one.count greaterThanInclusive 1"] }],
  });
});

const MISTAKES: readonly (readonly [document: string, told: string])[] = [
  [
    withCorrelate("{ timespan: 5m, sustained: won }"),
    '5:39: error: Cannot read sustained as it must be the name of a selection: current value is "won" (one of one)',
  ],
  [
    withCorrelate("{ timespan: 5m, sustained: one, absent: one }"),
    '5:44: error: Cannot read "correlate" as it must have only one of sustained, absent, new, baseline: current value has ' +
    "sustained and absent (let one rule take the other's matches)",
  ],
  [
    withCorrelate("{ timespan: 5m, sustained: one, gap: 6m }"),
    '5:49: error: Cannot read gap as it must be at most the timespan: current value is "6m"',
  ],
  [
    withCorrelate("{ timespan: 5m, gap: 1m }"),
    '5:28: error: Cannot read "gap" as it must stand beside "sustained"',
  ],
  [
    withCorrelate(
      "{ timespan: 5m, sustained: one }",
      "select: { one: { where: { fact: process.pid, operator: equal, value: 1 } } }",
    ),
    '5:39: error: Cannot read sustained as it must be a selection with a kind or a rule: current value is "one" ' +
    "(else every other event would end the run)",
  ],
  [
    withCorrelate("{ timespan: 5m, absent: two, groups: [a] }", SELECT),
    '5:41: error: Cannot read "groups" as the rule must have one selection: what else it selects says when to wait',
  ],
  [
    withCorrelate("{ timespan: 5m, absent: one, group-by: [host.name, user.name], groups: [a] }"),
    '5:84: error: Cannot read group as it must be a mapping of host.name, user.name: current value is "a"',
  ],
  [
    withCorrelate("{ timespan: 5m, absent: one, groups: [{ user.name: x }] }"),
    '5:52: error: Cannot read group as each key must be a known one: current value is "user.name" (one of host.name)',
  ],
  [
    withCorrelate("{ timespan: 5m, absent: one, groups: [{ host.name: null }] }"),
    "5:63: error: Cannot read group as it must be one of values that are there: current value is null",
  ],
  [
    withCorrelate("{ timespan: 5m, absent: two, ordered: true }", SELECT),
    '5:50: error: Cannot read ordered as it must be left out with "absent": the other selections come first by themselves: ' +
    "current value is true",
  ],
  [
    withCorrelate("{ timespan: 5m, absent: one }", ONE, "when: { fact: one.count, operator: equal, value: 1 }\n"),
    '6:7: error: Cannot read "when" as it must be left out with "absent": it fires when time has run out',
  ],
  [
    withCorrelate("{ timespan: 5m, new: host.name }"),
    '5:33: error: Cannot read new as it must be a field that is not in group-by: new for whom?: current value is "host.name"',
  ],
  [
    withCorrelate("{ timespan: 5m, new: proces.name }"),
    '5:33: warning: Cannot find field "proces.name" as it must be in the dictionary of fields (did you mean "process.name"?)',
  ],
  [
    withCorrelate("{ timespan: 5m, baseline: { field: process.name, deviations: 3 } }"),
    '5:47: error: Cannot read "baseline" as its field must hold numbers: current value is "process.name", which holds text',
  ],
  [
    withCorrelate("{ timespan: 5m, baseline: { field: process.pid, deviations: 0 } }"),
    "5:72: error: Cannot read deviations as it must be over 0: current value is 0",
  ],
  [
    withCorrelate("{ timespan: 5m, baseline: { field: process.pid, deviations: 3, minimum: 101 } }"),
    "5:84: error: Cannot read minimum as it must be a number from 2 to 100: current value is 101",
  ],
  [
    withCorrelate("{ timespan: 5m, baseline: { field: process.pid, deviations: 3, direction: up } }"),
    '5:86: error: Cannot read direction as it must be one of those known: current value is "up" (one of above, below, either)',
  ],
  [
    withCorrelate("{ timespan: 5m, baseline: { field: process.pid, deviations: 3 } }", SELECT),
    '5:28: error: Cannot read "baseline" as it must have the key "selection"',
  ],
  [
    withCorrelate("{ timespan: 5m }", ONE, "when: { fact: one.sustained, operator: greaterThan, value: 1 }\n"),
    '6:15: error: Cannot read window fact as "sustained" must be that of the selection that "sustained" names: current value ' +
    'is "one.sustained"',
  ],
  [
    withCorrelate("{ timespan: 5m, sustained: one }", SELECT, 'message: "{two.sustained}"\n'),
    '6:10: error: Cannot read window fact as "sustained" must be that of the selection that "sustained" names: current value ' +
    'is "{two.sustained}"',
  ],
];

for (const [document, told] of MISTAKES) {
  Deno.test(`told: ${told}`, () => {
    const { rules, diagnostics } = loadRulesFromText(document);
    const lines = diagnostics.map(formatDiagnostic);
    strictEqual(lines.includes(`test.yaml:${told}`), true, lines.join("\n"));
    strictEqual(rules.length, diagnostics.some(({ severity }) => severity === "error") ? 0 : 1);
  });
}

Deno.test("a mistaken pattern is told once: its facts are not held against it", () => {
  const { diagnostics } = loadRulesFromText(
    withCorrelate("{ timespan: 5m, sustained: won }", ONE, 'message: "{one.sustained}"\n'),
  );
  strictEqual(diagnostics.length, 1);
});
