/** The reference page: every key, from the schemas. */

import { COLLECTORS } from "../../../src/collectors/registry.ts";
import type { CollectorDefinition } from "../../../src/collectors/definition.ts";
import { cell, code, paragraph, table } from "./markdown.ts";
import { variableName } from "../../../src/config/overrides.ts";
import { configSchema } from "../../../src/config/schema.ts";
import { type ConfigNode, configTree, dotted, leaves, nodeAt, sentence, typeText } from "../../../src/config/tree.ts";
import { inline } from "../../../src/config/written.ts";

const HEAD = [
  `\`weir.yaml\` in the folder Weir is started in, else \`/etc/weir/weir.yaml\`; or the file named by \`--config\`. Every key is
   optional. Later sources count more: the defaults, the profile, the file, \`WEIR_…\` variables, the flags of the command
   line. Of the layers, mappings are laid over one another key by key, anything else as a whole.`,
  `An unknown key or variable, a wrong type and a value out of range are told with their places, all of them at once, and
   nothing is started.`,
  `Durations are a number and a unit (ms, s, m, h, d, w), such as \`30s\` or \`1h30m\`; sizes a number and a unit (B, KB, MB,
   GB, TB, or KiB, MiB, GiB, TiB). A secret is the text itself, \`env:NAME\` for an environment variable or \`file:PATH\` for
   what a file holds, and is never shown. In a variable, a list is its items with commas between them. Where no example
   stands, the default is one.`,
  "This page is made from the schemas, by `deno run -A tests/tidy/generate.ts`.",
];

/** `src/config/REFERENCE.md`. */
export function referencePage(): string {
  const tree = configTree(configSchema);
  const sections = childrenOf(tree).filter(({ value }) => value.type === "section");
  const alone = childrenOf(tree).filter(({ value }) => value.type !== "section");
  const parts = ["# Configuration\n", ...HEAD.map(paragraph), "## At the top\n", keyTable(alone)];
  for (const section of sections) {
    parts.push(`## ${section.key}\n`, paragraph(sentence(section.description)));
    const groups = childrenOf(section).filter(({ value }) => value.type === "section");
    const own = childrenOf(section).filter(({ value }) => value.type !== "section");
    if (own.length > 0) parts.push(keyTable(own));
    for (const group of groups) {
      {
        parts.push(`### ${dotted(group.path)}\n`, paragraph(sentence(group.description)), keyTable([group]));
      }
    }
  }
  return parts.join("\n");
}

/** The part of a collector's README that comes from its definition: its keys and the kinds of its events. */
export function collectorSection(name: string): string {
  const definition = COLLECTORS.find((collector) => collector.name === name);
  const node = nodeAt(configTree(configSchema), ["collectors", name]);
  if (definition === undefined || node === undefined) {
    throw new TypeError(`Cannot describe a collector as it must be in the registry: current value is "${name}"`);
  }
  return `### Configuration\n\n${keyTable([node])}\n### Events\n\n${kindTable(definition)}`;
}

/** A table of keys; of a section, all that are under it. */
function keyTable(nodes: readonly ConfigNode[]): string {
  const rows = nodes.flatMap(leaves).flatMap((leaf) => [leaf, ...itemKeys(leaf)]).map((leaf) => [
    code(dotted(leaf.path)),
    cell(typeText(leaf)),
    leaf.defaultValue === undefined ? "none" : code(inline(leaf.defaultValue)),
    cell(sentence(leaf.description).slice(0, -1)),
    leaf.example === leaf.defaultValue ? "" : code(inline(leaf.example)),
    variableName(leaf) === undefined ? "" : code(variableName(leaf) ?? ""),
  ]);
  return table(["Key", "Takes", "Default", "What it is", "Example", "Variable"], rows);
}

/** The keys of the items of a list, or of the values of a map, where those are sections. */
function itemKeys({ value }: ConfigNode): ConfigNode[] {
  if ((value.type !== "list" && value.type !== "map") || value.of.value.type !== "section") return [];
  return leaves(value.of).flatMap((leaf) => [leaf, ...itemKeys(leaf)]);
}

function kindTable({ kinds }: CollectorDefinition): string {
  return table(["Kind", "What it tells"], kinds.map(({ kind, description }) => [code(kind), cell(description)]));
}

function childrenOf({ value }: ConfigNode): readonly ConfigNode[] {
  return value.type === "section" ? value.keys : [];
}
