/** Forms of values that several keys of rule files have, as JSON Schema. */

/** A JSON Schema (draft-07, which every editor knows), or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A reference to one of the schema's definitions. */
export function ref(definition: string): JsonSchema {
  return { $ref: `#/definitions/${definition}` };
}

/** The same schema with a description, and whatever else is to stand beside it. */
export function described(description: string, schema: JsonSchema): JsonSchema {
  return "$ref" in schema ? { description, allOf: [schema] } : { description, ...schema };
}

/** A text that is not empty. */
export function textOf(lengthMax: number): JsonSchema {
  return { type: "string", minLength: 1, maxLength: lengthMax };
}

/** A text of a form. */
export function formOf(pattern: RegExp): JsonSchema {
  return { type: "string", pattern: pattern.source };
}

/** One of these, which editors offer, or another text of the form. */
export function offered(names: readonly string[], others: JsonSchema): JsonSchema {
  return { anyOf: [{ enum: names }, others] };
}

export function listOf(items: JsonSchema, min: number, max: number): JsonSchema {
  return { type: "array", items, minItems: min, maxItems: max };
}

/** A list, or one of its items by itself. */
export function oneOrMore(item: JsonSchema, max: number): JsonSchema {
  return { anyOf: [item, listOf(item, 1, max)] };
}

/** An object with these keys and no others. */
export function mappingOf(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
  more: JsonSchema = {},
): JsonSchema {
  return {
    type: "object",
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    ...more,
  };
}

/** `30s`, `1h30m`; also the number 0. */
export const DURATION: JsonSchema = {
  anyOf: [{ type: "string", pattern: "^(0|(\\d+(\\.\\d+)?(ms|s|m|h|d|w))+)$" }, { const: 0 }],
};

const SCALAR: JsonSchema = { type: ["string", "number", "boolean", "null"] };

/** What an event's field may hold. */
export const FIELD_VALUE: JsonSchema = { anyOf: [SCALAR, { type: "array", items: SCALAR }] };
