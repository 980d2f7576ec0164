/** Sigma's values as they stand once their modifiers have been applied. */

import type { Network } from "../../core/cidr.ts";
import type { Expression } from "../../core/expression.ts";
import type { TextEncoding } from "./encoding.ts";
import type { SigmaText } from "./text.ts";

/** Parts of a time that a field's value can be asked for; all of UTC. */
export const TIME_PARTS = ["minute", "hour", "day", "week", "month", "year"] as const;

export type TimePart = (typeof TIME_PARTS)[number];

export type Comparison = "eq" | "gt" | "gte" | "lt" | "lte";

/** One value that a field is held against. */
export type SigmaValue =
  | {
    readonly type: "text";
    readonly text: SigmaText;
    readonly cased: boolean;
    /** What a following base64 encodes the text as. */
    readonly encoding: TextEncoding;
  }
  | { readonly type: "number"; readonly number: number }
  | { readonly type: "boolean"; readonly boolean: boolean }
  | { readonly type: "null" }
  | {
    readonly type: "pattern";
    /** A regular expression, not compiled yet. */
    readonly pattern: string;
    readonly flags: string;
    readonly anchor: "none" | "start" | "end";
  }
  | { readonly type: "expression"; readonly expression: Expression }
  | { readonly type: "network"; readonly network: Network }
  | {
    readonly type: "compare";
    readonly comparison: Comparison;
    readonly number: number;
    /** Which part of the field's time is compared; null for the field's number. */
    readonly part: TimePart | null;
  }
  | {
    readonly type: "field";
    readonly field: string;
    readonly how: "equals" | "startsWith" | "endsWith" | "contains";
  }
  | { readonly type: "exists"; readonly exists: boolean }
  /** What one written value expands to: any of them, whatever links the written values. */
  | { readonly type: "anyOf"; readonly of: readonly SigmaValue[] };

/** Why a value cannot be what its modifiers make of it: the end of a sentence, and what would be right. */
export interface ValueProblem {
  readonly problem: string;
  readonly hint?: string;
}
