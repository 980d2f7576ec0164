/** Conditions: one tree for both front ends and for windows, decided by closures, explained by what was written. */

import type { FieldValue } from "../core/event.ts";

/** What a condition looks at: an event's fields, or a window's facts. */
export interface Facts {
  /** The value of a fact; `undefined` when there is none. */
  get(name: string): FieldValue | undefined;
  /** The same in lower case where it is text or a list of texts, folded at most once for each fact. */
  folded(name: string): FieldValue | undefined;
  /** The names of an event's own fields, for keywords, which any of them may hold. */
  names(): Iterable<string>;
}

/** A text that must be in a field for a test to hold, in lower case. */
export interface Literal {
  readonly how: "equals" | "startsWith" | "endsWith" | "contains";
  readonly text: string;
}

/** Any part of a condition. */
export interface Part {
  /** What the rule calls it, as Sigma's detections are called something: for whoever reads an explanation. */
  readonly label?: string;
}

/** A leaf: one fact against one value. */
export interface Test extends Part {
  readonly type: "test";
  /** The fact as written. */
  readonly fact: string;
  /** Fields it reads: the first that is present counts. Empty: all text fields of the event (Sigma's keywords). */
  readonly fields: readonly string[];
  /** The operator as written, decorators or modifiers included. */
  readonly operator: string;
  /** What it is held against, as written. */
  readonly value: unknown;
  /** The name of the list of the configuration that `value` is, where the rule names one. */
  readonly list?: string;
  /** Decides. Pure, never throws, takes time linear in what it reads. */
  readonly accepts: (facts: Facts) => boolean;
  /**
   * Texts of which at least one must be in one of `fields` (folded; a number or boolean as it is written; any item of a list) when
   * `accepts` holds; null when none can be named.
   */
  readonly witnesses: readonly Literal[] | null;
  /** Rough cost of `accepts`; an exact comparison is 1. */
  readonly cost: number;
  /** There when `fact`, `operator` and `value` are json-rules-engine's: its evaluation is then what `accepts` is held to. */
  readonly jsonRules?: true;
}

export interface Branch extends Part {
  readonly type: "all" | "any";
  readonly of: readonly Condition[];
}

export interface Negation extends Part {
  readonly type: "not";
  readonly of: readonly [Condition];
}

export type Condition = Branch | Negation | Test;

/** A condition as one closure. */
export type Predicate = (facts: Facts) => boolean;
