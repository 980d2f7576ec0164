import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { jsonSchema } from "../../src/config/json_schema.ts";
import { configSchema } from "../../src/config/schema.ts";
import { type ConfigNode, configTree } from "../../src/config/tree.ts";

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly pattern?: string;
}

Deno.test("jsonSchema: the same keys and defaults as the schema, nothing required, nothing else allowed", () => {
  const check = (schema: Schema | undefined, node: ConfigNode) => {
    ok(schema !== undefined, node.path.join("."));
    if (node.value.type !== "section") {
      if (node.defaultValue !== undefined) deepStrictEqual(schema.default, node.defaultValue, node.path.join("."));
      return;
    }
    strictEqual(schema.additionalProperties, false);
    strictEqual(schema.required, undefined);
    deepStrictEqual(Object.keys(schema.properties ?? {}), node.value.keys.map(({ key }) => key));
    for (const key of node.value.keys) check(schema.properties?.[key.key], key);
  };
  check(jsonSchema(), configTree(configSchema));
});

Deno.test("jsonSchema: the patterns take the defaults, and not what is no duration or size", () => {
  const schema: Schema = jsonSchema();
  const retention = new RegExp(schema.properties?.journal?.properties?.retention?.pattern ?? "^$");
  ok(retention.test("7d") && retention.test("1h30m") && !retention.test("5 sec") && !retention.test(""));
  const size = new RegExp(schema.properties?.journal?.properties?.size_max?.pattern ?? "^$");
  ok(size.test("2GiB") && size.test("512MB") && !size.test("512") && !size.test("2G"));
});
