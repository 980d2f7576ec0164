import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { z } from "zod";
import { environmentLayer, flagLayer, unknownVariable, variableName } from "../../src/config/overrides.ts";
import { configSchema } from "../../src/config/schema.ts";
import { configTree, leaves } from "../../src/config/tree.ts";
import { durationSchema } from "../../src/core/schema.ts";

const tree = configTree(z.strictObject({
  host: z.string().optional(),
  a_b: z.strictObject({ c_d: durationSchema("1s") }).prefault({}),
  many: z.array(z.int()).default([]),
  share: z.number().default(1),
  on: z.boolean().default(false),
  named: z.record(z.string(), z.string()).default({}),
  targets: z.array(z.strictObject({ address: z.string() })).default([]),
}));

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

Deno.test("environmentLayer: values by the type of their key; other variables are not looked at", () => {
  const { layer, unknown } = environmentLayer(tree, {
    WEIR_HOST: "web-1",
    WEIR_A_B_C_D: "5m",
    WEIR_MANY: "1, 2,3",
    WEIR_SHARE: "-0.5",
    WEIR_ON: "true",
    WEIR_REQUIRE_PEERS: "1",
    PATH: "/bin",
    weir_host: "no",
  });
  deepStrictEqual(unknown, []);
  deepStrictEqual(plain(layer.value), { host: "web-1", a_b: { c_d: "5m" }, many: [1, 2, 3], share: -0.5, on: true });
  deepStrictEqual(layer.place(["a_b", "c_d"], "value"), { path: "env:WEIR_A_B_C_D", line: 1, column: 1 });
  deepStrictEqual(layer.place(["many", 1], "value").path, "env:WEIR_MANY");
});

Deno.test("environmentLayer: what the type does not take is left for the schema to refuse", () => {
  const { layer } = environmentLayer(tree, { WEIR_SHARE: "0x10", WEIR_ON: "yes", WEIR_MANY: "1,,x" });
  deepStrictEqual(plain(layer.value), { share: "0x10", on: "yes", many: [1, "", "x"] });
  deepStrictEqual(plain(environmentLayer(tree, { WEIR_MANY: "" }).layer.value), { many: [] });
});

Deno.test("environmentLayer: a name that is no key's, and what it may have meant", () => {
  const { unknown } = environmentLayer(tree, { WEIR_A_B_CD: "5m", WEIR_NAMED: "x", WEIR_TARGETS: "y" });
  deepStrictEqual(unknown, ["WEIR_A_B_CD", "WEIR_NAMED", "WEIR_TARGETS"]);
  strictEqual(unknownVariable(tree, "WEIR_A_B_CD").hint, 'did you mean "WEIR_A_B_C_D"?');
});

Deno.test("variables: every single value has one, and no two have the same", () => {
  const names = leaves(configTree(configSchema)).map(variableName).filter((name) => name !== undefined);
  strictEqual(new Set(names).size, names.length);
  for (const name of ["WEIR_LISTEN", "WEIR_COLLECTORS_PROCESS_INTERVAL", "WEIR_API_TOKEN"]) {
    ok(names.includes(name), name);
  }
  const clash = configTree(z.strictObject({ a_b: z.int(), a: z.strictObject({ b: z.int() }) }));
  throws(() => environmentLayer(clash, {}), TypeError);
});

Deno.test("flagLayer: sets the key it names; a flag for no key is a slip of ours", () => {
  const layer = flagLayer(tree, { host: "x", "a_b.c_d": "5s", on: undefined });
  deepStrictEqual(plain(layer.value), { host: "x", a_b: { c_d: "5s" } });
  strictEqual(layer.place(["host"], "value").path, "--host");
  throws(() => flagLayer(tree, { nope: "x" }), TypeError);
});
