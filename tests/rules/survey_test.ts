import { deepStrictEqual } from "node:assert/strict";
import { parseRules } from "./parse.ts";
import { surveyRules } from "../../src/rules/survey.ts";
import { makeRule, makeSelection, makeTest } from "./fixtures.ts";

const YIELDED = new Set(["process.start", "process.end", "host.cpu"]);

const sigma = (id: string, logsource: string) => `
title: ${id}
id: ${id}
logsource: { ${logsource} }
detection: { s: { Image: x }, condition: s }
level: high
`;

Deno.test("survey: no rules, nothing to tell", () => {
  const survey = surveyRules([], YIELDED);
  deepStrictEqual({ ...survey }, {
    byFormat: new Map(),
    byLevel: new Map(),
    byKind: new Map(),
    ofEveryKind: 0,
    ofMatches: 0,
    costly: [],
    unfed: [],
    unfedByRules: [],
  });
});

Deno.test("survey: kinds are counted a rule once, those that nothing yields not at all", () => {
  const { byKind, ofEveryKind, ofMatches } = surveyRules([
    makeRule("a", [
      makeSelection({ name: "x", kinds: ["process.start", "process.end"] }),
      makeSelection({ name: "y", kinds: ["process.start"] }),
    ]),
    makeRule("b", [makeSelection({ kinds: ["process.start", "other.thing"] })]),
    makeRule("c", [makeSelection({ kinds: null, where: makeTest("process.name", "equal", "x") })]),
    makeRule("d", [makeSelection({ kinds: null, rule: "a" })]),
  ], YIELDED);
  deepStrictEqual(byKind, new Map([["process.start", 2], ["process.end", 1]]));
  deepStrictEqual([ofEveryKind, ofMatches], [1, 1]);
});

Deno.test("survey: a condition in which nothing can be looked up is costly, a kind alone or a rule's matches are not", () => {
  const { costly } = surveyRules([
    makeRule("number", [
      makeSelection({ kinds: ["host.cpu"], where: makeTest("system.cpu.percent", "greaterThan", 80) }),
    ]),
    makeRule("text", [makeSelection({ where: makeTest("process.name", "equal", "xmrig") })]),
    makeRule("kind", [makeSelection({ where: null })]),
    makeRule("matches", [makeSelection({ rule: "text", where: makeTest("process.pid", "greaterThan", 1) })]),
  ], YIELDED);
  deepStrictEqual(costly.map(({ rule, selection, kinds }) => ({ rule, selection, kinds })), [
    { rule: "number", selection: "one", kinds: ["host.cpu"] },
  ]);
});

Deno.test("survey: Sigma rules whose log source nothing yields are one entry for each log source, the most waited for first", () => {
  const { rules } = parseRules(
    "s.yml",
    [
      sigma("b1", "product: windows, service: security"),
      sigma("a1", "product: windows, category: ps_script"),
      sigma("a2", "product: windows, category: ps_script"),
      sigma("fed", "product: linux, category: process_creation"),
      sigma("any", "product: linux"),
      "title: c\nid: c\ncorrelation: { type: temporal, rules: [a1, b1], timespan: 5m }\n",
      "title: d\nid: d\ncorrelation: { type: temporal, rules: [a2, fed], timespan: 5m }\n",
    ].join("---\n"),
  );
  deepStrictEqual(rules.map(({ id }) => id), ["b1", "a1", "a2", "fed", "any", "c", "d"]);
  const { unfed, unfedByRules } = surveyRules(rules, YIELDED);
  deepStrictEqual(unfed, [
    { logSource: "windows / ps_script", kinds: ["sigma.windows.ps_script"], rules: ["a1", "a2"] },
    {
      logSource: "windows / security",
      kinds: ["sigma.windows.security", "authentication.failure", "authentication.success"],
      rules: ["b1"],
    },
  ]);
  deepStrictEqual(unfedByRules, ["c"]);
});

Deno.test("survey: what Weir adds to a rule by itself is not told as costly", () => {
  const { rules, diagnostics } = parseRules(
    "r.yaml",
    "id: r\ntitle: R\nlevel: low\ncorrelate: { timespan: 5m, sustained: busy }\n" +
      "select: { busy: { kind: host.cpu, where: { fact: system.cpu.percent, operator: greaterThan, value: 80 } } }\n",
  );
  deepStrictEqual(diagnostics, []);
  deepStrictEqual(surveyRules(rules, YIELDED).costly.map(({ selection }) => selection), ["busy"]);
});
