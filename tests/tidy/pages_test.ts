import { ok, throws } from "node:assert/strict";
import { COLLECTORS } from "../../src/collectors/registry.ts";
import { fieldsPage } from "./pages/fields_page.ts";
import { variableName } from "../../src/config/overrides.ts";
import { collectorSection, referencePage } from "./pages/reference.ts";
import { configSchema } from "../../src/config/schema.ts";
import { configTree, dotted, leaves } from "../../src/config/tree.ts";
import { FIELDS } from "../../src/core/fields.ts";

Deno.test("referencePage: every key with its default, its description and its variable", () => {
  const lines = referencePage().split("\n");
  for (const leaf of leaves(configTree(configSchema))) {
    const row = lines.find((line) => line.startsWith(`| \`${dotted(leaf.path)}\` `));
    ok(row !== undefined, dotted(leaf.path));
    const variable = variableName(leaf); // keys under names of the user's, and lists of maps, have none
    ok(variable === undefined ? ["map", "list"].includes(leaf.value.type) : row.includes(`\`${variable}\``), row);
  }
});

Deno.test("every key, section and kind has a description", () => {
  const bare = leaves(configTree(configSchema)).filter(({ description }) => description === "");
  ok(bare.length === 0, bare.map(({ path }) => dotted(path)).join());
  for (const { kinds, description } of COLLECTORS) {
    ok(description !== "" && kinds.every((kind) => kind.description !== ""));
  }
});

Deno.test("collectorSection: its keys and its kinds; of no collector, a slip of ours", () => {
  for (const { name, kinds } of COLLECTORS) {
    const section = collectorSection(name);
    ok(section.includes(`\`collectors.${name}.enabled\``));
    for (const { kind } of kinds) ok(section.includes(`\`${kind}\``), kind);
  }
  throws(() => collectorSection("nope"), TypeError);
});

Deno.test("fieldsPage: every field of the dictionary", () => {
  const page = fieldsPage();
  for (const { name } of FIELDS) ok(page.includes(`| \`${name}\` `), name);
});
