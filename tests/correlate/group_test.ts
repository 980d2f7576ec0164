import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { FieldValue } from "../../src/core/event.ts";
import { entityType, fillMessage } from "../../src/correlate/firing.ts";
import { GROUP_TEXT_MAX, groupKey, groupValue, groupValues } from "../../src/correlate/group.ts";

const scalar = fc.oneof(fc.string(), fc.string().map((s) => `\u0000${s}`), fc.integer(), fc.boolean());
const values: fc.Arbitrary<FieldValue[]> = fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), {
  maxLength: 3,
});

Deno.test("a key gives its values back, and different values make different keys", () => {
  fc.assert(fc.property(values, values, (one, two) => {
    deepStrictEqual(groupValues(groupKey(one)), one);
    strictEqual(groupKey(one) === groupKey(two), JSON.stringify(one) === JSON.stringify(two));
  }));
});

Deno.test("a long text is known by its beginning and a digest", () => {
  const long = "x".repeat(GROUP_TEXT_MAX);
  strictEqual(groupValue(long), long);
  const [one, two] = [groupValue(long + "a"), groupValue(long + "b")];
  notStrictEqual(one, two);
  ok(typeof one === "string" && one.length < GROUP_TEXT_MAX && one.startsWith("xxx"));
});

Deno.test("a message takes values as they are, and shows what is missing", () => {
  const facts: Record<string, FieldValue> = {
    name: "{count} $1 $&",
    count: 3,
    rate: 12.3456,
    tiny: 0.00123456,
    list: ["a", 1],
  };
  const filled = fillMessage("{name}: {count}, {rate}, {tiny}, {list}, { count }, {nothing} {}", (name) => facts[name]);
  strictEqual(filled, "{count} $1 $&: 3, 12.35, 0.00123, a, 1, 3, ? {}");
  strictEqual(fillMessage("{name}", () => "x".repeat(1_000_000)).length, 2_000);
});

Deno.test("which entity a field names", () => {
  deepStrictEqual(["host.name", "source.ip", "destination.ip", "user.name", "process.name", "ip"].map(entityType), [
    "host",
    "ip",
    "ip",
    "user",
    undefined,
    "ip",
  ]);
});
