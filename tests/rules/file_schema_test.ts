/** The schema of rule files takes what loads and tells the slips that editors are to show. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { Ajv } from "ajv";
import { parse, parseAllDocuments } from "yaml";
import { KINDS } from "../../src/pipeline/kinds.ts";
import { DECORATOR_NAMES } from "../../src/rules/decorators.ts";
import { ruleFileSchema } from "../../src/rules/file_schema/mod.ts";
import { parseRules } from "./parse.ts";
import { RULE_KEYS } from "../../src/rules/native/mod.ts";
import { BASELINE_KEYS, PATTERN_KEYS } from "../../src/rules/native/pattern_reader.ts";
import { OPERATORS } from "../../src/rules/operators.ts";
import { needing } from "../recorded.ts";
import { readRuleFiles } from "./sigma/data.ts";

const schema = ruleFileSchema(KINDS);
const validate = new Ajv({
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  allowMatchingProperties: true,
})
  .compile(schema as Record<string, unknown>);

/** What is wrong with a document, each with its place; the branch of an `if` that says so is not told. */
function problems(document: unknown): string[] {
  validate(document);
  return (validate.errors ?? []).filter(({ keyword }) => keyword !== "if")
    .map(({ instancePath, message }) => `${instancePath} ${message}`);
}

async function* yamlBelow(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* yamlBelow(new URL(`${name}/`, folder));
    else if (name.endsWith(".yaml")) yield new URL(name, folder);
  }
}

Deno.test("every shipped rule is as the schema says", async () => {
  let count = 0;
  for await (const file of yamlBelow(new URL("../../rules/", import.meta.url))) {
    for (const document of parseAllDocuments(await Deno.readTextFile(file))) {
      deepStrictEqual(problems(document.toJS()), [], file.pathname);
      count++;
    }
  }
  ok(count >= 10);
});

Deno.test("every native rule on the page for authors is as the schema says", async () => {
  const page = await Deno.readTextFile(new URL("../../src/rules/README.md", import.meta.url));
  const rules = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => parse(text ?? ""))
    .filter((document) => document?.select !== undefined && document?.id !== undefined);
  ok(rules.length > 0);
  for (const rule of rules) deepStrictEqual(problems(rule), [], rule.id);
});

const BASE = { id: "r", title: "R", level: "low", select: { one: { kind: "process.start" } } };
const test = (operator: string) => ({ fact: "process.name", operator, value: ["x"] });
const where = (condition: unknown) => ({ ...BASE, select: { one: { where: condition } } });

Deno.test("every operator and every decorator is taken, what is near one is not", () => {
  for (const { name } of OPERATORS) {
    deepStrictEqual(problems(where(test(name))), [], name);
    for (const decorator of DECORATOR_NAMES) deepStrictEqual(problems(where(test(`${decorator}:${name}`))), []);
  }
  for (const wrong of ["equals", "not:", "nott:equal", "not:equal:", "not:not:not:not:not:equal", "NOT:equal"]) {
    ok(problems(where(test(wrong))).some((text) => text.startsWith("/select/one/where/operator")), wrong);
  }
});

Deno.test("the schema has the keys of a rule, and no others", () => {
  const native = ["if", "then", "else"].reduce(
    (at) => (at as { else?: object }).else ?? at,
    schema as object,
  ) as { properties: object };
  deepStrictEqual(Object.keys(native.properties).sort(), [...RULE_KEYS].sort());
  const { correlate, baseline } = schema.definitions as Record<string, { properties: object }>;
  deepStrictEqual(
    Object.keys(correlate?.properties ?? {}).sort(),
    ["group-by", "timespan", "ordered", ...PATTERN_KEYS].sort(),
  );
  deepStrictEqual(Object.keys(baseline?.properties ?? {}).sort(), [...BASELINE_KEYS].sort());
});
const correlate = (keys: object) => ({ ...BASE, correlate: { timespan: "5m", ...keys } });

Deno.test("every pattern of a correlation, and a named list, is taken", () => {
  const patterns = [
    { sustained: "one", gap: "30s" },
    { absent: "one", groups: ["web-1", { "host.name": "web-2" }] },
    { new: "process.name", learning: 0 },
    {
      baseline: {
        selection: "one",
        field: "process.pid",
        deviations: 3,
        minimum: 5,
        history: "1d",
        direction: "above",
      },
    },
  ];
  const listed = where({ fact: "process.name", operator: "in", value: { list: "known", default: ["sh"] } });
  for (const rule of [...patterns.map(correlate), listed]) {
    deepStrictEqual(problems(rule), []);
    const { diagnostics } = parseRules("right.yaml", JSON.stringify(rule));
    deepStrictEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
  }
});

