/** Values and keys as YAML: the sample file, and the configuration in force. */

import { stringify } from "yaml";
import { SECRET_SHOWN } from "../core/schema.ts";
import type { LoadedConfig } from "./load.ts";
import { valueAt } from "./layers.ts";
import { configSchema } from "./schema.ts";
import { type ConfigNode, configTree, sentence, typeText } from "./tree.ts";

/** A value on one line of YAML: `[a, b]`, `30s`, `"0123"`. */
export function inline(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trimEnd();
}

const TEMPLATE_HEAD = `# Weir's configuration. Every key is optional. What is commented out shows the default,
# or an example where there is none. All keys with their limits: src/config/REFERENCE.md.
# Check this file with: deno task weir config validate
`;

/** A whole `weir.yaml` with every key explained and commented out: as it stands, it is the default configuration. */
export function configTemplate(): string {
  const lines = [TEMPLATE_HEAD];
  for (const key of keysOf(configTree(configSchema))) writeTemplate(key, 0, lines);
  return lines.join("\n").trimEnd() + "\n";
}

function writeTemplate(node: ConfigNode, depth: number, lines: string[]): void {
  const indent = "  ".repeat(depth);
  if (node.value.type === "section") {
    if (depth === 0) lines.push("");
    if (node.description !== "") lines.push(...comment(sentence(node.description), indent));
    lines.push(`${indent}${node.key}:`);
    for (const key of node.value.keys) writeTemplate(key, depth + 1, lines);
    return;
  }
  lines.push(...comment(`${sentence(node.description)} Takes: ${typeText(node)}.`, indent));
  const value = node.defaultValue ?? node.example;
  lines.push(`${indent}# ${node.key}:${value === undefined ? "" : ` ${inline(value)}`}`);
}

/** Width of the sample file. */
const LINE_WIDTH = 100;

function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = `${indent}##`;
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = `${indent}##`;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/** The configuration in force as YAML, each key followed by where its value came from; secrets are not shown. */
export function showConfig(loaded: LoadedConfig): string {
  const lines = [`# read: ${loaded.files.length === 0 ? "no file" : loaded.files.join(", ")}`];
  for (const key of keysOf(configTree(configSchema))) writeShown(key, loaded, 0, lines);
  return lines.join("\n") + "\n";
}

function writeShown(node: ConfigNode, loaded: LoadedConfig, depth: number, lines: string[]): void {
  const indent = "  ".repeat(depth);
  if (node.value.type === "section") {
    lines.push(`${indent}${node.key}:`);
    for (const key of node.value.keys) writeShown(key, loaded, depth + 1, lines);
    return;
  }
  const value = valueInForce(node, loaded);
  const origin = loaded.originOf(node.path);
  if (value === undefined) lines.push(`${indent}# ${node.key}: not set`);
  else lines.push(`${indent}${node.key}: ${inline(value)} # ${origin}`);
}

function valueInForce(node: ConfigNode, loaded: LoadedConfig): unknown {
  const written = valueAt(loaded.written, node.path);
  if (written !== undefined) return masked(node, written);
  return node.path.join(".") === "host" ? loaded.config.host : node.defaultValue;
}

/** A value with every secret in it replaced. */
function masked(node: ConfigNode | undefined, value: unknown): unknown {
  const type = node?.value;
  if (type === undefined || type.type === "secret") return SECRET_SHOWN;
  if (type.type === "free") return value;
  if (type.type === "list" && Array.isArray(value)) return value.map((item) => masked(type.of, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const under = type.type === "map" ? type.of : keysOf(node).find((child) => child.key === key);
      return [key, masked(under, member)];
    }),
  );
}

function keysOf(node: ConfigNode | undefined): readonly ConfigNode[] {
  return node?.value.type === "section" ? node.value.keys : [];
}
