/** The rules that come with Weir: they load without a word, and each shows when it fires and when it stays silent. */

import { deepStrictEqual } from "node:assert/strict";
import { correlateSchema, scoreSchema } from "../../src/correlate/schema.ts";
import { KNOWN_KINDS } from "../../src/pipeline/kinds.ts";
import { testRules } from "../../src/pipeline/rule_book.ts";
import { loadRules } from "../../src/rules/load.ts";

const folder = new URL("../../rules", import.meta.url).pathname;
const { rules, diagnostics } = await loadRules([folder], { knownKinds: KNOWN_KINDS });
const native = rules.filter(({ format }) => format === "native");

Deno.test("shipped rules load without an error or a warning", () => deepStrictEqual(diagnostics, []));

Deno.test("the rules that were promised are there, with the levels and weights that were", () => {
  const stated = new Map(rules.map(({ id, level, weight }) => [id, `${level} ${weight}`]));
  deepStrictEqual(stated.get("high-cpu-and-suspicious-process"), "high 0.7");
  deepStrictEqual(stated.get("memory-spike-and-new-process"), "medium 0.5");
  deepStrictEqual(stated.get("network-spike-and-many-connections"), "high 0.6");
  const others = [
    "suspicious-process-name",
    "high-cpu-many-connections",
    "rapid-process-spawning",
    "memory-exhaustion",
  ];
  deepStrictEqual([...others, "disk-nearly-full"].filter((id) => !stated.has(id)), []);
});

Deno.test("each shipped rule stands in a file of its name", () => {
  deepStrictEqual(native.filter(({ id, place }) => !place.path.endsWith(`/${id}.yaml`)), []);
});

Deno.test("each shipped rule has a test in which it fires, one in which it is silent, and a technique", () => {
  const lacking = native.filter(({ tests, tags }) =>
    !tests.some(({ expect }) => expect.length > 0) || !tests.some(({ expect }) => expect.length === 0) ||
    !tags.some((tag) => /^attack\.t\d{4}(?:\.\d{3})?$/.test(tag))
  );
  deepStrictEqual(lacking.map(({ id }) => id), []);
});

Deno.test("the tests of the shipped rules pass", async () => {
  const config = { correlate: correlateSchema.parse({}), score: scoreSchema.parse({}) };
  const results = await testRules(native, config);
  deepStrictEqual(results.filter(({ ok }) => !ok).map(({ rule, test, problems }) => ({ rule, test, problems })), []);
});
