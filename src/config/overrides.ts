/** Values given as texts under names: environment variables, and flags of the command line. */

import { type Diagnostic, nameHint, type Place } from "../core/errors.ts";
import type { Layer } from "./layers.ts";
import { type ConfigNode, leaves, type ValueType } from "./tree.ts";

const PREFIX = "WEIR_";

/** Names with our prefix that are not configuration. */
export const RESERVED_VARIABLES: readonly string[] = ["WEIR_REQUIRE_PEERS"];

/** The environment variable of a key, or `undefined` for one that cannot be given so: in a list, or under names of the user's. */
export function variableName({ path, value }: ConfigNode): string | undefined {
  if (path.includes("[]") || path.includes("<name>") || value.type === "map" || value.type === "section") {
    return undefined;
  }
  if (value.type === "list" && (value.of.value.type === "section" || value.of.value.type === "map")) return undefined;
  return PREFIX + path.join("_").toUpperCase();
}

/** The layer of `WEIR_...` variables, and the names among them that are no key's. */
export function environmentLayer(
  tree: ConfigNode,
  env: Readonly<Record<string, string>>,
): { layer: Layer; unknown: string[] } {
  const byVariable = keysByVariable(tree);
  const texts: NamedText[] = [];
  const unknown: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || RESERVED_VARIABLES.includes(name)) continue;
    const node = byVariable.get(name);
    if (node === undefined) unknown.push(name);
    else texts.push({ name: `env:${name}`, node, text });
  }
  return { layer: textLayer(texts), unknown };
}

/** What is said of a variable that looks like ours and is no key's. */
export function unknownVariable(tree: ConfigNode, name: string): Diagnostic {
  return {
    severity: "error",
    place: { path: `env:${name}`, line: 1, column: 1 },
    message: `Cannot configure by ${name} as there is no such key`,
    hint: nameHint(name, keysByVariable(tree).keys()),
  };
}

/** @throws {TypeError} when two keys have the same variable: a slip in the schemas, found by any test. */
function keysByVariable(tree: ConfigNode): Map<string, ConfigNode> {
  const byVariable = new Map<string, ConfigNode>();
  for (const leaf of leaves(tree)) {
    const name = variableName(leaf);
    if (name === undefined) continue;
    if (byVariable.has(name)) throw new TypeError(`Cannot name a variable as two keys have the name ${name}`);
    byVariable.set(name, leaf);
  }
  return byVariable;
}

/**
 * The layer of command line flags, each by the key it sets: `{ listen: "127.0.0.1:0" }` is what `--listen` gave.
 *
 * @throws {TypeError} when there is no such key: a slip of whoever declares the flag.
 */
export function flagLayer(tree: ConfigNode, flags: Readonly<Record<string, string | undefined>>): Layer {
  const texts: NamedText[] = [];
  for (const [key, text] of Object.entries(flags)) {
    if (text === undefined) continue;
    const node = leaves(tree).find(({ path }) => path.join(".") === key);
    if (node === undefined) {
      throw new TypeError(`Cannot take a flag as it must set a known key: current value is "${key}"`);
    }
    texts.push({ name: `--${key}`, node, text });
  }
  return textLayer(texts);
}

interface NamedText {
  /** Stands for the file in places. */
  readonly name: string;
  readonly node: ConfigNode;
  readonly text: string;
}

function textLayer(texts: readonly NamedText[]): Layer {
  const value: Record<string, unknown> = Object.create(null);
  for (const { node, text } of texts) {
    let at = value;
    for (const part of node.path.slice(0, -1)) {
      const next = (at[part] ??= Object.create(null)) as Record<string, unknown>;
      at = next;
    }
    at[node.key] = fromText(node.value, text);
  }
  const place = (path: readonly PropertyKey[]): Place => {
    const found = texts.find(({ node }) => node.path.every((part, i) => part === path[i]));
    return { path: found?.name ?? "env", line: 1, column: 1 };
  };
  return { value, place };
}

/** What a text means as a value of the type; left as it is where it means none, for the schema to refuse. */
function fromText(type: ValueType, text: string): unknown {
  switch (type.type) {
    case "whole":
    case "number":
      return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "list": {
      const { value } = type.of;
      return text.trim() === "" ? [] : text.split(",").map((item) => fromText(value, item.trim()));
    }
    default:
      return text;
  }
}
