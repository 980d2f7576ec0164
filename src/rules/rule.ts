/** The one form in which every rule runs, whatever it was written in. */

import type { Place } from "../core/errors.ts";
import type { FieldValue } from "../core/event.ts";
import type { Level } from "../core/detection.ts";
import type { Condition } from "./condition.ts";

/** Where a Sigma rule's events come from, as it says it. */
export interface LogSource {
  readonly category: string | null;
  readonly product: string | null;
  readonly service: string | null;
}

/** Operating system of a host: ECS `host.os.type`. An event without that field is from Linux. */
export type OsType = "linux" | "windows" | "macos";

/** Which events a rule looks at, by a name its window facts carry. */
export interface Selection {
  readonly name: string;
  /** Kinds it takes; null for every kind. */
  readonly kinds: readonly string[] | null;
  /** Id of a rule whose matches, suppressed or not, are its events; null when it takes events themselves. */
  readonly rule: string | null;
  /** Where the matches of several rules are its events, the ids of all of them; `rule` is the first. */
  readonly rules?: readonly string[];
  /** The log source a Sigma rule names; absent in native rules. */
  readonly logSource?: LogSource;
  /** Takes events of hosts of this system only (but every foreign event); absent: of any. */
  readonly os?: OsType;
  /** What the event must be like; null when its kind or rule is enough. */
  readonly where: Condition | null;
  /**
   * Made by Weir, not written by the rule's author: its events bear on the correlation (they end an unbroken run), and are no
   * matches of the rule. Absent: no.
   */
  readonly hidden?: true;
}

/** An unbroken run of events that meet a selection, reaching back a whole timespan. */
export interface Sustained {
  readonly type: "sustained";
  readonly selection: string;
  /** The hidden selection that takes what the other could take: an event that meets it alone ends the run. */
  readonly others: string;
  /** The longest silence within a run: milliseconds. */
  readonly gapMs: number;
}

/**
 * An event of a selection that did not come within the timespan: since the group's last one where the rule has that selection
 * alone, else since an event of another selection.
 */
export interface Absent {
  readonly type: "absent";
  readonly selection: string;
  /** Groups waited for from the start on, seen or not: values of the group-by fields, in their order. */
  readonly groups: readonly (readonly FieldValue[])[];
}

/** Events whose value of a field was first seen in their group less than a timespan ago. The value is part of their group. */
export interface Novel {
  readonly type: "new";
  readonly field: string;
  /** From a group's first event on, values are learnt and none is new: milliseconds. */
  readonly learningMs: number;
}

/** On which side of its group's history a value must lie. */
export const DIRECTIONS = ["above", "below", "either"] as const;

/** Events of a selection whose number in a field lies far from the group's history. */
export interface Baseline {
  readonly type: "baseline";
  readonly selection: string;
  readonly field: string;
  /** How far: median absolute deviations, scaled to be standard deviations where values are normally distributed. */
  readonly deviations: number;
  /** Values there must be in the history first. */
  readonly minimum: number;
  /** How far the history reaches back: milliseconds. */
  readonly historyMs: number;
  readonly direction: (typeof DIRECTIONS)[number];
}

/** What a correlation asks beside its condition, or which events it lets into its windows. */
export type Pattern = Sustained | Absent | Novel | Baseline;

/** How a rule's matches are put together. */
export interface Correlation {
  /** Fields whose values make the group; the host where the rule names none. */
  readonly groupBy: readonly string[];
  /** Whether all events are one group, whatever their host; then `groupBy` is empty. Absent: no. */
  readonly global?: boolean;
  /**
   * Names in `groupBy`, and of fields measured in `when`, that stand for other fields in the events of some rules: by name, then
   * by the id of the rule whose match the event is, the fields to read instead, of which the first that is present counts.
   */
  readonly aliases?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Length of the window: milliseconds. */
  readonly timespanMs: number;
  /** Whether the selections must be met in the order written. */
  readonly ordered: boolean;
  /** On the window's facts. That of a pattern is in it, where the pattern has one. */
  readonly when: Condition;
  readonly pattern?: Pattern;
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

/** What a rule's id looks like, and that in words. A Sigma rule's is its UUID. */
export const RULE_ID = /^[a-z0-9][a-z0-9-]{0,99}$/i;
export const RULE_ID_FORM = 'a letter or digit, then up to 99 letters, digits and "-"';

export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly level: Level;
  /** 0 to 1. */
  readonly weight: number;
  readonly tags: readonly string[];
  readonly format: "native" | "sigma";
  /** Whether its matches only feed other rules and make no detections of their own. Absent: no. */
  readonly silent?: boolean;
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
