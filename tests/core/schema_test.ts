import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { inspect } from "node:util";
import { z } from "zod";
import { byteSizeSchema, durationSchema, optionalDurationSchema, Secret, secretSchema } from "../../src/core/schema.ts";

const problemsOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues.map((i) => i.message);

Deno.test("durationSchema: text in, milliseconds out, the default when there is none", () => {
  const schema = durationSchema("60s", { min: "1s", max: "1h" });
  strictEqual(schema.parse("1m30s"), 90_000);
  strictEqual(schema.parse(undefined), 60_000);
  strictEqual(schema.parse("1s"), 1_000);
  strictEqual(schema.parse("1h"), 3_600_000);
});

Deno.test("optionalDurationSchema: the same without a default", () => {
  const schema = optionalDurationSchema({ max: "1h" });
  strictEqual(schema.parse("1m30s"), 90_000);
  strictEqual(schema.parse(undefined), undefined);
  deepStrictEqual(problemsOf(schema, "61m"), ["must be at most 1h"]);
});

Deno.test("durationSchema: refuses what is no duration or out of its limits, and says which", () => {
  const schema = durationSchema("60s", { min: "1s", max: "1h" });
  deepStrictEqual(problemsOf(schema, "999ms"), ["must be at least 1s"]);
  deepStrictEqual(problemsOf(schema, "61m"), ["must be at most 1h"]);
  for (const value of ["5 sec", "", 5, null, ["5s"]]) {
    ok(problemsOf(schema, value)?.[0]?.startsWith("must be a number and a unit"), String(value));
  }
  deepStrictEqual(problemsOf(durationSchema("1s"), "3651d")?.[0]?.startsWith("must be a number"), true);
});

Deno.test("byteSizeSchema: text in, bytes out", () => {
  const schema = byteSizeSchema("2GiB", { min: "1MiB" });
  strictEqual(schema.parse(undefined), 2 ** 31);
  strictEqual(schema.parse("10MB"), 10_000_000);
  deepStrictEqual(problemsOf(schema, "1KB"), ["must be at least 1MiB"]);
  deepStrictEqual(problemsOf(schema, "2000TB"), ["must be at most 1024TiB"]);
});

Deno.test("a schema with a malformed default or limit is refused when it is made", () => {
  throws(() => durationSchema("5 sec"), TypeError);
  throws(() => durationSchema("5s", { min: "soon" }), TypeError);
  throws(() => byteSizeSchema("lots"), TypeError);
});

Deno.test("Secret: no way of showing it shows it", () => {
  const secret = secretSchema().parse("hunter2");
  ok(secret instanceof Secret);
  strictEqual(secret.reveal(), "hunter2");
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true }),
    Deno.inspect([secret]),
    Object.keys(secret).join(),
    JSON.stringify(structuredClone({ ...secret })),
  ];
  for (const text of shown) ok(!text.includes("hunter2"), text);
  strictEqual(JSON.stringify({ secret }), '{"secret":"***"}');
});

Deno.test("secretSchema: an empty secret is none", () => {
  deepStrictEqual(problemsOf(secretSchema(), ""), ["must not be empty"]);
  deepStrictEqual(problemsOf(secretSchema(), 5)?.length, 1);
});
