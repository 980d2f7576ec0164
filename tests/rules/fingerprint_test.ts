import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import { learningFingerprint, ruleFingerprint } from "../../src/rules/fingerprint.ts";
import { parseRules } from "./parse.ts";
import type { Rule } from "../../src/rules/rule.ts";

const TEXT = `
id: leak
title: A leak
level: low
tags: [attack.t1499]
select:
  stats: { kind: process.stats, where: { all: [{ fact: process.pid, operator: greaterThan, value: 5 }] } }
correlate: { timespan: 1h, new: user.name, learning: 7d }
when: { fact: stats.count, operator: greaterThan, value: 3 }
suppress: 1h
message: "{user.name}: {stats.count}"
tests: [{ name: t, events: [{ at: 0s, kind: process.stats }], expect: [] }]
`;

function ruleOf(text: string): Rule {
  const { rules, diagnostics } = parseRules("leak.yaml", text);
  deepStrictEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
  const [rule] = rules;
  if (rule === undefined) throw new Error("no rule");
  return rule;
}

const RULE = ruleOf(TEXT);

Deno.test("the same text read again asks for the same", () => {
  strictEqual(ruleFingerprint(ruleOf(TEXT)), ruleFingerprint(RULE));
  strictEqual(learningFingerprint(ruleOf(TEXT)), learningFingerprint(RULE));
});

for (
  const [was, is] of [
    ["A leak", "Another title"],
    ["level: low", "level: high"],
    ["attack.t1499", "attack.t1498"],
    ["{user.name}: {stats.count}", "{user.name} had {stats.count} of them"],
    ["name: t,", "name: another,"],
    ["\nid:", "\n\n\nid:"],
  ] as const
) {
  Deno.test(`${JSON.stringify(was)} may become ${JSON.stringify(is)}: windows go on`, () => {
    strictEqual(ruleFingerprint(ruleOf(TEXT.replace(was, is))), ruleFingerprint(RULE));
  });
}

for (
  const [was, is, learning] of [
    ["id: leak", "id: leakage", "anew"],
    ["kind: process.stats", "kind: process.start", "anew"],
    ["value: 5", "value: 6", "anew"],
    ["all:", "any:", "anew"],
    ["new: user.name", "new: process.name", "anew"],
    ["timespan: 1h", "timespan: 2h", "on"],
    ["learning: 7d", "learning: 8d", "on"],
    ["value: 3", "value: 4", "on"],
    ["suppress: 1h", "suppress: 2h", "on"],
    ["{stats.count}", "{stats.age}", "on"],
  ] as const
) {
  Deno.test(`with ${JSON.stringify(is)} windows begin anew, and learning goes ${learning}`, () => {
    const changed = ruleOf(TEXT.replace(was, is));
    notStrictEqual(ruleFingerprint(changed), ruleFingerprint(RULE));
    strictEqual(learningFingerprint(changed) === learningFingerprint(RULE), learning === "on");
  });
}
