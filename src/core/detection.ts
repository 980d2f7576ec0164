/** What a rule says when it fires. */

import type { FieldValue } from "./event.ts";

/** Sigma's levels, from least to most. */
export const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;

export type Level = (typeof LEVELS)[number];

/** A rule's share of a score where it states none: 0 to 1, by level. */
export const WEIGHT_BY_LEVEL: Readonly<Record<Level, number>> = {
  informational: 0.1,
  low: 0.3,
  medium: 0.5,
  high: 0.7,
  critical: 0.9,
};

/** Values of the group-by fields, by field name. */
export type Group = Readonly<Record<string, FieldValue>>;

/** Whose score a detection counts for: `host:web-1`, `ip:203.0.113.9`, `user:root`. */
export type EntityKey = `${EntityType}:${string}`;

export const ENTITY_TYPES = ["host", "ip", "user"] as const;

export type EntityType = (typeof ENTITY_TYPES)[number];

/** The type and the id of an entity key, or `undefined` when the text is not one. */
export function parseEntityKey(key: string): { type: EntityType; id: string } | undefined {
  const colon = key.indexOf(":");
  const type = ENTITY_TYPES.find((t) => t === key.slice(0, colon));
  return type === undefined || colon === key.length - 1 ? undefined : { type, id: key.slice(colon + 1) };
}

/** One node of an evaluated condition: why a rule fired, or where it stopped. */
export type EvaluatedNode =
  | { readonly type: "all" | "any"; readonly result: boolean; readonly of: readonly EvaluatedNode[] }
  | { readonly type: "not"; readonly result: boolean; readonly of: readonly [EvaluatedNode] }
  | {
    readonly type: "test";
    readonly result: boolean;
    readonly fact: string;
    readonly operator: string;
    /** What the condition asked for. */
    readonly value: unknown;
    /** What it saw; absent when the fact was. */
    readonly saw?: unknown;
  };

/** Why a detection came to be. */
export interface Evidence {
  /** The correlation's `when`, evaluated by json-rules-engine on the window's facts; absent for a rule without one. */
  readonly when?: EvaluatedNode;
  /** For each selection, the last event it met in the window, and its `where` evaluated on that event. */
  readonly selections: readonly {
    readonly selection: string;
    readonly event_id: string;
    readonly where?: EvaluatedNode;
  }[];
}

/** How many event ids a detection lists: the first ones that made it fire. What came later is in `count`. */
export const DETECTION_EVENTS_MAX = 100;

/** A rule that fired for a group, and what has come since. */
export interface Detection {
  /** Hash of rule, group and the event that fired it: the same firing always has the same id. */
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly level: Level;
  /** 0 to 1. */
  readonly weight: number;
  /** 1 unless the rule says how it grows. */
  readonly strength: number;
  readonly tags: readonly string[];
  /** Time of the event that fired it: milliseconds since the epoch. */
  readonly timeMs: number;
  /** Time of the last event counted on it. */
  readonly lastMs: number;
  readonly host: string;
  readonly group: Group;
  readonly entities: readonly EntityKey[];
  readonly message: string;
  /** How many events are counted on it, those that fired it included. */
  readonly count: number;
  /** At most {@linkcode DETECTION_EVENTS_MAX}, oldest first. */
  readonly eventIds: readonly string[];
  /** Collectors whose events it rests on, sorted. */
  readonly sources: readonly string[];
  /** Rules whose detections it stands for in a score. */
  readonly consumes: readonly string[];
  readonly state: "open" | "closed";
  readonly evidence: Evidence;
}
