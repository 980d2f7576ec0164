import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { coveredTechniques, navigatorLayer } from "../../src/rules/coverage.ts";
import { makeRule, makeSelection } from "./fixtures.ts";

const rule = (id: string, level: "low" | "high", ...tags: string[]) =>
  makeRule(id, [makeSelection({})], { level, tags, title: `Title of ${id}` });

const RULES = [
  rule("a", "low", "attack.t1110.001", "attack.credential-access", "attack.T1110.001"),
  rule("b", "high", "attack.t1110.001", "attack.t1496"),
  rule("c", "low", "attack.impact", "cve.2024-3094", "attack.t149", "attack.t14960", "attack.t1496.1", "xattack.t1496"),
];

Deno.test("coveredTechniques: by tag, in order, a rule once for each, with the highest level", () => {
  deepStrictEqual(
    coveredTechniques(RULES).map(({ id, rules, level }) => ({ id, rules: rules.map((one) => one.id), level })),
    [{ id: "T1110.001", rules: ["a", "b"], level: "high" }, { id: "T1496", rules: ["b"], level: "high" }],
  );
  deepStrictEqual(coveredTechniques([]), []);
});

Deno.test("navigatorLayer: format 4.5, the score is the number of rules, and the parent of a sub-technique is unfolded", () => {
  deepStrictEqual(navigatorLayer(coveredTechniques(RULES), "Ours"), {
    name: "Ours",
    versions: { attack: "16", navigator: "5.0.0", layer: "4.5" },
    domain: "enterprise-attack",
    description: "Techniques that 2 rules look for; the score is the number of rules",
    techniques: [
      { techniqueID: "T1110", comment: "", enabled: true, showSubtechniques: true },
      {
        techniqueID: "T1110.001",
        score: 2,
        comment: "a (low): Title of a\nb (high): Title of b",
        enabled: true,
        showSubtechniques: false,
      },
      { techniqueID: "T1496", score: 1, comment: "b (high): Title of b", enabled: true, showSubtechniques: false },
    ],
    gradient: { colors: ["#dbe9f6", "#08519c"], minValue: 0, maxValue: 2 },
  });
});

Deno.test("navigatorLayer: a comment names so many rules and says how many more there are", () => {
  const many = Array.from({ length: 23 }, (_, i) => rule(`r${i}`, "low", "attack.t1059"));
  const lines = navigatorLayer(coveredTechniques(many), "x").techniques[0]?.comment.split("\n") ?? [];
  strictEqual(lines.length, 21);
  strictEqual(lines.at(-1), "and 3 more");
});
