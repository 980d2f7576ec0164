/**
 * Rule files as JSON Schema, so that editors complete and check them as they are written. It is no narrower than what loads;
 * `rules check` is what decides, as it also knows the other rules.
 */

import type { KindDescription } from "../../core/collector.ts";
import type { JsonSchema } from "./forms.ts";
import { NATIVE_RULE, nativeDefinitions } from "./native.ts";
import { SIGMA_CORRELATION, SIGMA_FILTER, SIGMA_RULE } from "./sigma.ts";

export type { JsonSchema } from "./forms.ts";

/**
 * JSON Schema (draft-07) of one document of a rule file. Name it in the file's first line: `# yaml-language-server: $schema=...`.
 * `kinds` are those that editors offer.
 */
export function ruleFileSchema(kinds: readonly KindDescription[]): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Weir rule",
    description: "A rule of Weir's own, or a Sigma rule, correlation or filter",
    ...byKey([["detection", SIGMA_RULE], ["correlation", SIGMA_CORRELATION], ["filter", SIGMA_FILTER]], NATIVE_RULE),
    definitions: nativeDefinitions(kinds),
  };
}

/** The schema of the first key that is there; so what is wrong is told of that form, not of each that it might have been. */
function byKey(forms: readonly (readonly [key: string, schema: JsonSchema])[], otherwise: JsonSchema): JsonSchema {
  const [first, ...rest] = forms;
  if (first === undefined) return otherwise;
  const [key, schema] = first;
  return { if: { type: "object", required: [key] }, then: schema, else: byKey(rest, otherwise) };
}
