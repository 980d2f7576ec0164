/** What an entity's detections add up to. */

import type { EntityKey, Level } from "./detection.ts";

/** BENIGN up to 20, LOW up to 40, MEDIUM up to 60, HIGH up to 80, CRITICAL above. */
export const THREAT_LEVELS = ["BENIGN", "LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;

export type ThreatLevel = (typeof THREAT_LEVELS)[number];

/** The level of a score of 0 to 100. */
export function threatLevel(score: number): ThreatLevel {
  if (score <= 20) return "BENIGN";
  if (score <= 40) return "LOW";
  if (score <= 60) return "MEDIUM";
  return score <= 80 ? "HIGH" : "CRITICAL";
}

/** One detection's part in a score. */
export interface Contribution {
  readonly rule: string;
  /** The detection's id. */
  readonly detection: string;
  readonly level: Level;
  /** The rule's weight, 0 to 1. */
  readonly weight: number;
  /** How much of the score is its doing: shares add up to the score. */
  readonly share: number;
  /** Since the last event counted on the detection. */
  readonly age_seconds: number;
}

/** The threat score of one entity at one time, in the form it has outside. */
export interface ThreatScore {
  readonly entity: EntityKey;
  /** 0 to 100. */
  readonly overall_score: number;
  /** 0 to 1: how many independent collectors agree. */
  readonly confidence: number;
  readonly threat_level: ThreatLevel;
  /** Collectors whose events it rests on, sorted. */
  readonly contributing_agents: readonly string[];
  readonly correlation_count: number;
  /** Id of the event that fired the largest contribution's detection; null where there is none. */
  readonly primary_event: string | null;
  /** Ids of the events behind the contributions, newest detections first, at most 100. */
  readonly correlated_events: readonly string[];
  /** Largest share first. */
  readonly contributions: readonly Contribution[];
  /** RFC 3339. */
  readonly time: string;
  /** Nanoseconds since the epoch, as text since a JSON number cannot hold it. */
  readonly timestamp_ns: string;
}
