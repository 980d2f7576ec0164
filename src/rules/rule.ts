/** The one form in which every rule runs, whatever it was written in. */

import type { Place } from "../core/errors.ts";
import type { FieldValue } from "../core/event.ts";
import type { Level } from "../core/detection.ts";
import type { Condition } from "./condition.ts";

/** Which events a rule looks at, by a name its window facts carry. */
export interface Selection {
  readonly name: string;
  /** Kinds it takes; null for every kind. */
  readonly kinds: readonly string[] | null;
  /** Id of a rule whose matches, suppressed or not, are its events; null when it takes events themselves. */
  readonly rule: string | null;
  /** What the event must be like; null when its kind or rule is enough. */
  readonly where: Condition | null;
}

/** How a rule's matches are put together. */
export interface Correlation {
  /** Fields whose values make the group; the host where the rule names none. */
  readonly groupBy: readonly string[];
  /** Length of the window: milliseconds. */
  readonly timespanMs: number;
  /** Whether the selections must be met in the order written. */
  readonly ordered: boolean;
  /** On the window's facts. */
  readonly when: Condition;
}

/** How a detection's contribution grows with what it saw: `min(max, fact / at)`, never under 1. */
export interface Strength {
  readonly fact: string;
  /** The value at which strength is 1. */
  readonly at: number;
  readonly max: number;
}

/** An event of a rule's own test. */
export interface RuleTestEvent {
  /** After the start of the test: milliseconds. */
  readonly atMs: number;
  readonly kind: string;
  readonly source: string;
  readonly host: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** A firing that a test expects: each stated part must be as stated. */
export interface ExpectedFiring {
  readonly atMs?: number;
  readonly group?: Readonly<Record<string, FieldValue>>;
  readonly count?: number;
}

/** A rule's own test: these events, and exactly these firings. */
export interface RuleTest {
  readonly name: string;
  readonly place: Place;
  readonly events: readonly RuleTestEvent[];
  /** In order; empty: the rule must stay silent. */
  readonly expect: readonly ExpectedFiring[];
}

export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly level: Level;
  /** 0 to 1. */
  readonly weight: number;
  readonly tags: readonly string[];
  readonly format: "native" | "sigma";
  readonly place: Place;
  /** At least one, names distinct, in the order written. */
  readonly selections: readonly Selection[];
  /** Null: every selected event fires by itself. */
  readonly correlation: Correlation | null;
  /** Milliseconds after a firing in which the same group is silent; 0 for none. */
  readonly suppressMs: number;
  /** Fields whose values are the entities it counts for; null: its host, and the address and user of its group. */
  readonly entities: readonly string[] | null;
  /** With `{fact}` for a field of the event that fired it, or a fact of the window; null: the title. */
  readonly message: string | null;
  readonly strength: Strength | null;
  readonly tests: readonly RuleTest[];
}

/** An event that met a selection of a rule. */
export interface Match {
  readonly rule: Rule;
  readonly selection: Selection;
}
