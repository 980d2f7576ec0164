/** The page for authors of rules names everything there is, and its example is a rule. */

import { deepStrictEqual } from "node:assert/strict";
import { correlateSchema, scoreSchema } from "../../src/correlate/schema.ts";
import { testRules } from "../../src/pipeline/rule_book.ts";
import { DECORATOR_NAMES } from "../../src/rules/decorators.ts";
import { parseRules } from "./parse.ts";
import { RULE_KEYS } from "../../src/rules/native/mod.ts";
import { OPERATORS } from "../../src/rules/operators.ts";
import { BASELINE_KEYS, PATTERN_KEYS } from "../../src/rules/native/pattern_reader.ts";
import { FIELD_MEASURES, PATTERN_MEASURES, SELECTION_MEASURES } from "../../src/rules/window_fact.ts";

const page = await Deno.readTextFile(new URL("../../src/rules/README.md", import.meta.url));

Deno.test("the page names every key, operator, decorator and measure", () => {
  const names = [...RULE_KEYS, ...OPERATORS.map(({ name }) => name), ...DECORATOR_NAMES, ...SELECTION_MEASURES];
  deepStrictEqual(names.filter((name) => !page.includes(`\`${name}\``)), []);
  const patterns = [...PATTERN_KEYS, ...Object.keys(PATTERN_MEASURES), ...BASELINE_KEYS];
  deepStrictEqual(patterns.filter((name) => !new RegExp(`[\`.{ ]${name}[\`:,}]`).test(page)), []);
  deepStrictEqual(
    FIELD_MEASURES.filter((name) => !page.includes(`\`${name}\``) && !page.includes(`\`${name}.<field>\``)),
    [],
  );
});

Deno.test("the example on the page loads, and its tests pass", async () => {
  const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? "";
  const { rules, diagnostics } = parseRules("README.md", example);
  deepStrictEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
  deepStrictEqual(rules.map(({ id }) => id), ["ssh-brute-force-then-login"]);
  const results = await testRules(rules, { correlate: correlateSchema.parse({}), score: scoreSchema.parse({}) });
  deepStrictEqual(results.map(({ ok, problems }) => ({ ok, problems })), Array(2).fill({ ok: true, problems: [] }));
});
