/**
 * What an entity's detections add up to: bounded, whatever their order, repeats counting less, falling by itself.
 *
 * A detection contributes `c = min(99.9, 100 · weight · strength · 2^(-age/halfLife))`; those of one rule, the largest first, count
 * `1/k^1.5` each; the score is `100 · (1 - prod(1 - c/100))`.
 */

import type { Detection, EntityKey } from "../core/detection.ts";
import { toRfc3339 } from "../core/event.ts";
import { type Contribution, threatLevel, type ThreatScore } from "../core/score.ts";

/** The most that one detection contributes. */
export const CONTRIBUTION_MAX = 99.9;

/** Contributions below this are dropped. */
export const CONTRIBUTION_MIN = 0.1;

/** After this many half-lives even the largest contribution is below {@linkcode CONTRIBUTION_MIN}: nothing is left of it. */
export const SCORE_HALF_LIVES_KEPT = 10;

/** The most that informational and low rules give together. */
export const LOW_LEVELS_MAX = 40;

/** How many event ids a score lists. */
export const SCORE_EVENTS_MAX = 100;

/** How the n-th detection of one rule, counted from 1, weighs against the first: n to the power of minus this. */
const REPEAT_EXPONENT = 1.5;

/**
 * Before the id of a rule, where repeats are counted: those under the cap of {@linkcode LOW_LEVELS_MAX} are counted apart. A rule whose
 * level was tuned has old detections of another level; were they counted together, a new capped one could take the place of one that
 * counts in full, and more detections would give a lower score.
 */
const LOW_REPEATS = "low ";

/** How far one collector alone is to be doubted. */
const DOUBT = 0.4;

export interface ScoringOptions {
  /** How long a detection takes to count for half: milliseconds. */
  readonly halfLifeMs: number;
}

/** A detection and what it contributes. */
interface Part {
  readonly detection: Detection;
  /** 0.1 to 99.9. */
  readonly contribution: number;
}

/** What a detection contributes by itself, 0 to 99.9: age counts from the last event counted on it, never below 0. */
export function contributionOf({ weight, strength, lastMs }: Detection, nowMs: number, halfLifeMs: number): number {
  const age = Math.max(0, nowMs - lastMs);
  return Math.min(CONTRIBUTION_MAX, 100 * weight * strength * 2 ** (-age / halfLifeMs));
}

/** The score of an entity from detections that count for it, each with its own id. `nowMs`: milliseconds since the epoch. */
export function scoreEntity(
  entity: EntityKey,
  detections: readonly Detection[],
  nowMs: number,
  { halfLifeMs }: ScoringOptions,
): ThreatScore {
  const parts = partsOf(detections, nowMs, halfLifeMs);
  const logs = logarithms(parts);
  const logSum = logs.reduce((sum, log) => sum + log, 0);
  const score = Math.min(100, -100 * Math.expm1(logSum));
  const contributions = parts.map(({ detection }, i): Contribution => ({
    rule: detection.rule,
    detection: detection.id,
    level: detection.level,
    weight: detection.weight,
    share: (logs[i] as number) / logSum * score,
    age_seconds: Math.max(0, nowMs - detection.lastMs) / 1000,
  }));
  const byShare = contributions.map((contribution, i) => ({ contribution, part: parts[i] as Part }))
    .sort((a, b) => b.contribution.share - a.contribution.share || compareIds(a.part.detection, b.part.detection));
  const agents = [...new Set(parts.flatMap(({ detection }) => detection.sources))].sort();
  const primary = byShare[0]?.part.detection;
  return {
    entity,
    overall_score: parts.length === 0 ? 0 : score,
    confidence: 1 - DOUBT ** agents.length,
    threat_level: threatLevel(parts.length === 0 ? 0 : score),
    contributing_agents: agents,
    correlation_count: parts.filter(({ detection }) => isCorrelated(detection)).length,
    primary_event: primary === undefined ? null : firedBy(primary),
    correlated_events: eventsOf(parts),
    contributions: byShare.map(({ contribution }) => contribution),
    time: toRfc3339(nowMs),
    timestamp_ns: String(BigInt(Math.round(nowMs * 1000)) * 1000n),
  };
}

/** What is left once rules that others stand for, repeats and what hardly counts are dealt with; the largest first. */
function partsOf(detections: readonly Detection[], nowMs: number, halfLifeMs: number): Part[] {
  const present = detections
    .map((detection) => ({ detection, contribution: contributionOf(detection, nowMs, halfLifeMs) }))
    .filter(({ contribution }) => contribution >= CONTRIBUTION_MIN)
    .sort((a, b) => b.contribution - a.contribution || compareIds(a.detection, b.detection));
  const replaced = new Set(present.flatMap(({ detection }) => detection.consumes));
  const repeats = new Map<string, number>();
  const parts: Part[] = [];
  for (const { detection, contribution } of present) {
    if (replaced.has(detection.rule)) continue;
    const repeated = isLow(detection) ? LOW_REPEATS + detection.rule : detection.rule;
    const nth = (repeats.get(repeated) ?? 0) + 1;
    repeats.set(repeated, nth);
    const counted = contribution / nth ** REPEAT_EXPONENT;
    if (counted >= CONTRIBUTION_MIN) parts.push({ detection, contribution: counted });
  }
  return parts;
}

/** `ln(1 - c/100)` of each part; those of informational and low rules are scaled so that together they stay within their cap. */
function logarithms(parts: readonly Part[]): number[] {
  const logs = parts.map(({ contribution }) => Math.log1p(-contribution / 100));
  const lowSum = logs.reduce((sum, log, i) => isLow((parts[i] as Part).detection) ? sum + log : sum, 0);
  const lowMost = Math.log1p(-LOW_LEVELS_MAX / 100);
  if (lowSum >= lowMost) return logs;
  return logs.map((log, i) => isLow((parts[i] as Part).detection) ? log * lowMost / lowSum : log);
}

function isLow({ level }: Detection): boolean {
  return level === "informational" || level === "low";
}

function isCorrelated({ evidence, consumes }: Detection): boolean {
  return evidence.when !== undefined || consumes.length > 0;
}

/** The event a detection fired with: the latest that its evidence names, as later ones are counted but not evidence. */
function firedBy({ evidence, eventIds }: Detection): string | null {
  const named = evidence.selections.map(({ event_id }) => eventIds.indexOf(event_id));
  const latest = Math.max(-1, ...named);
  return (latest < 0 ? eventIds.at(-1) : eventIds[latest]) ?? null;
}

function eventsOf(parts: readonly Part[]): string[] {
  const newestFirst = parts.map(({ detection }) => detection)
    .sort((a, b) => b.timeMs - a.timeMs || compareIds(a, b));
  const ids = new Set<string>();
  for (const { eventIds } of newestFirst) {
    for (const id of eventIds) if (ids.size < SCORE_EVENTS_MAX) ids.add(id);
  }
  return [...ids];
}

function compareIds(a: Detection, b: Detection): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
