import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { z } from "zod";
import { configTree, dotted, leaves, nodeAt, phrase, typeText } from "../../src/config/tree.ts";
import { byteSizeSchema, durationSchema, secretSchema } from "../../src/core/schema.ts";

const tree = configTree(z.strictObject({
  every: durationSchema("60s", { min: "1s", max: "1h" }).describe("How often").meta({ examples: ["5m"] }),
  room: byteSizeSchema("2GiB"),
  key: secretSchema().optional(),
  count: z.int().min(1).max(9).default(3),
  share: z.number().min(0).default(0.5),
  mode: z.enum(["a", "b"]).default("a"),
  on: z.boolean().default(true),
  names: z.array(z.string()).default(["x"]),
  labels: z.record(z.string(), z.int()).default({}),
  targets: z.array(z.strictObject({ address: z.string() })).default([]),
  inner: z.strictObject({ deep: z.string().nullable().default(null) }).prefault({}).describe("Inside"),
}));

Deno.test("configTree: what each key takes, with its limits", () => {
  const types = Object.fromEntries(leaves(tree).map((leaf) => [dotted(leaf.path), typeText(leaf)]));
  deepStrictEqual(types, {
    every: "duration, 1s to 1h",
    room: "size, at most 1024TiB",
    key: "secret",
    count: "whole number, 1 to 9",
    share: "number, at least 0",
    mode: "one of a, b",
    on: "true or false",
    names: "a list, each item a text",
    labels: "keys and values, each value a whole number",
    targets: "a list, each item keys and values",
    "inner.deep": "text",
  });
});

Deno.test("configTree: defaults as written, examples, descriptions", () => {
  const every = nodeAt(tree, ["every"]);
  deepStrictEqual([every?.defaultValue, every?.example, every?.description], ["60s", "5m", "How often"]);
  const room = nodeAt(tree, ["room"]);
  deepStrictEqual([room?.defaultValue, room?.example], ["2GiB", "2GiB"]);
  strictEqual(nodeAt(tree, ["key"])?.defaultValue, undefined);
  strictEqual(nodeAt(tree, ["inner"])?.description, "Inside");
});

Deno.test("nodeAt: into lists, maps and sections, and nowhere", () => {
  strictEqual(phrase(nodeAt(tree, ["targets", 3, "address"])?.value ?? { type: "boolean" }), "a text");
  strictEqual(nodeAt(tree, ["labels", "any"])?.value.type, "whole");
  strictEqual(nodeAt(tree, ["nope", "deeper"]), undefined);
  strictEqual(nodeAt(tree, ["every", "deeper"]), undefined);
});

Deno.test("dotted: indexes in brackets", () => {
  strictEqual(dotted(["a", 0, "b"]), "a[0].b");
  strictEqual(dotted(["targets", "[]", "address"]), "targets[].address");
  strictEqual(dotted([]), "");
});

Deno.test("configTree: a schema of a type it does not know is refused at once", () => {
  throws(() => configTree(z.strictObject({ when: z.date() })), TypeError);
});
