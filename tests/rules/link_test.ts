import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { formatDiagnostic } from "../../src/core/errors.ts";
import { linkRules } from "../../src/rules/link.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { makeRule, makeSelection } from "./fixtures.ts";

/** A rule on a line of its own that refers to others. */
function rule(id: string, line: number, ...refersTo: string[]): Rule {
  const selections = refersTo.map((name, i) => makeSelection({ name: `s${i}`, rule: name }));
  const own = selections.length === 0 ? [makeSelection({ kinds: ["process.start"] })] : selections;
  return makeRule(id, own, { place: { path: "r.yaml", line, column: 5 } });
}

function link(...rules: Rule[]): { ids: string[]; told: string[] } {
  const linked = linkRules(rules);
  return { ids: linked.rules.map(({ id }) => id), told: linked.diagnostics.map(formatDiagnostic) };
}

Deno.test("rules that refer to what is there are kept in their order", () => {
  deepStrictEqual(link(rule("b", 1, "a"), rule("a", 2), rule("c", 3, "a", "b")), { ids: ["b", "a", "c"], told: [] });
});

Deno.test("the second of two rules with one id is left out", () => {
  const { ids, told } = link(rule("a", 1), rule("a", 9));
  deepStrictEqual(ids, ["a"]);
  deepStrictEqual(told, [
    'r.yaml:9:5: error: Cannot load rule as its id must be its own: current value is "a" (the first is at r.yaml:1:5)',
  ]);
});

Deno.test("a reference to nothing is told where it stands, and what rests on it goes too", () => {
  const suspicious = rule("suspicious", 1);
  const wrong = rule("wrong", 2, "suspicous");
  const places = new Map(wrong.selections.map((one) => [one, { path: "r.yaml", line: 7, column: 13 }]));
  const { rules, diagnostics } = linkRules([suspicious, wrong, rule("rests", 20, "wrong")], places);
  deepStrictEqual(rules.map(({ id }) => id), ["suspicious"]);
  deepStrictEqual(diagnostics.map(formatDiagnostic), [
    'r.yaml:7:13: error: Cannot load rule as "rule" must name one that is loaded: current value is "suspicous" ' +
    '(did you mean "suspicious"?)',
    'r.yaml:20:5: error: Cannot load rule as it refers to "wrong", which is left out',
  ]);
});

Deno.test("every rule of a loop is left out and told, with what rests on it", () => {
  const { ids, told } = link(rule("a", 1, "b"), rule("b", 2, "c"), rule("c", 3, "a"), rule("d", 4, "a"), rule("e", 5));
  deepStrictEqual(ids, ["e"]);
  strictEqual(told.length, 4);
  strictEqual(told[0]?.includes('in a loop: current value is "a" and "b", "c"'), true, told[0]);
  strictEqual(told[3]?.includes('it refers to "a", which is left out'), true, told[3]);
});

Deno.test("a rule that names itself is a loop", () => {
  const { ids, told } = link(rule("a", 1, "a"));
  deepStrictEqual(ids, []);
  strictEqual(told[0]?.includes('"a", which names itself'), true, told[0]);
});

Deno.test("two loops are told apart", () => {
  const { told } = link(rule("a", 1, "b"), rule("b", 2, "a"), rule("x", 3, "y"), rule("y", 4, "x"));
  deepStrictEqual(told.map((one) => one.split("current value is ")[1]), [
    '"a" and "b"',
    '"b" and "a"',
    '"x" and "y"',
    '"y" and "x"',
  ]);
});

Deno.test("a selection fed by several rules needs all of them", () => {
  const several = makeRule("s", [makeSelection({ rule: "a", rules: ["a", "b"] })]);
  deepStrictEqual(linkRules([rule("a", 1), several]).rules.map(({ id }) => id), ["a"]);
  deepStrictEqual(linkRules([rule("a", 1), rule("b", 2), several]).rules.map(({ id }) => id), ["a", "b", "s"]);
});
