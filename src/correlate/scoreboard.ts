/** The scores of all entities, kept up as detections come and time goes by. */

import type { Detection, EntityKey } from "../core/detection.ts";
import type { ThreatScore } from "../core/score.ts";
import { Heap } from "./heap.ts";
import { CONTRIBUTION_MIN, contributionOf, scoreEntity } from "./scoring.ts";

export interface ScoreboardOptions {
  /** How long a detection takes to count for half: milliseconds. */
  readonly halfLifeMs: number;
  /** Entities with a score at most. The one left alone for longest goes for a new one. */
  readonly entitiesMax: number;
}

/** Detections kept of one entity at most. The one that was put first goes for a new one. */
export const ENTITY_DETECTIONS_MAX = 500;

/** A score is told again when it has changed by this much. */
const CHANGE_MIN = 0.1;

/** A score that detections keep alive is told again after this long, changed or not: milliseconds. */
const RETELL_MS = 60_000;

/** Level changes by decay are looked for no more often than this: milliseconds. */
const CHECK_INTERVAL_MS = 1_000;

/** Where a falling score changes level, and where nothing is left of it. */
const THRESHOLDS = [80, 60, 40, 20, CONTRIBUTION_MIN];

/** Counts of this run, and what is held now. */
export interface ScoreboardStats {
  readonly entities: number;
  readonly entitiesEvicted: number;
  readonly detectionsEvicted: number;
}

interface Standing {
  readonly entity: EntityKey;
  readonly detections: Map<string, Detection>;
  told: ThreatScore | undefined;
  toldMs: number;
  /** When its level may next change by decay. */
  checkMs: number;
}

interface Check {
  readonly atMs: number;
  readonly standing: Standing;
}

export class Scoreboard {
  readonly #options: ScoreboardOptions;
  /** The one left alone for longest first. */
  readonly #standings = new Map<EntityKey, Standing>();
  readonly #touched = new Set<Standing>();
  readonly #restored = new Set<EntityKey>();
  readonly #checks = new Heap<Check>((a, b) => a.atMs < b.atMs);
  #checkedMs = -Infinity;
  #entitiesEvicted = 0;
  #detectionsEvicted = 0;

  constructor(options: ScoreboardOptions) {
    this.#options = options;
  }

  /** Takes a detection that was told of before a restart: the scores it gives are not told again. */
  restore(detection: Detection): void {
    this.put(detection);
    for (const entity of detection.entities) this.#restored.add(entity);
  }

  /** Takes a new detection, or the later form of one. */
  put(detection: Detection): void {
    for (const entity of detection.entities) {
      const standing = this.#standingOf(entity);
      const { detections } = standing;
      detections.delete(detection.id);
      detections.set(detection.id, detection);
      if (detections.size > ENTITY_DETECTIONS_MAX) {
        const [oldest] = detections.keys();
        if (oldest !== undefined) detections.delete(oldest);
        this.#detectionsEvicted++;
      }
      this.#touched.add(standing);
    }
  }

  /** Scores that detections have changed since the last call, and those whose level has changed by decay, to within a second. */
  take(nowMs: number): ThreatScore[] {
    const scores: ThreatScore[] = [];
    for (const standing of this.#touched) {
      const score = this.#evaluate(standing, nowMs);
      const known = this.#restored.has(standing.entity);
      if (known || isNews(standing, score, nowMs)) tell(standing, score, nowMs);
      if (!known && standing.told === score) scores.push(score);
    }
    this.#touched.clear();
    this.#restored.clear();
    if (nowMs < this.#checkedMs + CHECK_INTERVAL_MS) return scores;
    this.#checkedMs = nowMs;
    for (let check = this.#checks.peek(); check !== undefined && check.atMs <= nowMs; check = this.#checks.peek()) {
      this.#checks.pop();
      const { standing, atMs } = check;
      if (standing.checkMs !== atMs || this.#standings.get(standing.entity) !== standing) continue;
      const score = this.#evaluate(standing, nowMs);
      if (score.threat_level !== standing.told?.threat_level) scores.push(tell(standing, score, nowMs));
    }
    return scores;
  }

  /** The score of an entity; `undefined` when it has none. */
  score(entity: EntityKey, nowMs: number): ThreatScore | undefined {
    const standing = this.#standings.get(entity);
    const score = standing === undefined ? undefined : this.#score(standing, nowMs);
    return score === undefined || score.contributions.length === 0 ? undefined : score;
  }

  /** All scores, the highest first. */
  all(nowMs: number): ThreatScore[] {
    const scores = [...this.#standings.values()].map((standing) => this.#score(standing, nowMs));
    return scores.filter(({ contributions }) => contributions.length > 0)
      .sort((a, b) => b.overall_score - a.overall_score || (a.entity < b.entity ? -1 : 1));
  }

  stats(): ScoreboardStats {
    return {
      entities: this.#standings.size,
      entitiesEvicted: this.#entitiesEvicted,
      detectionsEvicted: this.#detectionsEvicted,
    };
  }

  #standingOf(entity: EntityKey): Standing {
    let standing = this.#standings.get(entity);
    if (standing !== undefined) this.#standings.delete(entity);
    else {
      standing = { entity, detections: new Map(), told: undefined, toldMs: -Infinity, checkMs: Infinity };
      if (this.#standings.size >= this.#options.entitiesMax) this.#evictOldest();
    }
    this.#standings.set(entity, standing);
    return standing;
  }

  #evictOldest(): void {
    for (const [entity, standing] of this.#standings) {
      this.#standings.delete(entity);
      this.#touched.delete(standing);
      this.#entitiesEvicted++;
      return;
    }
  }

  #score({ entity, detections }: Standing, nowMs: number): ThreatScore {
    return scoreEntity(entity, [...detections.values()], nowMs, this.#options);
  }

  /** Scores an entity, lets go of what has decayed, and settles when to look again. */
  #evaluate(standing: Standing, nowMs: number): ThreatScore {
    const { detections, entity } = standing;
    const { halfLifeMs } = this.#options;
    for (const detection of detections.values()) {
      if (contributionOf(detection, nowMs, halfLifeMs) < CONTRIBUTION_MIN) detections.delete(detection.id);
    }
    const score = this.#score(standing, nowMs);
    if (detections.size === 0) this.#standings.delete(entity);
    else {
      standing.checkMs = nowMs + Math.max(CHECK_INTERVAL_MS, fallMs(score.overall_score, halfLifeMs));
      this.#checks.push({ atMs: standing.checkMs, standing });
    }
    return score;
  }
}

/**
 * How long a score takes at least to fall to where its level changes. When every contribution is multiplied by a factor of at most
 * 1, the score is at least that factor of what it was: so it is not sooner than if it fell as one contribution does.
 */
function fallMs(score: number, halfLifeMs: number): number {
  const threshold = THRESHOLDS.find((at) => at < score);
  return threshold === undefined ? 0 : halfLifeMs * Math.log2(score / threshold);
}

function isNews({ told, toldMs }: Standing, score: ThreatScore, nowMs: number): boolean {
  if (told === undefined || told.threat_level !== score.threat_level) return true;
  return Math.abs(told.overall_score - score.overall_score) >= CHANGE_MIN || nowMs - toldMs >= RETELL_MS;
}

function tell(standing: Standing, score: ThreatScore, nowMs: number): ThreatScore {
  standing.told = score;
  standing.toldMs = nowMs;
  return score;
}