/** What is wrong, and where the schema says so. What loads must never be among these. */
const WRONG: readonly (readonly [what: unknown, where: string])[] = [
  [{}, " must have required property 'id'"],
  [[], " must be object"],
  [{ ...BASE, levl: "low" }, " must NOT have additional properties"],
  [{ ...BASE, level: "lwo" }, "/level must be equal to one of the allowed values"],
  [{ ...BASE, weight: 2 }, "/weight must be <= 1"],
  [{ ...BASE, tags: ["nonsense"] }, "/tags/0 must match pattern"],
  [{ ...BASE, select: {} }, "/select must NOT have fewer than 1 properties"],
  [{ ...BASE, select: { "a.b": { kind: "a.b" } } }, "/select property name must be valid"],
  [{ ...BASE, select: { one: {} } }, "/select/one must NOT have fewer than 1 properties"],
  [{ ...BASE, select: { one: { kind: "start" } } }, "/select/one/kind must match pattern"],
  [where({ all: [] }), "/select/one/where/all must NOT have fewer than 1 items"],
  [where({ all: [{ fact: "a" }] }), "/select/one/where/all/0 must have required property 'operator'"],
  [where({ ...test("equal"), path: "$.x" }), "/select/one/where must NOT have additional properties"],
  [where({ all: [test("equal")], any: [test("equal")] }), "/select/one/where must NOT have additional properties"],
  [{ ...BASE, when: test("equal") }, " must have property correlate when property when is present"],
  [{ ...BASE, correlate: {} }, "/correlate must have required property 'timespan'"],
  [{ ...BASE, correlate: { timespan: "5 min" } }, "/correlate/timespan must match pattern"],
  [
    { ...BASE, correlate: { timespan: "5m" }, when: { fact: "one.cuont", operator: "equal", value: 1 } },
    "/when/fact must match pattern",
  ],
  [correlate({ sustained: "one", absent: "one" }), "/correlate must NOT be valid"],
  [correlate({ gap: "1m" }), "/correlate must have property sustained when property gap is present"],
  [correlate({ learning: "1d" }), "/correlate must have property new when property learning is present"],
  [correlate({ baseline: { field: "process.pid" } }), "/correlate/baseline must have required property 'deviations'"],
  [{ ...BASE, suppress: 5 }, "/suppress must be equal to constant"],
  [{ ...BASE, entities: ["process.name"] }, "/entities/0 must match pattern"],
  [
    { ...BASE, tests: [{ name: "t", events: [{ at: "0s", every: "1s", kind: "a.b" }], expect: [] }] },
    "/tests/0/events/0 must have property times when property every is present",
  ],
  [
    {
      ...BASE,
      tests: [{ name: "t", events: [{ at: "0s", kind: "a.b", fields: { process: { pid: 1 } } }], expect: [] }],
    },
    "/tests/0/events/0/fields/process must be",
  ],
  [
    { ...BASE, tests: [{ name: "t", events: [{ at: "0s", kind: "a.b", fields: { "process.pid": {} } }], expect: [] }] },
    "/tests/0/events/0/fields/process.pid must be",
  ],
  [{ title: "S", detection: { s: { a: 1 }, condition: "s" } }, " must have required property 'logsource'"],
  [{ title: "S", logsource: { product: "linux" }, detection: { s: 1 } }, "/detection must have required property"],
  [{ title: "S", correlation: { type: "evnt_count", timespan: "5m" } }, "/correlation/type must be equal to one of"],
  [{ title: "S", correlation: { type: "temporal", timespan: "5 m" } }, "/correlation/timespan must match pattern"],
];

Deno.test("slips are told where they are, and nothing that is refused here would load", () => {
  for (const [document, said] of WRONG) {
    const found = problems(document);
    ok(found.some((text) => text.startsWith(said)), `${JSON.stringify(document)}: ${found.join("; ")}`);
    const { diagnostics } = parseRules("wrong.yaml", JSON.stringify(document));
    ok(diagnostics.some(({ severity }) => severity === "error"), `it loads: ${JSON.stringify(document)}`);
  }
});

Deno.test({
  ...needing("sigma", "every Sigma rule of the community's is as the schema says"),
  fn: () => {
    let count = 0;
    for (const { path, text } of readRuleFiles()) {
      for (const document of parseAllDocuments(text, { schema: "core" })) {
        deepStrictEqual(problems(document.toJS()), [], path);
        count++;
      }
    }
    ok(count >= 1_800);
  },
});
