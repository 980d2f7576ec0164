/** A schema seen as a tree of keys: what reading, environment variables, reference page and template all go by. */

import { z } from "zod";
import { type TextForm, textForms } from "../core/schema.ts";

/** What a key takes. */
export type ValueType =
  | { readonly type: "text" }
  | { readonly type: TextForm["form"]; readonly min?: string; readonly max?: string }
  | { readonly type: "whole" | "number"; readonly min?: number; readonly max?: number }
  | { readonly type: "boolean" }
  | { readonly type: "choice"; readonly of: readonly string[] }
  /** A text or a number. */
  | { readonly type: "scalar" }
  /** Keys and values whose forms are checked elsewhere. */
  | { readonly type: "free" }
  | { readonly type: "list"; readonly of: ConfigNode }
  | { readonly type: "map"; readonly of: ConfigNode }
  | { readonly type: "section"; readonly keys: readonly ConfigNode[] };

/** One key of the configuration. */
export interface ConfigNode {
  /** From the top; `[]` stands for any item of a list, `<name>` for any key of a map. */
  readonly path: readonly string[];
  /** Last part of the path; empty at the top. */
  readonly key: string;
  readonly description: string;
  readonly value: ValueType;
  /** As it would be written; `undefined` when there is none. */
  readonly defaultValue: unknown;
  /** As it would be written; the default where the schema names none. */
  readonly example: unknown;
}

/** A key as people write it: `collectors.process.interval`, `rules.directories[0]`. */
export function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" || part === "[]" ? text + String(part) : `${text}.${String(part)}`;
  }, "");
}

/** The tree of a schema, its top being a section. */
export function configTree(schema: z.ZodType): ConfigNode {
  return node(schema as unknown as z.core.$ZodTypes, []);
}

/** Every key that holds a value of its own, sections left out, in the order of the schema. */
export function leaves(tree: ConfigNode): ConfigNode[] {
  return tree.value.type === "section" ? tree.value.keys.flatMap(leaves) : [tree];
}

/** The key a path leads to, or `undefined` when there is no such key. */
export function nodeAt(tree: ConfigNode, path: readonly PropertyKey[]): ConfigNode | undefined {
  let at: ConfigNode | undefined = tree;
  for (const part of path) {
    if (at === undefined) return undefined;
    const { value }: ConfigNode = at;
    if (value.type === "section") at = value.keys.find(({ key }) => key === part);
    else at = value.type === "list" || value.type === "map" ? value.of : undefined;
  }
  return at;
}

/** What a key takes, in the words of the reference and of error messages: "a whole number". */
export function phrase(value: ValueType): string {
  switch (value.type) {
    case "text":
      return "a text";
    case "scalar":
      return "a text or a number";
    case "free":
      return "keys and values";
    case "duration":
      return 'a duration such as "30s"';
    case "size":
      return 'a size such as "512MB"';
    case "secret":
      return "a text, env:NAME or file:PATH";
    case "whole":
      return "a whole number";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "choice":
      return `one of ${value.of.join(", ")}`;
    case "list":
      return `a list, each item ${phrase(value.of.value)}`;
    case "map":
      return `keys and values, each value ${phrase(value.of.value)}`;
    case "section":
      return "keys and values";
  }
}

/** What a key takes, with its limits. */
export function typeText({ value }: ConfigNode): string {
  switch (value.type) {
    case "duration":
    case "size":
    case "whole":
    case "number": {
      const name = value.type === "whole" ? "whole number" : value.type;
      if (value.min !== undefined && value.max !== undefined) return `${name}, ${value.min} to ${value.max}`;
      if (value.min !== undefined) return `${name}, at least ${value.min}`;
      return value.max === undefined ? name : `${name}, at most ${value.max}`;
    }
    case "text":
    case "secret":
      return value.type;
    default:
      return phrase(value);
  }
}

/** A description as a sentence, whether or not it was written with its full stop. */
export function sentence(description: string): string {
  return /[.!?]$/.test(description) ? description : `${description}.`;
}

function node(schema: z.core.$ZodTypes, path: readonly string[]): ConfigNode {
  let description: string | undefined;
  let examples: unknown;
  let defaultValue: unknown;
  let inner = schema;
  for (;;) {
    const meta = z.globalRegistry.get(inner);
    description ??= meta?.description;
    examples ??= meta?.examples;
    const { def } = inner._zod;
    if (def.type === "default" || def.type === "prefault") defaultValue ??= def.defaultValue;
    const next = unwrapped(inner);
    if (next === undefined) break;
    inner = next;
  }
  const example = Array.isArray(examples) && examples.length > 0 ? examples[0] : defaultValue;
  const key = path.at(-1) ?? "";
  return { path, key, description: description ?? "", value: valueType(inner, path), defaultValue, example };
}

/** What a wrapper is around, as seen by who writes the value; `undefined` for a schema that wraps nothing. */
function unwrapped(schema: z.core.$ZodTypes): z.core.$ZodTypes | undefined {
  const { def } = schema._zod;
  switch (def.type) {
    case "default":
    case "prefault":
    case "optional":
    case "nullable":
    case "readonly":
      return def.innerType as z.core.$ZodTypes;
    case "pipe":
      return def.in as z.core.$ZodTypes;
    default:
      return undefined;
  }
}

/** @throws {TypeError} when a schema is of a type that this file does not know: a slip of ours, found by any test. */
function valueType(schema: z.core.$ZodTypes, path: readonly string[]): ValueType {
  const { def } = schema._zod;
  switch (def.type) {
    case "string": {
      const text = textForms.get(schema as z.ZodString);
      if (text === undefined) return { type: "text" };
      const { form, ...limits } = text;
      return { type: form, ...limits };
    }
    case "number":
      return numberType(schema as z.ZodNumber);
    case "boolean":
      return { type: "boolean" };
    case "enum":
      return { type: "choice", of: Object.values(def.entries).map(String) };
    case "array":
      return { type: "list", of: node(def.element as z.core.$ZodTypes, [...path, "[]"]) };
    case "union":
      return { type: "scalar" };
    case "record":
      if ((def.valueType as z.core.$ZodTypes)._zod.def.type === "unknown") return { type: "free" };
      return { type: "map", of: node(def.valueType as z.core.$ZodTypes, [...path, "<name>"]) };
    case "object": {
      const keys = Object.entries(def.shape).map(([key, of]) => node(of as z.core.$ZodTypes, [...path, key]));
      return { type: "section", keys };
    }
    default:
      throw new TypeError(
        `Cannot describe ${dotted(path)} as its schema must be of a known type: current value is ${def.type}`,
      );
  }
}

function numberType(schema: z.ZodNumber): ValueType {
  const { minValue: min, maxValue: max } = schema;
  return {
    type: schema.format === "safeint" || schema.isInt ? "whole" : "number",
    ...(min !== null && min > Number.MIN_SAFE_INTEGER ? { min } : {}),
    ...(max !== null && max < Number.MAX_SAFE_INTEGER ? { max } : {}),
  };
}
